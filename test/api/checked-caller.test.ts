import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { forgetTokens } from '../../lambdas/api/request/token-checks.ts';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { TOKENS } from '../support/service/bulk-imports-client.ts';
import { startService, startSource, type TestService } from '../support/service/service.ts';

const OAUTH = { destination: 'sample-dora-oauth-token', source: 'sample-sofia-oauth-token' };
const TERMS =
  'You (@dora) must accept the Terms of Service in order to perform this action. To accept these terms, please access GitLab from a web browser.';

let service: TestService;
let slugs = 0;
beforeAll(async () => {
  service = await startService();
  vi.spyOn(service.local.engine, 'start').mockResolvedValue(true);
  service.source.addGroup({
    name: 'Guarded',
    path: 'guarded',
    settings: { requireTwoFactorAuthentication: true },
    members: [{ username: 'sofia', accessLevel: 50 }],
  });
  service.destination.addToken(OAUTH.destination, { username: 'dora', kind: 'oauth' });
  service.source.addToken(OAUTH.source, { username: 'sofia', kind: 'oauth' });
  service.source.addToken('sample-small-oauth-token', {
    username: 'sofia',
    kind: 'oauth',
    scopes: ['read_api'],
  });
});
beforeEach(forgetTokens);
afterEach(() => {
  service.source.onRequest = undefined;
  service.destination.onRequest = undefined;
});

const newSlug = () => `slug-${slugs++}`;

/** Lets the destination say this of dora, too. */
function sayOfDora(attributes: Record<string, unknown>): void {
  const dora = service.destination.group('imported')?.members[0]?.userId;
  const user = { id: dora, username: 'dora', can_create_group: true, ...attributes };
  service.destination.onRequest = ({ path }) =>
    path === '/api/v4/user' ? { kind: 'respond', status: 200, body: JSON.stringify(user) } : undefined;
}

function refuseEverything(gitlab: SampleGitLab, status: number, body: string, path = '/'): void {
  gitlab.onRequest = request =>
    request.path.startsWith(path) ? { kind: 'respond', status, body } : undefined;
}

describe('a top-level group', () => {
  const top = () => [{ destination_namespace: '', destination_slug: newSlug() }];
  const NO_TOP_LEVEL =
    "Import failed. GitLab.com does not create top-level groups through its API. Create the group there and name it, or another existing group, as 'destination_namespace'.";

  it('is refused at GitLab.com, under whatever URL it is reached', async () => {
    sayOfDora({ web_url: 'https://gitlab.com/dora' });

    expect(await service.api.refusal({ entities: top() })).toBe(NO_TOP_LEVEL);
    expect((await service.api.post([{ destination_slug: newSlug() }])).status).toBe(201);
  });

  it('is refused there to administrators as well', async () => {
    sayOfDora({ web_url: 'https://gitlab.com/dora', is_admin: true });

    expect(await service.api.refusal({ entities: top() })).toBe(NO_TOP_LEVEL);
  });

  it.each(['https://gitlab.com.example/dora', 'https://gitlab.example/gitlab.com', 'no url', null])(
    'is accepted at a GitLab whose users are at %s',
    async web_url => {
      sayOfDora({ web_url });

      expect((await service.api.post(top())).status).toBe(201);
    },
  );
});

describe('a group that demands two-factor authentication', () => {
  const guarded = () => [
    { destination_slug: newSlug() },
    { source_full_path: 'guarded', destination_slug: newSlug() },
  ];

  it('is refused to a caller who has none, with what to do', async () => {
    sayOfDora({ two_factor_enabled: false });

    expect(await service.api.refusal({ entities: guarded() })).toBe(
      "Import failed. User requires Two-Factor Authentication: 'guarded' demands it of its members. Enable it for your account at the destination and try again.",
    );
  });

  it.each([true, null, undefined])('is accepted when theirs is %s', async two_factor_enabled => {
    sayOfDora({ two_factor_enabled });

    expect((await service.api.post(guarded())).status).toBe(201);
  });
});

