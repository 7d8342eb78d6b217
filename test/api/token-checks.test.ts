import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { forgetTokens } from '../../lambdas/api/request/token-checks.ts';
import { refused, requestsTo, setFault } from '../support/gitlab/gitlab-faults.ts';
import type { Answer } from '../support/service/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service/service.ts';
import { storeImport } from '../support/table/stored-records.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
beforeEach(() => {
  forgetTokens();
  service.destination.requests.length = 0;
});
afterEach(() => {
  service.destination.onRequest = undefined;
  vi.useRealTimers();
});

const list = (token?: string) =>
  service.api.call('GET', '/bulk_imports', token === undefined ? {} : { token });
const asked = () => service.destination.requests.length;
const statusesOf = (answers: Answer[]) => [...new Set(answers.map(({ status }) => status))];

/** Lets the clock of the process go on by so many seconds. */
function passes(seconds: number): void {
  const now = Date.now();
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(now + 1000 * seconds);
}

describe('the destination is asked', () => {
  it('twice for two hundred first requests at once: for the user, and for the scopes', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => list()));

    expect(statusesOf(answers)).toEqual([200]);
    expect(asked()).toBe(2);
  });

  it('once about a bad token, however often that comes within half a minute', async () => {
    const first = await Promise.all(Array.from({ length: 50 }, () => list('sample-unknown-token')));
    passes(29);
    const later = await list('sample-unknown-token');

    expect(statusesOf([...first, later])).toEqual([401]);
    expect(asked()).toBe(1);

    passes(2);
    expect((await list('sample-unknown-token')).status).toBe(401);
    expect(asked()).toBe(2);
  });

  it('once about a user that it refuses, and its sentence is remembered', async () => {
    setFault(
      service.destination,
      { path: '/user' },
      refused(403, '403 Forbidden - Your account is blocked.'),
    );

    const answers = [await list(), await list()];

    expect(answers.map(({ status, body }) => [status, body])).toEqual(
      Array(2).fill([403, { message: '403 Forbidden - Your account is blocked.' }]),
    );
    expect(asked()).toBe(1);
  });

  it.each([429, 502])('again after trouble (%i), which says nothing about the token', async status => {
    setFault(service.destination, { path: '/user' }, { kind: 'respond', status, body: '' });
    expect((await list()).status).toBe(503);

    service.destination.onRequest = undefined;
    expect((await list()).status).toBe(200);
  });

  it.each([
    ['is longer than any', 'x'.repeat(1_025)],
    ['has spaces in it', 'sample token'],
  ])('nothing about a token that %s', async (_, token) => {
    expect((await list(token)).status).toBe(401);
    expect(asked()).toBe(0);
  });

  it('about a few tokens at a time, and who is too many is told to come back', async () => {
    let open = 0;
    let most = 0;
    service.destination.onRequest = ({ path }) => {
      if (path !== '/api/v4/user') return undefined;
      open += 1;
      most = Math.max(most, open);
      setTimeout(() => {
        open -= 1;
      }, 20);
      return { kind: 'delay', ms: 20 };
    };

    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => list(`sample-unknown-token-${index}`)),
    );

    expect(most).toBeLessThanOrEqual(20);
    expect(statusesOf(answers).sort()).toEqual([401, 503]);
    const busy = answers.filter(({ status }) => status === 503);
    expect(busy.every(({ headers }) => headers.get('retry-after') === '5')).toBe(true);
    expect(asked()).toBe(200 - busy.length);
  });
});

describe('a token that was revoked since it was checked', () => {
  it('cannot cancel any more, though it may read for a minute', async () => {
    const dora = service.destination.group('imported')?.members[0]?.userId ?? 0;
    const { id } = await storeImport(dora);
    const path = `/bulk_imports/${id}`;
    service.destination.addToken('sample-soon-revoked-token', { username: 'dora' });
    const token = 'sample-soon-revoked-token';
    expect((await list(token)).status).toBe(200);

    setFault(service.destination, { path: '/user' }, refused(401, '401 Unauthorized'));
    expect((await list(token)).status).toBe(200);
    expect((await service.api.call('POST', `${path}/cancel`, { token })).status).toBe(401);
    expect((await list(token)).status).toBe(401);
    service.destination.onRequest = undefined;

    expect(await service.api.getImport(id)).toMatchObject({ status: 'created' });
  });

  it('is found out in one request, because the scopes of a token stay', async () => {
    expect((await list()).status).toBe(200);
    service.destination.requests.length = 0;

    await service.api.call('POST', '/bulk_imports/999999/cancel');

    expect(requestsTo(service.destination, { path: '/user' })).toHaveLength(1);
    expect(asked()).toBe(1);
  });
});

describe('a body is not read before its token is known to be good:', () => {
  const post = (headers: Record<string, string>, body: string, query = '') =>
    service.api.call('POST', `/bulk_imports${query}`, { token: null, headers, body });

  it.each([
    ['broken JSON', { 'content-type': 'application/json' }, '{'],
    ['another content type', { 'content-type': 'text/xml' }, '<a/>'],
    ['one that is too large', { 'content-type': 'application/json' }, ' '.repeat(3_000_000)],
  ])('%s', async (_, headers, body) => {
    const unknown = await post({ ...headers, 'private-token': 'sample-unknown-token' }, body);
    const inQuery = await post(headers, body, '?private_token=sample-unknown-token');
    const good = await post({ ...headers, 'private-token': 'sample-dora-token' }, body);

    expect([unknown.status, inQuery.status]).toEqual([401, 401]);
    expect([400, 413, 415]).toContain(good.status);
  });
});
