import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { TOKENS } from '../support/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service.ts';

/** GitLab's limit, which is the default. */
const LIMIT = 6;
const MINUTE_MS = 60_000;

let service: TestService;
/** The first second of a minute, so that no test is split by the end of one; each test has a minute of its own. */
let now = Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS + 1_000;
beforeAll(async () => {
  service = await startService();
  // As when nobody sets it: the default counts.
  process.env.IMPORTS_PER_MINUTE = '';
  vi.useFakeTimers({ toFake: ['Date'], now });
});
beforeEach(() => {
  now += 2 * MINUTE_MS;
  vi.setSystemTime(now);
});
afterAll(() => {
  vi.useRealTimers();
});

/** A POST that is well formed and refused by the source. */
const refused = (token?: string) => service.api.post([{ source_full_path: 'nobody' }], token);

async function statuses(count: number, act: () => Promise<{ status: number }>): Promise<number[]> {
  const seen: number[] = [];
  for (let index = 0; index < count; index++) seen.push((await act()).status);
  return seen;
}

it('the seventh POST of a minute is refused, and refused requests count', async () => {
  expect(await statuses(LIMIT, refused)).toEqual(Array(LIMIT).fill(422));

  const { status, headers, body } = await refused();

  expect(status).toBe(429);
  expect(headers.get('retry-after')).toBe('60');
  expect(body).toEqual({
    message: { error: 'This endpoint has been requested too many times. Try again later.' },
  });
});

it('a good POST is refused as well once the limit is reached', async () => {
  await statuses(LIMIT, refused);

  expect((await service.api.post([{}])).status).toBe(429);
  expect((await service.api.call('GET', '/bulk_imports')).body).toEqual([]);
});

it('requests with wrong parameters do not count, nor are they refused', async () => {
  const wrong = () => service.api.call('POST', '/bulk_imports', { json: {} });
  expect(await statuses(LIMIT + 1, wrong)).toEqual(Array(LIMIT + 1).fill(400));
  expect(await statuses(LIMIT, refused)).toEqual(Array(LIMIT).fill(422));

  expect((await wrong()).status).toBe(400);
});

it('only POST is limited', async () => {
  await statuses(LIMIT + 1, refused);

  expect((await service.api.call('GET', '/bulk_imports')).status).toBe(200);
  expect((await service.api.call('POST', '/bulk_imports/1/cancel')).status).toBe(404);
});

it('the limit is one per user, whatever their tokens', async () => {
  service.destination.addToken('sample-second-dora-token', { username: 'dora' });
  await statuses(LIMIT, refused);

  expect((await refused('sample-second-dora-token')).status).toBe(429);
  expect((await refused(TOKENS.otto)).status).toBe(422);
});

it('the next minute starts anew', async () => {
  await statuses(LIMIT + 1, refused);

  vi.setSystemTime(now + MINUTE_MS);

  expect((await refused()).status).toBe(422);
});

it('requests that arrive at the same time are counted one by one', async () => {
  const answers = await Promise.all(Array.from({ length: 10 }, () => refused()));

  expect(answers.filter(({ status }) => status === 422)).toHaveLength(LIMIT);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(4);
});