describe('OAuth tokens', () => {
  it('are accepted of the caller and of the source', async () => {
    const json = service.api.request([{ destination_slug: newSlug() }], { access_token: OAUTH.source });
    const headers = { authorization: `Bearer ${OAUTH.destination}` };

    const { status } = await service.api.call('POST', '/bulk_imports', { json, token: null, headers });

    expect(status).toBe(201);
  });

  it('are refused when their scope is too small', async () => {
    expect(await service.api.refusal({ configuration: { access_token: 'sample-small-oauth-token' } })).toBe(
      'Check that the source instance base URL and the personal access token meet the necessary requirements.',
    );
  });
});

describe("a GitLab's sentence against the user of a token", () => {
  const body = JSON.stringify({ message: `403 Forbidden - ${TERMS}` });

  it('is passed on from the source', async () => {
    refuseEverything(service.source, 403, body);

    expect(await service.api.refusal({})).toContain(TERMS.slice(0, -1));
  });

  it('is passed on from the destination, as its own refusal', async () => {
    refuseEverything(service.destination, 403, body, '/api/v4/user');

    const { status, body: refusal } = await service.api.post([{}]);

    expect([status, refusal]).toEqual([403, { message: `403 Forbidden - ${TERMS}` }]);
  });
});

describe('a source whose GraphQL API is closed by a gateway', () => {
  it.each([403, 404, 405])('is refused with status %i, which is not taken for a bad token', async status => {
    refuseEverything(service.source, status, '{"message":"Forbidden"}', '/api/graphql');

    const message = await service.api.refusal({});

    expect(message).toMatch(new RegExp(`^The source GitLab refused to .*: ${status} Forbidden`));
    expect(message).not.toMatch(/try again/i);
  });
});

describe('trouble of the source', () => {
  it('that passes is worth another try, and says so', async () => {
    refuseEverything(service.source, 200, '<html>Deploy in progress</html>', '/api/graphql');

    expect(await service.api.refusal({})).toMatch(/\bTry again\b[^.]*\.$/);
  });

  it('keeps its advice however much the source says', async () => {
    refuseEverything(service.source, 500, `{"message":"${'no '.repeat(5_000)}"}`);

    expect(await service.api.refusal({})).toMatch(/Try again when it answers again\.$/);
  });
});

describe('a destination that cannot tell whose token it is', () => {
  it('because of trouble that passes, says when to come back', async () => {
    refuseEverything(service.destination, 502, '', '/api/v4/user');

    const { status, headers } = await service.api.call('GET', '/bulk_imports');

    expect([status, headers.get('retry-after')]).toEqual([503, '30']);
  });

  it('because there is no GitLab at its URL, does not', async () => {
    refuseEverything(service.destination, 404, '{"error":"404 Not Found"}');

    const { status, headers, body } = await service.api.call('GET', '/bulk_imports');

    expect([status, headers.get('retry-after')]).toEqual([503, null]);
    expect((body as { message: string }).message).toMatch(/^The destination GitLab refused to .*404/);
    expect((body as { message: string }).message).not.toMatch(/try again/i);
  });
});

it('a group of an old source is found in whatever letters it is asked for', async () => {
  const old = await startSource({ version: '14.0.0' });
  old.addGroup({ name: 'Acme', path: 'Acme', members: [{ username: 'sofia', accessLevel: 50 }] });
  old.addGroup({ name: 'Rose', path: 'Rose', parent: 'Acme' });
  const wanted = (paths: string[]) =>
    service.api.request(
      paths.map(source_full_path => ({ source_full_path, destination_slug: newSlug() })),
      { url: old.url, access_token: TOKENS.source },
    );

  const found = await service.api.call('POST', '/bulk_imports', {
    json: wanted(['acme', 'Acme', 'ACME/rose']),
  });
  const missing = await service.api.call('POST', '/bulk_imports', { json: wanted(['acme', 'acme/tulip']) });

  expect(found.status).toBe(201);
  expect([missing.status, missing.body]).toEqual([
    422,
    { message: "Import failed. 'acme/tulip' not found." },
  ]);
});
