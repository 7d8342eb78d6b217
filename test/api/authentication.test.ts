import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { forgetTokens } from '../../lambdas/api/request/token-checks.ts';
import { TOKENS } from '../support/service/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
  const { destination } = service;
  destination.addToken('sample-expired-token', { username: 'dora', state: 'expired' });
  destination.addToken('sample-revoked-token', { username: 'dora', state: 'revoked' });
  destination.addToken('sample-read-user-token', { username: 'dora', scopes: ['read_user'] });
  destination.addToken('sample-no-scope-token', { username: 'dora', scopes: ['read_repository'] });
  destination.addToken('sample-oauth-token', { username: 'dora', kind: 'oauth' });
});
beforeEach(() => {
  forgetTokens();
  service.destination.onRequest = undefined;
});

function list(headers: Record<string, string>, query = '') {
  return service.api.call('GET', `/bulk_imports${query}`, { token: null, headers });
}

function scopeProblem(scope: string) {
  return {
    error: 'insufficient_scope',
    error_description: 'The request requires higher privileges than provided by the access token.',
    scope,
  };
}

describe('a token is accepted', () => {
  it.each<[string, Record<string, string>, string]>([
    ['in the PRIVATE-TOKEN header', { 'private-token': TOKENS.dora }, ''],
    ['as a bearer token', { authorization: `Bearer ${TOKENS.dora}` }, ''],
    ['as an OAuth bearer token', { authorization: 'bearer sample-oauth-token' }, ''],
    ['in the private_token parameter', {}, `?private_token=${TOKENS.dora}`],
    ['in the access_token parameter', {}, '?access_token=sample-oauth-token'],
    ['with spaces around it', { 'private-token': `  ${TOKENS.dora} ` }, ''],
  ])('%s', async (_, headers, query) => {
    const { status, body } = await list(headers, query);

    expect(status).toBe(200);
    expect(body).toEqual([]);
  });

  it('in a JSON body or a form', async () => {
    const json = await service.api.call('POST', '/bulk_imports', {
      token: null,
      json: { private_token: TOKENS.dora },
    });
    const form = await service.api.call('POST', '/bulk_imports', {
      token: null,
      body: new URLSearchParams({ access_token: TOKENS.dora }),
    });

    for (const { status, body } of [json, form]) {
      expect(status).toBe(400);
      expect(body).toMatchObject({ error: expect.stringContaining('configuration is missing') });
    }
  });
});

describe('a request is unauthorized', () => {
  it.each<[string, Record<string, string>]>([
    ['without a token', {}],
    ['with an empty token', { 'private-token': '' }],
    ['with an unknown token', { 'private-token': 'sample-unknown-token' }],
    ['with another kind of authorization', { authorization: 'Basic c2FtcGxlOnRva2Vu' }],
  ])('%s', async (_, headers) => {
    const { status, body } = await list(headers);

    expect(status).toBe(401);
    expect(body).toEqual({ message: '401 Unauthorized' });
  });

  it('with a token that cannot be sent in a header', async () => {
    const { status, body } = await list({}, `?private_token=${encodeURIComponent('töken–\n')}`);

    expect(status).toBe(401);
    expect(body).toEqual({ message: '401 Unauthorized' });
  });

  it.each([
    ['expired', 'Token is expired. You can either do re-authorization or token refresh.'],
    ['revoked', 'Token was revoked. You have to re-authorize from the user.'],
  ])('with a token that was %s, with the reason', async (state, error_description) => {
    const { status, body } = await list({ 'private-token': `sample-${state}-token` });

    expect(status).toBe(401);
    expect(body).toEqual({ error: 'invalid_token', error_description });
  });

  it.each([
    '/bulk_imports',
    '/bulk_imports/entities',
    '/bulk_imports/1',
    '/bulk_imports/1/entities/2/failures',
  ])('before it is looked for what GET %s wants', async path => {
    expect((await service.api.call('GET', path, { token: null })).status).toBe(401);
  });

  it('before its parameters are looked at', async () => {
    expect((await service.api.call('POST', '/bulk_imports', { token: null, json: {} })).status).toBe(401);
    expect((await service.api.call('GET', '/bulk_imports/x?page=0', { token: null })).status).toBe(401);
  });
});

describe('a token with the scope read_api', () => {
  it('may read', async () => {
    expect((await list({ 'private-token': TOKENS.doraReadApi })).status).toBe(200);
  });

  it.each(['/bulk_imports', '/bulk_imports/1/cancel'])('may not POST %s', async path => {
    const { status, body } = await service.api.call('POST', path, { token: TOKENS.doraReadApi, json: {} });

    expect(status).toBe(403);
    expect(body).toEqual(scopeProblem('api'));
  });
});

it.each(['sample-read-user-token', 'sample-no-scope-token'])('%s may do nothing here', async token => {
  const read = await list({ 'private-token': token });
  const write = await service.api.call('POST', '/bulk_imports', { token, json: {} });

  expect([read.status, read.body]).toEqual([403, scopeProblem('api read_api')]);
  expect([write.status, write.body]).toEqual([403, scopeProblem('api')]);
});

describe('the destination', () => {
  const questions = () => service.destination.requests.filter(({ path }) => path === '/api/v4/user').length;

  it('is asked about a token once a minute at most', async () => {
    const before = questions();

    await list({ 'private-token': TOKENS.dora });
    await list({ 'private-token': TOKENS.dora });
    await list({ authorization: `Bearer ${TOKENS.dora}` });

    expect(questions() - before).toBe(1);
  });

  it('that is down makes the service unavailable, with the time to wait', async () => {
    service.destination.onRequest = () => ({
      kind: 'respond',
      status: 503,
      headers: { 'retry-after': '17' },
      body: '<html>Deploy in progress</html>',
    });

    const { status, headers, body } = await list({ 'private-token': TOKENS.dora });

    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('17');
    expect(body).toEqual({
      message:
        'The destination GitLab could not tell whose token this is: 503. Try again when it answers again.',
    });
  });
});
