import { expect, it } from 'vitest';
import { keys } from '../../lambdas/store/keys.ts';
import { updateItem } from '../../lambdas/store/table-updates.ts';
import { singleLabels as labelsRelation } from '../support/gitlab/single-labels.ts';
import { startHttpServer } from '../support/network/http-server.ts';
import { ACME, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const labels = handlerOf(labelsRelation);

useTableInMemory();

it.each(['sourceUrl', 'destinationUrl'] as const)(
  'whoever writes another %s into an import that runs is sent nothing, and the import ends and says why',
  async url => {
    const evil = await startHttpServer({ status: 200, body: '[]' });
    const bench = await startBench();
    bench.addPair({ labels: [{ title: 'bug' }] });
    const migration = await bench.migration('labels', ACME);
    await updateItem(keys.import(migration.importId), { set: { [url]: evil.url } });
    // A writer who can change the table may wait for the day on which the service has another destination.
    if (url === 'destinationUrl') process.env.DESTINATION_GITLAB_URL = evil.url;

    const result = await migration.run(labels);

    expect(result).toEqual({ status: 'ended', waitSeconds: 0 });
    expect(evil.requests).toEqual([]);
    expect([...bench.source.requests, ...bench.destination.requests]).toEqual([]);
    expect((await migration.record()).status).toBe('failed');
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        exceptionClass: 'BulkImports::TokenUseError',
        exceptionMessage: expect.stringContaining('cannot be opened for the GitLabs that it names'),
      }),
    ]);
  },
);
