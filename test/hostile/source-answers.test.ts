import { beforeAll, expect, it } from 'vitest';
import { startService, type TestService } from '../support/service/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});

const VERSION = '/api/v4/version';
const GRAPHQL = '/api/graphql';
const json = (value: unknown) => JSON.stringify(value);
const found = (id: unknown) => json({ data: { r0: { id, fullPath: 'acme' } } });

/** `[what, path at the source, status, body]` */
const ANSWERS: [string, string, number, string][] = [
  ['a version of a million letters', VERSION, 200, json({ version: `17.1${'x'.repeat(1_000_000)}` })],
  ['a version beyond all', VERSION, 200, json({ version: `${'9'.repeat(400)}.1` })],
  ['a version that is an object', VERSION, 200, json({ version: { major: 17 } })],
  ['null for a version', VERSION, 200, 'null'],
  ['arrays a million deep', VERSION, 200, '['.repeat(1_000_000) + ']'.repeat(1_000_000)],
  ['a refusal of a million letters', VERSION, 400, json({ message: 'no '.repeat(300_000) })],
  ['a refusal that is deep', VERSION, 400, `{"message":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  [
    'a refusal with a prototype',
    VERSION,
    400,
    '{"__proto__":{"polluted":1},"message":{"__proto__":{"polluted":1}}}',
  ],
  ['a refusal with line breaks', VERSION, 400, json({ message: 'a\r\nSet-Cookie: b\u2028c\u001b[2J' })],
  ['an id that is too large to be kept', GRAPHQL, 200, found('gid://gitlab/Group/9007199254740993')],
  ['an id of four hundred digits', GRAPHQL, 200, found(`gid://gitlab/Group/${'9'.repeat(400)}`)],
  ['an id with a path in it', GRAPHQL, 200, found('gid://gitlab/Group/../../user')],
  ['an id with a line break', GRAPHQL, 200, found('gid://gitlab/Group/7\n')],
  ['an id that is a number', GRAPHQL, 200, found(7)],
  ['an error of a million letters', GRAPHQL, 200, json({ errors: [{ message: 'no '.repeat(300_000) }] })],
  ['errors that are null', GRAPHQL, 200, json({ errors: null })],
  ['errors that are a word', GRAPHQL, 200, json({ errors: 'no' })],
  ['errors that are nothing', GRAPHQL, 200, json({ errors: [null] })],
  ['errors that have a length', GRAPHQL, 200, json({ errors: { length: 1 } })],
  ['a group that is an array', GRAPHQL, 200, json({ data: { r0: [] } })],
  ['no data', GRAPHQL, 200, json({})],
];

it.each(ANSWERS)('a source that answers with %s is refused in a few words', async (_, path, status, body) => {
  service.source.onRequest = request =>
    request.path === path ? { kind: 'respond', status, body } : undefined;

  const answer = await service.api.post([{ destination_slug: 'never' }]);

  expect([answer.status, answer.body]).toEqual([422, { message: expect.any(String) }]);
  expect(JSON.stringify(answer.body).length).toBeLessThan(2_000);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});
