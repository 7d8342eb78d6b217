import { beforeAll, expect, it } from 'vitest';
import { startService, type TestService } from '../support/service/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});

const VERSION = '/api/v4/version';
const SCOPES = '/api/v4/personal_access_tokens/self';
const USER = '/api/v4/user';
const GRAPHQL = '/api/graphql';
const many = (part: string, count: number) => `[${Array(count).fill(part).join(',')}]`;

/** `[what, path at the source, body]` */
const RESPONSES: [string, string, string][] = [
  ['130,000 scopes that are numbers', SCOPES, `{"scopes":${many('1', 130_000)}}`],
  ['130,000 scopes', SCOPES, `{"scopes":${many('"a"', 130_000)}}`],
  ['a scope of a MiB', SCOPES, `{"scopes":["${'a'.repeat(1_048_576)}"]}`],
  ['a user who is a million values', USER, many('{}', 1_000_000)],
  ['a version that is a million values', VERSION, many('{}', 1_000_000)],
  ['200,000 wrong fields of its schema', GRAPHQL, `{"data":{"type":{"fields":${many('{}', 200_000)}}}}`],
  ['200,000 errors', GRAPHQL, `{"errors":${many('{"message":"no"}', 100_000)}}`],
  ['groups that are as many', GRAPHQL, `{"data":{"r0":${many('{}', 200_000)}}}`],
];

it.each(RESPONSES)('a source that shows %s is refused in a few words', async (_, path, body) => {
  service.source.onRequest = request =>
    request.path === path ? { kind: 'respond', status: 200, body } : undefined;

  const { status, body: said } = await service.api.post([{ destination_slug: 'never' }]);

  expect([status, said]).toEqual([422, { message: expect.any(String) }]);
  expect(JSON.stringify(said).length).toBeLessThan(1_000);
});

it('the refusal names the budget', async () => {
  service.source.onRequest = ({ path }) =>
    path === SCOPES ? { kind: 'respond', status: 200, body: `{"scopes":${many('"a"', 1_001)}}` } : undefined;

  const { body } = await service.api.post([{ destination_slug: 'never' }]);

  expect(body).toEqual({
    message:
      'The source GitLab, asked to describe its token, sent too much: scopes of its response has more than 1000 elements. Check what answers there, and that its version is supported.',
  });
});
