import { beforeAll, describe, expect, it } from 'vitest';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { answerOf, call, MEMBERS, startGitLab } from './api-client.ts';

let gitlab: SampleGitLab;
beforeAll(async () => {
  gitlab = await startGitLab();
  gitlab.addGroup({ name: 'Acme', path: 'acme', members: [...MEMBERS] });
  gitlab.addToken('sample-expired-token', { username: 'olivia', state: 'expired' });
  gitlab.addToken('sample-revoked-token', { username: 'olivia', state: 'revoked' });
  gitlab.addToken('sample-read-api-token', { username: 'olivia', scopes: ['read_api'] });
  gitlab.addToken('sample-read-user-token', { username: 'olivia', scopes: ['read_user'] });
  gitlab.addToken('sample-oauth-token', { username: 'olivia', kind: 'oauth' });
});

describe('tokens', () => {
  it.each([
    ['the PRIVATE-TOKEN header', '/user', { 'private-token': 'sample-olivia-token' }],
    ['a bearer token', '/user', { authorization: 'Bearer sample-olivia-token' }],
    ['an OAuth bearer token', '/user', { authorization: 'Bearer sample-oauth-token' }],
    ['the private_token parameter', '/user?private_token=sample-olivia-token', {}],
    ['the access_token parameter', '/user?access_token=sample-oauth-token', {}],
  ])('are accepted as %s', async (_, path, headers) => {
    const { status, body } = await answerOf(await fetch(`${gitlab.url}/api/v4${path}`, { headers }));

    expect(status).toBe(200);
    expect(body.username).toBe('olivia');
  });

  it.each([
    ['no', undefined],
    ['an unknown', 'nobody'],
    ['an OAuth token as the personal', 'oauth'],
  ])('%s token is unauthorized', async (_, user) => {
    const { status, body } = await call(gitlab, user, 'GET', '/user');

    expect(status).toBe(401);
    expect(body).toEqual({ message: '401 Unauthorized' });
  });

  it('that have expired or were revoked are told apart', async () => {
    const expired = await call(gitlab, 'expired', 'GET', '/user');
    const revoked = await call(gitlab, 'revoked', 'GET', '/user');

    expect([expired.status, revoked.status]).toEqual([401, 401]);
    expect(expired.body).toMatchObject({
      error: 'invalid_token',
      error_description: expect.stringContaining('expired'),
    });
    expect(revoked.body).toMatchObject({
      error: 'invalid_token',
      error_description: expect.stringContaining('revoked'),
    });
  });

  it('with read_api may read but not write', async () => {
    const read = await call(gitlab, 'read-api', 'GET', '/groups/acme');
    const write = await call(gitlab, 'read-api', 'POST', '/groups/acme/labels', {
      name: 'x',
      color: '#000000',
    });

    expect(read.status).toBe(200);
    expect(write.status).toBe(403);
    expect(write.body).toMatchObject({ error: 'insufficient_scope', scope: 'api' });
    expect(gitlab.group('acme')?.labels).toEqual([]);
  });

  it('with read_user may only read users', async () => {
    const user = await call(gitlab, 'read-user', 'GET', '/user');
    const group = await call(gitlab, 'read-user', 'GET', '/groups/acme');

    expect(user.status).toBe(200);
    expect(group.status).toBe(403);
    expect(group.body.scope).toBe('api read_api');
  });

  it('tell about themselves whatever their scope', async () => {
    const personal = await call(gitlab, 'read-user', 'GET', '/personal_access_tokens/self');
    const headers = { authorization: 'Bearer sample-oauth-token' };
    const oauth = await answerOf(await fetch(`${gitlab.url}/oauth/token/info`, { headers }));
    const oauthAsPersonal = await fetch(`${gitlab.url}/api/v4/personal_access_tokens/self`, { headers });

    expect(personal.body).toMatchObject({ scopes: ['read_user'], active: true, revoked: false });
    expect(oauth.body).toMatchObject({ scope: ['api'], resource_owner_id: personal.body.user_id });
    expect(oauthAsPersonal.status).toBe(400);
  });
});

