import { afterEach, expect, it, vi } from 'vitest';
import { singleLabels as labels } from '../support/gitlab/single-labels.ts';
import { ACME, FINISHED, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(labels);

useTableInMemory();
afterEach(() => vi.unstubAllEnvs());

const large = (title: string) => ({ title, color: '#123456', description: 'x'.repeat(20_000) });

it('a run that reads more than its budget ends with one failure, and keeps what it has moved', async () => {
  vi.stubEnv('RUN_MEGABYTES', '1');
  const bench = await startBench();
  // A label is read at the source and shown by the response of its creation: together 40 KB.
  bench.addPair({ labels: Array.from({ length: 60 }, (_, index) => large(`label ${index}`)) });
  const migration = await bench.migration('labels', ACME);

  expect(await migration.run(handler)).toEqual(FINISHED);

  const { status, counts } = await migration.tracker();
  expect(status).toBe('failed');
  const [failure, ...others] = await migration.failures();
  expect(others).toEqual([]);
  expect(failure).toMatchObject({ exceptionClass: 'BulkImports::BudgetExceededError' });
  expect(failure?.exceptionMessage).toMatch(
    /sent too much: all responses of one run have more than 1 MiB\. If it is right, let the operator of this service raise RUN_MEGABYTES\./,
  );
  expect(counts.imported).toBe(counts.fetched);
  expect(bench.destination.group('acme')?.labels.length).toBeGreaterThanOrEqual(counts.imported);
});

it('a response that is larger than the operator allows is read in smaller pages', async () => {
  vi.stubEnv('RESPONSE_MEGABYTES', '1');
  const bench = await startBench();
  bench.addPair({ labels: Array.from({ length: 60 }, (_, index) => large(`label ${index}`)) });
  const migration = await bench.migration('labels', ACME);

  expect(await migration.run(handler)).toEqual(FINISHED);

  expect((await migration.tracker()).counts).toMatchObject({ source: 60, imported: 60, failed: 0 });
});
