import { describe, expect, it } from 'vitest';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { call, MEMBERS, startGitLab } from './api-client.ts';

/** Sends so many requests one after the other and counts the answers by status. */
async function statuses(gitlab: SampleGitLab, user: string, path: string, count: number) {
  const counts: Record<number, number> = {};
  for (let sent = 0; sent < count; sent += 1) {
    const { status } = await call(gitlab, user, 'GET', path);
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

describe('the limit of an endpoint', () => {
  it('lets 20 questions about namespaces pass in a minute, and names no time before 18.0', async () => {
    const gitlab = await startGitLab();

    expect(await statuses(gitlab, 'olivia', '/namespaces/a/exists', 20)).toEqual({ 200: 20 });
    const { status, body, headers } = await call(gitlab, 'olivia', 'GET', '/namespaces/a/exists');

    expect(status).toBe(429);
    expect(body).toEqual({
      message: { error: 'This endpoint has been requested too many times. Try again later.' },
    });
    expect(headers.get('retry-after')).toBeNull();
    expect((await call(gitlab, 'rachel', 'GET', '/namespaces/a/exists')).status).toBe(200);
    expect((await call(gitlab, 'olivia', 'GET', '/version')).status).toBe(200);
  });

  it('names a time in newer versions', async () => {
    const gitlab = await startGitLab({ version: '18.5.0-ee' });
    await statuses(gitlab, 'olivia', '/namespaces/a/exists', 20);

    const { headers } = await call(gitlab, 'olivia', 'GET', '/namespaces/a/exists');

    expect(headers.get('retry-after')).toBe('60');
  });

  it('comes after the parameters and before the record', async () => {
    const gitlab = await startGitLab();
    await statuses(gitlab, 'olivia', '/namespaces/a/exists', 20);

    expect((await call(gitlab, 'olivia', 'GET', '/namespaces/a/exists?parent_id=x')).status).toBe(400);
    expect(gitlab.takeUndeclared()).toHaveLength(1);
  });

  it('of users does not hold for administrators', async () => {
    const gitlab = await startGitLab();
    const path = `/users/${gitlab.userId('gus')}`;

    expect(await statuses(gitlab, 'gus', path, 301)).toEqual({ 200: 300, 429: 1 });
    expect(await statuses(gitlab, 'admin', path, 301)).toEqual({ 200: 301 });
  });

  it('of groups came with 18.1', async () => {
    const [old, current] = await Promise.all([
      startGitLab({ version: '18.0.0-ee' }),
      startGitLab({ version: '18.1.0-ee' }),
    ]);
    for (const gitlab of [old, current]) gitlab.addGroup({ name: 'A', path: 'a', members: [...MEMBERS] });

    expect(await statuses(old, 'olivia', '/groups/a', 401)).toEqual({ 200: 401 });
    expect(await statuses(current, 'olivia', '/groups/a', 401)).toEqual({ 200: 400, 429: 1 });
  });

  it('can be switched off', async () => {
    const gitlab = await startGitLab({ endpointRateLimits: false });

    expect(await statuses(gitlab, 'olivia', '/namespaces/a/exists', 25)).toEqual({ 200: 25 });
  });
});
