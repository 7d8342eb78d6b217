import { TOKENS } from '../support/service/bulk-imports-client.ts';

/** Bodies that nobody sends by mistake, as `[what, content type, body, expected status]`. One case is one line. */
export type HostileBody = [string, string, string, number];

const KIB = 1024;
const MIB = KIB * KIB;

const JSON_TYPE = 'application/json';
const FORM = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data; boundary=x';

const part = (name: string, value: string) =>
  `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const nest = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
const fields = (count: number) => Array.from({ length: count }, (_, index) => `"k${index}":${index}`).join();

/** Stands in the bodies for the URL of the source, which is known only when the tests run. */
export const SOURCE_URL = 'https://source.example';

const valid = {
  configuration: { url: SOURCE_URL, access_token: TOKENS.source } as Record<string, unknown>,
  entities: [entityFor('never')],
};

function entityFor(slug: string): Record<string, unknown> {
  return {
    source_type: 'group_entity',
    source_full_path: 'acme',
    destination_slug: slug,
    destination_namespace: 'imported',
  };
}

const [entity] = valid.entities;
const configuration = JSON.stringify(valid.configuration);
const json = (changes: object) => JSON.stringify({ ...valid, ...changes });
const one = (changes: object) => json({ entities: [{ ...entity, ...changes }] });
const withConfiguration = (changes: object) =>
  json({ configuration: { ...valid.configuration, ...changes } });
const raw = (entities: string) => `{"configuration":${configuration},"entities":${entities}}`;

let accepts = 0;
/** A request that is accepted, for a destination of its own, with more after it. */
function accepted(extra: string): string {
  accepts += 1;
  return `{"configuration":${configuration},"entities":[${JSON.stringify(entityFor(`copy-${accepts}`))}]${extra}}`;
}

export const HOSTILE_BODIES: HostileBody[] = [
  // Size and depth
  ['nothing', JSON_TYPE, '', 400],
  ['2 MiB of spaces and more', JSON_TYPE, `${' '.repeat(2 * MIB)}{}`, 413],
  ['2 MiB of a form and more', FORM, `a=${'x'.repeat(2 * MIB)}`, 413],
  ['2 MiB in parts and more', MULTIPART, `${part('a', 'x'.repeat(2 * MIB))}--x--\r\n`, 413],
  [
    'a string of almost 2 MiB that nobody asked for',
    JSON_TYPE,
    accepted(`,"x":"${'x'.repeat(2_000_000)}"`),
    201,
  ],
  ['arrays a million deep', JSON_TYPE, nest('[', ']', 1_000_000), 400],
  ['objects deep as can be', JSON_TYPE, `${'{"a":'.repeat(300_000)}1${'}'.repeat(300_000)}`, 400],
  [
    'arrays deep in a field that nobody asked for',
    JSON_TYPE,
    accepted(`,"x":${nest('[', ']', 900_000)}`),
    400,
  ],
  ['arrays deep in the place of the entities', JSON_TYPE, raw(nest('[', ']', 900_000)), 400],
  [
    'arrays deep in the place of a path',
    JSON_TYPE,
    raw(`[{"source_full_path":${nest('[', ']', 900_000)}}]`),
    400,
  ],
  ['a hundred thousand fields', JSON_TYPE, accepted(`,"x":{${fields(100_000)}}`), 201],
  ['a hundred thousand entities', JSON_TYPE, raw(`[${'{},'.repeat(99_999)}{}]`), 400],
  ['a thousand entities and one', JSON_TYPE, json({ entities: Array(1001).fill(entity) }), 400],
  [
    'a thousand entities with all that can be wrong',
    JSON_TYPE,
    json({ entities: Array(1000).fill({}) }),
    400,
  ],
  ['a number of a million digits', JSON_TYPE, raw(`[${'9'.repeat(1_000_000)}]`), 400],
  ['a number that is too large for one', JSON_TYPE, raw('[{"source_full_path":1e999}]'), 400],
  ['half a million form fields', FORM, 'a=1&'.repeat(500_000), 400],
  ['a form whose names nest without end', FORM, `entities${'[a]'.repeat(500_000)}=1`, 400],
  ['a form with a million array signs', FORM, `entities${'[]'.repeat(900_000)}=1`, 400],
  ['a form with a million brackets', FORM, `entities${'['.repeat(1_900_000)}=1`, 400],
  ['a form of a hundred thousand entities', FORM, 'entities[][a]=1&'.repeat(100_000), 400],
  ['a form with an index beyond all', FORM, 'entities[99999999999999999999][source_type]=group_entity', 400],
  ['twenty thousand parts', MULTIPART, `${part('a', '1').repeat(20_000)}--x--\r\n`, 400],
  ['a part with half a MiB of a name', MULTIPART, `${part('n'.repeat(MIB / 2), '1')}--x--\r\n`, 400],
  // Types
  ['text', JSON_TYPE, '"text"', 400],
  ['null', JSON_TYPE, 'null', 400],
  ['an array', JSON_TYPE, `[${JSON.stringify(valid)}]`, 400],
  ['entities that are an object', JSON_TYPE, json({ entities: { 0: entity, length: 1 } }), 400],
  ['entities that are text', JSON_TYPE, json({ entities: 'group_entity' }), 400],
  ['entities that are null', JSON_TYPE, json({ entities: [null] }), 400],
  ['entities in entities', JSON_TYPE, json({ entities: [[entity]] }), 400],
  ['a configuration that is an array', JSON_TYPE, json({ configuration: [valid.configuration] }), 400],
  ['a path that is an object with toString', JSON_TYPE, one({ source_full_path: { toString: 'acme' } }), 400],
  ['a slug that is an array', JSON_TYPE, one({ destination_slug: ['acme'] }), 400],
  ['a source type that is true', JSON_TYPE, one({ source_type: true }), 400],
  ['a flag that is an object', JSON_TYPE, one({ migrate_projects: {} }), 400],
  // Lengths
  ['a slug of 256 letters', JSON_TYPE, one({ destination_slug: 'a'.repeat(256) }), 400],
  ['a slug of a million letters', JSON_TYPE, one({ destination_slug: 'a'.repeat(1_000_000) }), 400],
  ['a slug of many parts', JSON_TYPE, one({ destination_slug: `${'a-'.repeat(500_000)}!` }), 400],
  ['a path of 256 letters', JSON_TYPE, one({ source_full_path: 'a'.repeat(256) }), 400],
  ['a path of a million segments', JSON_TYPE, one({ source_full_path: 'a/'.repeat(900_000) }), 400],
  ['a path of dots', JSON_TYPE, one({ source_full_path: '.'.repeat(1_000_000) }), 400],
  ['a namespace of 256 letters', JSON_TYPE, one({ destination_namespace: 'a'.repeat(256) }), 400],
  ['a URL of 256 letters', JSON_TYPE, withConfiguration({ url: `https://${'a'.repeat(248)}` }), 422],
  ['a token of 256 letters', JSON_TYPE, withConfiguration({ access_token: 'a'.repeat(256) }), 422],
  // Names that every object has
  ['a prototype', JSON_TYPE, '{"__proto__":{"polluted":1,"entities":[]}}', 400],
  ['a constructor', JSON_TYPE, '{"constructor":{"prototype":{"polluted":1}}}', 400],
  ['a request with a prototype', JSON_TYPE, accepted(',"__proto__":{"polluted":1}'), 201],
  ['a request with toString', JSON_TYPE, accepted(',"toString":1,"hasOwnProperty":1,"valueOf":null'), 201],
  [
    'an entity that is nothing but a prototype',
    JSON_TYPE,
    raw(`[{"__proto__":${JSON.stringify(entity)}}]`),
    400,
  ],
  [
    'a configuration that is nothing but a prototype',
    JSON_TYPE,
    `{"configuration":{"__proto__":${configuration}},"entities":[${JSON.stringify(entity)}]}`,
    400,
  ],
  ['parameters in a prototype', JSON_TYPE, `{"__proto__":${JSON.stringify(valid)}}`, 400],
  [
    'a prototype in a form',
    FORM,
    '__proto__[polluted]=1&constructor[prototype][polluted]=1&a[__proto__][polluted]=1',
    400,
  ],
  [
    'a prototype in the entities of a form',
    FORM,
    'entities[][__proto__][polluted]=1&entities[__proto__][polluted]=1',
    400,
  ],
  [
    'a prototype in a multipart body',
    MULTIPART,
    `${part('__proto__[polluted]', '1')}${part('constructor[prototype][polluted]', '1')}--x--\r\n`,
    400,
  ],
  // Formats
  [
    'a field given twice',
    JSON_TYPE,
    accepted(`,"configuration":{"url":"x"},"configuration":${configuration}`),
    201,
  ],
  ['a field given twice, badly in the end', JSON_TYPE, accepted(',"entities":7'), 400],
  ['a byte order mark', JSON_TYPE, `\ufeff${JSON.stringify(valid)}`, 400],
  ['comments', JSON_TYPE, `/* */${JSON.stringify(valid)}`, 400],
  ['not a number', JSON_TYPE, raw('[NaN]'), 400],
  ['half a letter', JSON_TYPE, one({ source_full_path: 'acme\ud800' }), 400],
  ['a form with half a percent sign', FORM, 'configuration%5Burl%5D=%E0%A4%A&entities=%', 400],
  ['a form with a name that is none', FORM, '[]=1&[a]=2&]=3&=4&&&', 400],
  [
    'a form that is an array and an object',
    FORM,
    'entities[]=1&entities[a]=2&entities=3&entities[][b]=4',
    400,
  ],
  ['parts without an end', MULTIPART, part('entities', '1'), 400],
  ['parts of another boundary', 'multipart/form-data; boundary=y', `${part('a', '1')}--x--\r\n`, 400],
  ['parts without a boundary', 'multipart/form-data', `${part('a', '1')}--x--\r\n`, 400],
  ['a part without a name', MULTIPART, '--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n', 400],
  [
    'a file in the place of the entities',
    MULTIPART,
    '--x\r\nContent-Disposition: form-data; name="entities"; filename="e"\r\n\r\n[]\r\n--x--\r\n',
    400,
  ],
  ['a type that is none', 'application/json\\u0000', '{}', 415],
  ['a type of two', 'application/json, text/plain', '{}', 415],
  ['a type with markup', '<script>alert(1)</script>', '{}', 415],
  ['a type with bytes beyond ASCII', 'application/jsön', '{}', 415],
];
