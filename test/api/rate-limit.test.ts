import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { TOKENS } from '../support/service/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service/service.ts';

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

it('a good POST is refused as well once the limit is reached', async () => {
  await statuses(LIMIT, refused);

  expect((await service.api.post([{}])).status).toBe(429);
  expect((await service.api.call('GET', '/bulk_imports')).body).toEqual([]);
});

it('the limit is one per user, whatever their tokens', async () => {
  service.destination.addToken('sample-second-dora-token', { username: 'dora' });
  await statuses(LIMIT, refused);

  expect((await refused('sample-second-dora-token')).status).toBe(429);
  expect((await refused(TOKENS.otto)).status).toBe(422);
});

it('requests that arrive at the same time are counted one by one', async () => {
  const answers = await Promise.all(Array.from({ length: 10 }, () => refused()));

  expect(answers.filter(({ status }) => status === 422)).toHaveLength(LIMIT);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(4);
});
