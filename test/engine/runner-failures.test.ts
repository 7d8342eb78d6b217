import { describe, expect, it } from 'vitest';
import { StoreError } from '../../lambdas/domain/store-errors.ts';
import { getImport } from '../../lambdas/store/imports.ts';
import { getTokens, TokensErasedError } from '../../lambdas/store/sealed-tokens.ts';
import type { Fault } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { refused, setFault, throttled } from '../support/gitlab/gitlab-faults.ts';
import { singleLabels as labels } from '../support/gitlab/single-labels.ts';
import {
  ACME,
  CORRELATION_ID,
  FINISHED,
  handlerOf,
  type Migration,
  startBench,
} from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();

const HOUR = 3600;
const BAD_GATEWAY: Fault = { kind: 'respond', status: 502, body: '' };
const CREATE = { method: 'POST', path: '/labels' } as const;
/** One label after the other. */
const inOrder = handlerOf({ ...labels, parallel: 1 });

async function startLabels(...titles: string[]) {
  const bench = await startBench();
  const group = bench.addPair({ labels: titles.map(title => ({ title })) });
  return { bench, group, migration: await bench.migration('labels', ACME) };
}

/** Runs the pipeline as often as the workflow would. @returns what it was sent to wait, in seconds */
async function runUntil(migration: Migration, isReached: () => Promise<boolean>) {
  const waits: number[] = [];
  for (let isOver = false; !isOver; isOver ||= await isReached()) {
    const { status, waitSeconds } = await migration.run(inOrder);
    if (status === 'wait') waits.push(waitSeconds);
    else isOver = true;
  }
  return { waits, seconds: waits.reduce((sum, wait) => sum + wait, 0) };
}

const runToTheEnd = (migration: Migration) => runUntil(migration, async () => false);

const isFor = (title: string) => ({
  where: ({ body }: { body: unknown }) => JSON.stringify(body).includes(title),
});

const failedTitles = async (migration: Migration) =>
  (await migration.failures()).map(({ sourceTitle }) => sourceTitle).sort();

describe('an outage that does not pass', () => {
  it('fails a pipeline that cannot read, after two hours of waiting', async () => {
    const { bench, migration } = await startLabels('a');
    setFault(bench.source, { path: '/labels' }, BAD_GATEWAY);

    const { waits, seconds } = await runToTheEnd(migration);

    expect(seconds).toBeGreaterThan(2 * HOUR - 60);
    expect(seconds).toBeLessThan(2 * HOUR + 400);
    expect(Math.max(...waits)).toBeLessThanOrEqual(375);
    expect((await migration.tracker()).status).toBe('failed');
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        relation: 'labels',
        step: 'extractor',
        exceptionClass: 'BulkImports::NetworkError',
        exceptionMessage: expect.stringContaining('The source GitLab could not list the labels: 502'),
        correlationId: CORRELATION_ID,
        sourceTitle: null,
      }),
    ]);
    expect((await migration.entity()).status).toBe('finished');
  });

  it('fails a record after two hours, and the next ones without waiting for each', async () => {
    const { bench, migration } = await startLabels('a', 'b', 'c');
    setFault(bench.destination, CREATE, BAD_GATEWAY);

    const { seconds } = await runToTheEnd(migration);

    expect(seconds).toBeGreaterThan(2 * HOUR - 60);
    expect(seconds).toBeLessThan(2 * HOUR + 400);
    expect(await failedTitles(migration)).toEqual(['a', 'b', 'c']);
    expect(await migration.tracker()).toMatchObject({
      status: 'finished',
      waiting: null,
      counts: { source: 3, fetched: 3, imported: 0, skipped: 0, failed: 3 },
    });
  });

  it('is waited for again once a record has succeeded', async () => {
    const { bench, group, migration } = await startLabels('a', 'b', 'c');
    setFault(
      bench.destination,
      { ...CREATE, where: ({ body }) => !JSON.stringify(body).includes('"b"') },
      BAD_GATEWAY,
    );

    const isAtTheLast = async () => (await migration.tracker()).counts.fetched === 2;
    await runUntil(migration, isAtTheLast);
    bench.destination.onRequest = undefined;
    const last = await migration.run(inOrder);

    expect(last).toEqual(FINISHED);
    expect(group.labels.map(({ title }) => title)).toEqual(['b', 'c']);
    expect(await failedTitles(migration)).toEqual(['a']);
  });

  it('is not counted over records that each had to wait once', async () => {
    const titles = Array.from('abcdefghijkl');
    const { bench, group, migration } = await startLabels(...titles);
    const tried = new Set<string>();
    bench.destination.onRequest = ({ method, body }) => {
      const text = JSON.stringify(body);
      if (method !== 'POST' || tried.has(text)) return undefined;
      tried.add(text);
      return throttled(5);
    };

    const { waits } = await runToTheEnd(migration);

    expect(waits).toEqual(Array(12).fill(5));
    expect(group.labels.map(({ title }) => title)).toEqual(titles);
    expect((await migration.tracker()).counts).toMatchObject({
      source: 12,
      fetched: 12,
      imported: 12,
      failed: 0,
    });
  });
});

