import { beforeEach, describe, expect, it } from 'vitest';
import { labels } from '../../lambdas/pipelines/labels.ts';
import { getImport } from '../../lambdas/store/imports.ts';
import { getTokens, TokensErasedError } from '../../lambdas/store/sealed-tokens.ts';
import { refused, throttled } from '../support/gitlab/gitlab-faults.ts';
import { ACME, type Bench, FINISHED, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(labels);

useTableInMemory();

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});

describe('a destination that throttles one record while it refuses the token of the next', () => {
  it('is not waited for: the import ends at once', async () => {
    const { destination } = bench;
    bench.addPair({ labels: [{ title: 'first' }, { title: 'second' }, { title: 'third' }] });
    const migration = await bench.migration('labels', ACME);
    destination.onRequest = ({ method, body }) => {
      if (method !== 'POST') return undefined;
      return (body as { name: string }).name === 'first' ? throttled(3600) : refused(401, '401 Unauthorized');
    };

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(await migration.record()).toMatchObject({ status: 'failed' });
    expect(await migration.failures()).toMatchObject([
      { exceptionMessage: expect.stringContaining('does not accept the destination token any more') },
    ]);
    await expect(getTokens(await getImport(migration.importId))).rejects.toThrow(TokensErasedError);
  });
});
