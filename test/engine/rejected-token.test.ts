import { expect, it } from 'vitest';
import { uploads as uploadsRelation } from '../../lambdas/pipelines/uploads.ts';
import { refused } from '../support/gitlab/gitlab-faults.ts';
import { singleLabels as labelsRelation } from '../support/gitlab/single-labels.ts';
import { startHttpServer } from '../support/network/http-server.ts';
import { ACME, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const labels = handlerOf(labelsRelation);
const uploads = handlerOf(uploadsRelation);

useTableInMemory();

it('leaves exact counts of what was done before it was rejected', async () => {
  const bench = await startBench();
  const group = bench.addPair({
    labels: Array.from({ length: 40 }, (_, index) => ({ title: `label ${index}` })),
  });
  const migration = await bench.migration('labels', ACME);
  let sent = 0;
  bench.destination.onRequest = ({ method, path }) => {
    if (method !== 'POST' || !path.endsWith('/labels')) return undefined;
    sent += 1;
    if (sent === 2) return refused(400, 'Title is invalid');
    return sent > 30 ? refused(401, '401 Unauthorized') : undefined;
  };

  await migration.run(labels);

  const { counts } = await migration.tracker();
  const { stats } = await migration.entity();
  const named = (await migration.failures()).filter(({ sourceTitle }) => sourceTitle !== null);
  expect((await migration.record()).status).toBe('failed');
  expect(counts).toMatchObject({
    source: 40,
    fetched: counts.imported + counts.failed,
    failed: named.length,
  });
  expect(named).toHaveLength(1);
  expect(group.labels.length - counts.imported).toBeLessThanOrEqual(3);
  expect(stats.labels).toEqual(counts);
});

it('is not blamed for the 401 of another server, which never got it', async () => {
  const bench = await startBench();
  bench.addPair({
    avatar: { filename: 'a.png', contentType: 'image/png', bytes: Buffer.from('89504e470d0a1a0a', 'hex') },
  });
  const store = await startHttpServer({ status: 401, headers: { 'ratelimit-limit': '1' }, body: '<Error/>' });
  const location = `${store.url}/avatar.png`;
  bench.source.onRequest = ({ path }) =>
    path.endsWith('/avatar') ? { kind: 'respond', status: 302, headers: { location } } : undefined;
  const migration = await bench.migration('uploads', ACME);

  await migration.run(uploads);

  expect(store.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  expect((await migration.record()).status).toBe('started');
  expect(await migration.failures()).toEqual([
    expect.objectContaining({ exceptionClass: 'BulkImports::NetworkError', relation: 'uploads' }),
  ]);
});
