import { describe, expect, it } from 'vitest';
import { badges as badgesRelation } from '../../lambdas/pipelines/badges.ts';
import { setFault } from '../support/gitlab/gitlab-faults.ts';
import { singleLabels as labelsRelation } from '../support/gitlab/single-labels.ts';
import { ACME, FINISHED, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const badges = handlerOf(badgesRelation);
const labels = handlerOf(labelsRelation);

useTableInMemory();

/** What GitLab says when the quota of a token is spent. */
const SPENT = {
  kind: 'respond',
  status: 429,
  headers: {
    'retry-after': '60',
    'ratelimit-limit': '600',
    'ratelimit-remaining': '0',
    'content-type': 'text/plain',
  },
  body: 'Retry later\n',
} as const;

/** 14 slots at 600 requests a minute, of which a little is left to others: how far those in line are apart. */
const SECONDS_PER_PLACE = 1.5;

const CONTENTS = {
  labels: [{ title: 'bug' }],
  badges: [{ linkUrl: 'https://l.example', imageUrl: 'https://i.example' }],
};

describe('a pipeline at a destination whose quota is spent', () => {
  it('makes the other pipelines of the token wait without asking the destination', async () => {
    const bench = await startBench();
    bench.addPair(CONTENTS);
    setFault(bench.destination, { path: '/labels', nth: 1 }, SPENT);
    const first = await bench.migration('labels', ACME);
    const second = await bench.migration('badges', ACME);
    await first.run(labels);
    const asked = bench.destination.requests.length;

    const run = await second.run(badges);

    expect(run).toEqual({ status: 'wait', waitSeconds: expect.any(Number) });
    expect(run.waitSeconds).toBeGreaterThanOrEqual(59);
    expect(run.waitSeconds).toBeLessThanOrEqual(80);
    expect(bench.destination.requests.length).toBe(asked);
  });

  it('queues as often as it must: not having its turn is no failure', async () => {
    const bench = await startBench();
    bench.addPair(CONTENTS);
    setFault(bench.destination, { path: '/labels', nth: 1 }, SPENT);
    const migration = await bench.migration('labels', ACME);
    await migration.run(labels);

    for (let queued = 0; queued < 20; queued++) await migration.run(labels);

    const { status, waited, counts } = await migration.tracker();
    expect(status).toBe('started');
    expect(waited).toMatchObject({ limit: { times: 1 }, queue: { times: 20 } });
    expect(counts.failed).toBe(0);
    expect(await migration.failures()).toEqual([]);
  });

  it('comes back later and later, so that a day in the queue fits into the history of an execution', async () => {
    const bench = await startBench();
    bench.addPair(CONTENTS);
    setFault(bench.destination, { path: '/labels', nth: 1 }, SPENT);
    const migration = await bench.migration('labels', ACME);
    await migration.run(labels);

    const waits: number[] = [];
    for (let queued = 0; queued < 25; queued++) waits.push((await migration.run(labels)).waitSeconds);

    expect(Math.max(...waits.slice(0, 3))).toBeLessThan(60 + 20 * 1.5 ** 3);
    expect(Math.max(...waits.slice(15))).toBeGreaterThan(200);
    // At the end of a line in which each of the 26 before has a place, and at most 25 minutes later.
    expect(Math.max(...waits)).toBeLessThanOrEqual(60 + 26 * SECONDS_PER_PLACE + 1500);
  });

  it('sends its requests turn by turn when there is a limit and quota is left', async () => {
    const bench = await startBench({ destination: { rateLimitPerMinute: 60_000 } });
    const group = bench.addPair(CONTENTS);
    const migration = await bench.migration('labels', ACME);

    expect(await migration.run(labels)).toEqual(FINISHED);
    expect(group.labels.map(({ title }) => title)).toEqual(['bug']);
    expect((await migration.tracker()).waited).toEqual({});
  });
});
