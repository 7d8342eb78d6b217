import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { TOKENS } from '../support/service/bulk-imports-client.ts';
import { ACME, startService, startSource, type TestService } from '../support/service/service.ts';

const INVALID_URL = 'Invalid source URL. Enter only the base URL of the source GitLab instance.';
const TOO_OLD = "Unsupported GitLab version. Minimum supported version is '14'.";
const BAD_TOKEN =
  'Check that the source instance base URL and the personal access token meet the necessary requirements.';
const notFound = (path: string) => `Import failed. '${path}' not found.`;
const notExportable = (path: string) => `Import failed. You do not have permission to export '${path}'.`;

let service: TestService;
let old: SampleGitLab;
let ancient: SampleGitLab;
beforeAll(async () => {
  service = await startService();
  service.source.addGroup({ name: 'Public', path: 'public-acme', visibility: 'public' });
  [ancient, old] = await Promise.all([
    startSource({ version: '13.12.15-ee' }),
    startSource({ version: '14.0.0-ee' }),
  ]);
  for (const gitlab of [ancient, old]) gitlab.addGroup({ ...ACME, members: [...ACME.members] });
});
afterEach(() => {
  service.source.onRequest = undefined;
});

function answerSource(
  path: string,
  answer: { status: number; headers?: Record<string, string>; body?: string },
): void {
  service.source.onRequest = request =>
    request.path.startsWith(path) ? { kind: 'respond', ...answer } : undefined;
}

describe('the source is refused', () => {
  it('when there is no GitLab under its URL', async () => {
    answerSource('/api/v4/', { status: 404, body: '{"error":"404 Not Found"}' });

    expect(await service.api.refusal({})).toBe(INVALID_URL);
  });

  it('when something else answers under its URL', async () => {
    answerSource('/api/v4/', { status: 200, body: '{"hello":"world"}' });

    expect(await service.api.refusal({})).toBe(INVALID_URL);
  });

  it.each([200, 404])('when a web site is under its URL, with status %i', async status => {
    const headers = { 'content-type': 'text/html' };
    answerSource('/', { status, headers, body: '<html><title>Our company</title></html>' });

    expect(await service.api.refusal({})).toBe(INVALID_URL);
  });

  it.each([403, 503])('when a firewall is before it, with a page of status %i', async status => {
    answerSource('/', { status, body: '<html><title>Just a moment...</title></html>' });

    expect(await service.api.refusal({})).toMatch(
      /^The source GitLab could not tell its version: .*Just a moment/,
    );
  });

  it('not when only one of the two places that tell the version is a web page', async () => {
    answerSource('/api/v4/version', { status: 404, body: '<html><title>Gone</title></html>' });

    expect((await service.api.post([{ destination_slug: 'from-metadata' }])).status).toBe(201);
  });

  it('when its URL has a path behind the base', async () => {
    expect(await service.api.refusal({ configuration: { url: `${service.source.url}/groups/acme` } })).toBe(
      INVALID_URL,
    );
    expect(service.source.takeUndeclared()).toEqual([
      expect.stringContaining('GET /groups/acme/api/v4/version '),
      expect.stringContaining('GET /groups/acme/api/v4/metadata '),
    ]);
  });

  it('when it is older than version 14', async () => {
    expect(await service.api.refusal({ configuration: { url: ancient.url } })).toBe(TOO_OLD);
  });

  it.each([
    ['is unknown', 'sample-unknown-token'],
    ['is empty', ''],
    ['cannot be sent in a header', 'töken–\n'],
    ['lacks the scope api', TOKENS.sourceReadApi],
  ])('when the token %s', async (_, access_token) => {
    expect(await service.api.refusal({ configuration: { access_token } })).toBe(BAD_TOKEN);
  });

  it('when it forbids the token', async () => {
    answerSource('/api/v4/version', { status: 403 });

    expect(await service.api.refusal({})).toBe(BAD_TOKEN);
  });

  it('when it is down, with what it said', async () => {
    answerSource('/', { status: 502 });

    expect(await service.api.refusal({})).toBe(
      'The source GitLab could not tell its version: 502. Try again when it answers again.',
    );
  });

  it('when nothing listens there', async () => {
    const message = await service.api.refusal({ configuration: { url: 'http://127.0.0.1:9' } });

    expect(message).toMatch(/^The connection to the source GitLab failed/);
  });

  it.each([
    ['ftp://old.example', 'Only allowed schemes are https, http'],
    ['not a url', 'URI is invalid'],
    ['', 'URI is invalid'],
    ['https://user:word@old.example', 'The URL must not contain a user name or a password'],
  ])('when its URL is %j', async (url, reason) => {
    expect(await service.api.refusal({ configuration: { url } })).toBe(
      `Validation failed: Url is blocked: ${reason}`,
    );
  });

  it('when its URL or the token is longer than 255 characters', async () => {
    const url = `https://${'a'.repeat(250)}.example`;

    expect(await service.api.refusal({ configuration: { url } })).toBe(
      'Validation failed: Url is too long (maximum is 255 characters)',
    );
    expect(await service.api.refusal({ configuration: { access_token: 'x'.repeat(256) } })).toBe(
      'Validation failed: Access token is too long (maximum is 255 characters)',
    );
  });
});

describe('an entity is refused', () => {
  it('when the source does not have it', async () => {
    expect(await service.api.refusal({ entities: [{ source_full_path: 'nobody' }] })).toBe(
      notFound('nobody'),
    );
  });

  it('when the source has the first one and not the second', async () => {
    const entities = [{}, { source_full_path: 'acme/none', destination_slug: 'second' }];

    expect(await service.api.refusal({ entities })).toBe(notFound('acme/none'));
  });

  it('when the token cannot see it at the source', async () => {
    service.source.addToken('sample-stranger-token', {
      username: service.source.addUser({ username: 'xena' }).username,
    });

    expect(await service.api.refusal({ configuration: { access_token: 'sample-stranger-token' } })).toBe(
      notFound('acme'),
    );
  });

  it('when the user of the token may not export it', async () => {
    expect(await service.api.refusal({ configuration: { access_token: TOKENS.sourceReporter } })).toBe(
      notExportable('acme'),
    );
    expect(await service.api.refusal({ entities: [{ source_full_path: 'public-acme' }] })).toBe(
      notExportable('public-acme'),
    );
  });
});

it('a source of version 14, whose tokens cannot tell their scopes, is accepted', async () => {
  const json = service.api.request([{ destination_slug: 'from-14' }], { url: old.url });

  const { status, body } = await service.api.call('POST', '/bulk_imports', { json });

  expect(status).toBe(201);
  expect(await service.api.untilEnded((body as { id: number }).id)).toMatchObject({ status: 'finished' });
});

it('the version is checked before the scope of the token', async () => {
  const configuration = { url: ancient.url, access_token: TOKENS.sourceReadApi };

  expect(await service.api.refusal({ configuration })).toBe(TOO_OLD);
});