describe('requests', () => {
  it('to an unknown route are 404, to a known one with the wrong method 405', async () => {
    const unknown = await call(gitlab, 'olivia', 'GET', '/nothing');
    const wrongMethod = await call(gitlab, 'olivia', 'DELETE', '/groups/acme/labels');

    expect(unknown.status).toBe(404);
    expect(unknown.body).toEqual({ error: '404 Not Found' });
    expect(wrongMethod.status).toBe(405);
    expect(wrongMethod.headers.get('allow')).toBe('GET, POST');
  });

  it('with a broken or unsupported body are refused before anything else', async () => {
    const send = (contentType: string) =>
      fetch(`${gitlab.url}/api/v4/groups`, {
        method: 'POST',
        headers: { 'content-type': contentType },
        body: '{',
      });

    const broken = await answerOf(await send('application/json'));
    const unsupported = await answerOf(await send('text/plain'));

    expect(broken.status).toBe(400);
    expect(broken.body.error).toContain('message body does not match declared format');
    expect(unsupported.status).toBe(415);
    expect(unsupported.body).toEqual({ error: "The provided content-type 'text/plain' is not supported." });
  });

  it('get a different request id each', async () => {
    const first = await call(gitlab, 'olivia', 'GET', '/version');
    const second = await call(gitlab, 'olivia', 'GET', '/version');

    expect(first.headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
    expect(first.headers.get('x-request-id')).not.toBe(second.headers.get('x-request-id'));
  });

  it('are recorded with user, body and status', async () => {
    await call(gitlab, 'sam', 'POST', '/groups?x=1', { name: 'Recorded' });

    expect(gitlab.requests.at(-1)).toMatchObject({
      method: 'POST',
      path: '/api/v4/groups',
      user: 'sam',
      body: { name: 'Recorded' },
      status: 400,
    });
    expect(gitlab.requests.at(-1)?.query.get('x')).toBe('1');
    expect(gitlab.statistics.total).toBe(gitlab.requests.length);
  });
});

describe('instance', () => {
  it('says its version and whether it is the Enterprise Edition', async () => {
    const community = await startGitLab({ version: '17.11.2' });

    const enterprise = await call(gitlab, 'olivia', 'GET', '/metadata');

    expect(enterprise.body).toMatchObject({ version: '17.11.2-ee', enterprise: true });
    expect((await call(community, 'olivia', 'GET', '/metadata')).body).toMatchObject({ enterprise: false });
    expect((await call(community, 'olivia', 'GET', '/version')).body).toMatchObject({ version: '17.11.2' });
  });

  it('has no endpoint that came after its version', async () => {
    const old = await startGitLab({ version: '14.10.5-ee' });

    expect((await call(old, 'olivia', 'GET', '/version')).status).toBe(200);
    expect((await call(old, 'olivia', 'GET', '/metadata')).status).toBe(404);
  });

  it('knows which paths of groups and users are taken, in any case of letters', async () => {
    gitlab.addGroup({ name: 'Tools', path: 'tools', parent: 'acme' });
    const acme = gitlab.group('acme');

    const group = await call(gitlab, 'sam', 'GET', '/namespaces/ACME/exists');
    const user = await call(gitlab, 'sam', 'GET', '/namespaces/olivia/exists');
    const free = await call(gitlab, 'sam', 'GET', '/namespaces/tools/exists');
    const child = await call(gitlab, 'sam', 'GET', `/namespaces/tools/exists?parent_id=${acme?.id}`);

    expect(group.body).toEqual({ exists: true, suggests: ['ACME1'] });
    expect(user.body.exists).toBe(true);
    expect(free.body).toEqual({ exists: false, suggests: [] });
    expect(child.body.exists).toBe(true);
  });
});