describe('a look-up that is refused', () => {
  it('ends the pipeline in the step in which it was made', async () => {
    const { bench, group, migration } = await startLabels('a');
    setFault(bench.destination, { method: 'GET', path: '/labels' }, refused(403, '403 Forbidden'));

    const result = await migration.run(inOrder);

    expect(result).toEqual(FINISHED);
    expect((await migration.tracker()).status).toBe('failed');
    expect(group.labels).toEqual([]);
    expect(await migration.failures()).toEqual([
      expect.objectContaining({ step: 'loader', sourceTitle: null }),
    ]);
  });
});

describe('a run that crashed', () => {
  const crashAfterFailing = handlerOf({
    ...labels,
    parallel: 1,
    async create({ name }) {
      if (name === 'a') throw new Error('not today');
      throw new StoreError('gone before anything was saved');
    },
  });

  it('takes a failure back when the record succeeds in the next one', async () => {
    const { group, migration } = await startLabels('a', 'b');
    await expect(migration.run(crashAfterFailing)).rejects.toThrow(StoreError);
    expect(await failedTitles(migration)).toEqual(['a']);

    await migration.run(inOrder);

    expect(await migration.failures()).toEqual([]);
    expect(group.labels.map(({ title }) => title)).toEqual(['a', 'b']);
    expect((await migration.tracker()).counts).toMatchObject({
      source: 2,
      fetched: 2,
      imported: 2,
      failed: 0,
    });
  });

  it('leaves one row when the record fails again', async () => {
    const { bench, migration } = await startLabels('a', 'b');
    await expect(migration.run(crashAfterFailing)).rejects.toThrow(StoreError);
    setFault(bench.destination, { ...CREATE, ...isFor('"a"') }, refused(400, 'no'));

    await migration.run(inOrder);

    expect(await failedTitles(migration)).toEqual(['a']);
    expect((await migration.tracker()).counts).toMatchObject({ source: 2, imported: 1, failed: 1 });
  });

  it('is a crash and no failure when the table could not be used', async () => {
    const { migration } = await startLabels('b');

    await expect(migration.run(crashAfterFailing)).rejects.toThrow(StoreError);

    expect(await migration.failures()).toEqual([]);
    expect((await migration.entity()).status).toBe('started');
  });
});

describe('a token that is not accepted any more', () => {
  const revoked: Fault = {
    kind: 'respond',
    status: 401,
    body: JSON.stringify({ error: 'invalid_token', error_description: 'Token was revoked.' }),
  };

  it.each(['source', 'destination'] as const)('ends the import when it is that of the %s', async instance => {
    const { bench, migration } = await startLabels('a', 'b');
    setFault(bench[instance], { path: '/labels' }, revoked);

    const result = await migration.run(inOrder);

    expect(result).toEqual(FINISHED);
    expect(await migration.record()).toMatchObject({ status: 'failed', hasFailures: true });
    expect(await migration.entity()).toMatchObject({ status: 'failed', hasFailures: true });
    expect((await migration.tracker()).status).toBe('failed');
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        relation: 'entity',
        exceptionClass: 'BulkImports::TokenRejectedError',
        exceptionMessage: `The ${instance} GitLab does not accept the ${instance} token any more (401 Token was revoked.). Start a new import with a valid token.`,
        correlationId: CORRELATION_ID,
      }),
    ]);
    await expect(getTokens(await getImport(migration.importId))).rejects.toThrow(TokensErasedError);
  });

  it('ends the import also when it happens at a record', async () => {
    const { bench, migration } = await startLabels('a', 'b');
    setFault(bench.destination, { ...CREATE, nth: 2 }, revoked);

    await migration.run(inOrder);

    expect((await migration.record()).status).toBe('failed');
    expect(await failedTitles(migration)).toEqual([null]);
  });
});

describe('a source that is changed while it is read', () => {
  it('leaves a failure when fewer records came than were announced', async () => {
    const titles = Array.from({ length: 101 }, (_, index) => `label-${String(index).padStart(3, '0')}`);
    const { bench, migration } = await startLabels(...titles);
    bench.source.onRequest = ({ query }) => {
      if (query.get('page') === '2') bench.source.group('acme')?.labels.splice(0, 50);
      return undefined;
    };

    await migration.run(handlerOf({ ...labels, create: async () => undefined }));

    expect(await migration.tracker()).toMatchObject({
      status: 'finished',
      counts: { source: 100, fetched: 100, imported: 100, skipped: 0, failed: 0 },
    });
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        step: 'extractor',
        exceptionClass: 'BulkImports::SourceChangedError',
        exceptionMessage: expect.stringContaining('announced 101 records and sent 100'),
        sourceTitle: null,
      }),
    ]);
  });
});
