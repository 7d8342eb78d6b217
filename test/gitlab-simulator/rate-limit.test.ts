import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { call, startGitLab } from './api-client.ts';

describe('the rate limit', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2030-01-01T00:00:00Z') });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is off unless it is asked for', async () => {
    const gitlab = await startGitLab();

    const { headers } = await call(gitlab, 'olivia', 'GET', '/version');

    expect(headers.get('ratelimit-limit')).toBeNull();
  });

  it('tells on every answer how much is left', async () => {
    const gitlab = await startGitLab({ rateLimitPerMinute: 3 });

    await call(gitlab, 'olivia', 'GET', '/version');
    const { headers } = await call(gitlab, 'olivia', 'GET', '/user');

    expect(headers.get('ratelimit-limit')).toBe('3');
    expect(headers.get('ratelimit-observed')).toBe('2');
    expect(headers.get('ratelimit-remaining')).toBe('1');
    expect(headers.get('ratelimit-reset')).toBe(String(Date.parse('2030-01-01T00:01:00Z') / 1000));
    expect(headers.get('ratelimit-name')).toBe('throttle_authenticated_api');
    expect(headers.get('retry-after')).toBeNull();
  });

  it('refuses what is too much in plain text and says when to come back', async () => {
    const gitlab = await startGitLab({ rateLimitPerMinute: 1 });
    await call(gitlab, 'olivia', 'GET', '/version');
    vi.setSystemTime(new Date('2030-01-01T00:00:20Z'));

    const { status, body, headers } = await call(gitlab, 'olivia', 'POST', '/groups', {
      name: 'A',
      path: 'a',
    });

    expect(status).toBe(429);
    expect(body).toBe('Retry later\n');
    expect(headers.get('content-type')).toBe('text/plain');
    expect(headers.get('retry-after')).toBe('40');
    expect(headers.get('ratelimit-remaining')).toBe('0');
    expect(headers.get('ratelimit-resettime')).toBe('Tue, 01 Jan 2030 00:01:00 GMT');
    expect(headers.get('x-request-id')).not.toBeNull();
    expect(gitlab.groups()).toEqual([]);
  });

  it('slides with time and does not count refused requests', async () => {
    const gitlab = await startGitLab({ rateLimitPerMinute: 2 });
    const status = async () => (await call(gitlab, 'olivia', 'GET', '/version')).status;

    const first = await status();
    vi.setSystemTime(new Date('2030-01-01T00:00:40Z'));
    const second = [await status(), await status()];
    vi.setSystemTime(new Date('2030-01-01T00:01:00Z'));
    const afterOneMinute = [await status(), await status()];
    vi.setSystemTime(new Date('2030-01-01T00:01:40Z'));
    const afterTheSecondLeft = [await status(), await status()];

    expect(first).toBe(200);
    expect(second).toEqual([200, 429]);
    expect(afterOneMinute).toEqual([200, 429]);
    expect(afterTheSecondLeft).toEqual([200, 429]);
  });

  it('is counted for every user on their own', async () => {
    const gitlab = await startGitLab({ rateLimitPerMinute: 1 });
    await call(gitlab, 'olivia', 'GET', '/version');

    expect((await call(gitlab, 'olivia', 'GET', '/version')).status).toBe(429);
    expect((await call(gitlab, 'rachel', 'GET', '/version')).status).toBe(200);
  });
});
