import * as fc from 'fast-check';

/** A request as it goes over the wire. */
export interface AnyRequest {
  contentType: string | undefined;
  body: Buffer;
}

type Fields = Record<string, unknown>;

const word = (...words: unknown[]) => fc.constantFrom(...words);
/** What hits the edges of a parser. */
const strange: fc.Arbitrary<unknown> = fc.oneof(
  fc.anything({ withNullPrototype: false, maxDepth: 2 }),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', minLength: 250, maxLength: 260 }),
  word(
    null,
    '',
    ' ',
    0,
    -1,
    1e308,
    true,
    [],
    {},
    '..',
    'a/../b',
    '%2e%2e',
    '\u0000',
    '\ud800',
    '__proto__',
    'toString',
  ),
  fc.array(fc.jsonValue(), { maxLength: 3 }),
  fc.jsonValue(),
);

/** An entity that is accepted, in all the ways in which that can be said. */
const goodEntity: fc.Arbitrary<Fields> = fc
  .record(
    {
      migrate_projects: word(true, false, 'true', 'off', 0, 1, null, '') as fc.Arbitrary<unknown>,
      migrate_memberships: word(true, false, 'YES', '0') as fc.Arbitrary<unknown>,
      excluded_relations: word(null, '', [], 'labels,boards', ['wikis']) as fc.Arbitrary<unknown>,
      included_relations: word(null, '', []) as fc.Arbitrary<unknown>,
      unknown_to_all: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  .chain(rest =>
    fc
      .tuple(
        fc.stringMatching(/^[a-z0-9]{1,8}([._-][a-z0-9]{1,4}){0,2}x$/),
        word('imported', '', ' '),
        word('destination_slug', 'destination_name'),
        word('acme', 'acme', 'acme', 'acme/platform'),
      )
      .map(([slug, namespace, name, path]) => ({
        ...rest,
        source_type: 'group_entity',
        source_full_path: path,
        destination_namespace: namespace,
        [String(name)]: slug,
      })),
  );

const NAMES = [
  'source_type',
  'source_full_path',
  'destination_namespace',
  'destination_slug',
  'destination_name',
  'migrate_projects',
  'excluded_relations',
  'included_relations',
  '__proto__',
  'constructor',
];

/** A good entity with a field or two replaced, added or removed. */
const badEntity: fc.Arbitrary<unknown> = fc
  .tuple(goodEntity, fc.array(fc.tuple(word(...NAMES), fc.option(strange)), { minLength: 1, maxLength: 2 }))
  .map(([entity, changes]) =>
    Object.fromEntries([...Object.entries(entity), ...changes.map(([name, value]) => [String(name), value])]),
  );

/** The parameters of a POST, good ones more often than not. */
export function parameters(url: string, token: string): fc.Arbitrary<Fields> {
  const good = fc.constant<unknown>({ url, access_token: token });
  const bad = fc.record({ url: fc.oneof(strange, word(url)), access_token: fc.oneof(strange, word(token)) });
  return fc.record({
    configuration: fc.oneof({ weight: 6, arbitrary: good }, bad, strange),
    entities: fc.oneof(
      { weight: 6, arbitrary: fc.array(goodEntity, { minLength: 1, maxLength: 3 }) as fc.Arbitrary<unknown> },
      { weight: 3, arbitrary: fc.array(fc.oneof(goodEntity, badEntity, strange), { maxLength: 3 }) },
      strange,
    ),
  });
}

const TYPES = [
  undefined,
  'application/json',
  'application/json; charset=utf-8',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'multipart/form-data',
  'text/plain',
];
const contentType = fc.oneof(fc.constantFrom(...TYPES), fc.string({ maxLength: 30 }));

/** Names of a form that mean something, and that nearly do. */
const fieldName = fc.oneof(
  fc
    .array(
      word('entities', 'configuration', '[]', '[0]', '[1]', '[url]', '[source_type]', '[', ']', '__proto__'),
      {
        maxLength: 5,
      },
    )
    .map(parts => parts.join('')),
  fc.string({ maxLength: 12 }),
);
const form = fc
  .array(fc.tuple(fieldName, fc.string({ maxLength: 12 })), { maxLength: 12 })
  .map(pairs => Buffer.from(new URLSearchParams(pairs).toString()));
const multipart = fc
  .array(fc.tuple(fc.oneof(fieldName, fc.string({ unit: 'binary' })), fc.string({ unit: 'binary' })), {
    maxLength: 6,
  })
  .map(pairs =>
    Buffer.from(
      `${pairs.map(([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`).join('')}--x--\r\n`,
    ),
  );

/** Bodies that mean nothing, or hardly anything, under any content type. */
export const anyBody: fc.Arbitrary<AnyRequest> = fc.oneof(
  fc.record({ contentType, body: fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes)) }),
  fc.record({ contentType, body: fc.json().map(text => Buffer.from(text)) }),
  fc.record({ contentType: fc.constant('application/x-www-form-urlencoded'), body: form }),
  fc.record({ contentType: fc.constant('multipart/form-data; boundary=x'), body: multipart }),
);

/** Parameters of a retry, some good and some not. */
export const retryParameters = (url: string, token: string): fc.Arbitrary<Fields> =>
  fc.record(
    {
      configuration: fc.oneof(
        strange,
        fc.record({
          access_token: fc.oneof(fc.constant(token), strange),
          url: fc.oneof(fc.constant(url), strange),
        }),
        fc.constant({ access_token: token }),
      ),
      scope: fc.oneof(word('failed', 'all', null, ''), strange),
      entity_ids: fc.oneof(fc.array(fc.oneof(fc.integer(), strange), { maxLength: 3 }), strange),
      relations: fc.oneof(
        fc.array(fc.oneof(word('labels', 'self', 'x'), strange), { maxLength: 3 }),
        strange,
      ),
    },
    { requiredKeys: [] },
  );
