import { expect, it } from 'vitest';
import { onlyPage, type Relation } from '../../lambdas/engine/relation.ts';
import { TemporaryError } from '../../lambdas/gitlab/errors.ts';
import { markFailuresRecorded } from '../../lambdas/store/entities.ts';
import { ACME, FINISHED, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();

type Create = NonNullable<Relation<string, string, null>['create']>;

/** A relation of one record, at whose first attempts to create it the test is asked what becomes of them. */
function relationOf(...attempts: Create[]) {
  const relation: Relation<string, string, null> = {
    name: 'labels',
    pipelineClass: 'BulkImports::Common::Pipelines::LabelsPipeline',
    relation: 'labels',
    parallel: 1,
    read: async () => onlyPage(['bug']),
    existing: async () => null,
    nameOf: record => ({ key: record, title: record }),
    want: record => record,
    decide: () => 'create',
    create: async (...parameters) => attempts.shift()?.(...parameters) ?? 'imported',
  };
  return handlerOf(relation);
}

const fails: Create = async () => {
  throw new Error('It is refused.');
};
const mustWait: Create = async () => {
  const details = { instance: 'destination', method: 'POST', reason: 'a job', waitsFor: 'job' } as const;
  throw new TemporaryError('A job is not done.', { ...details, retryAfter: 60 });
};

/** Something that is held until it is let go. */
function held(act: Create): { create: Create; begun: Promise<void>; letGo: () => void } {
  const begun = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  return {
    async create(...parameters) {
      begun.resolve();
      await end.promise;
      return act(...parameters);
    },
    begun: begun.promise,
    letGo: end.resolve,
  };
}

it('a run that is overtaken leaves no failure of what its successor has brought', async () => {
  const bench = await startBench();
  bench.addPair({});
  const migration = await bench.migration('labels', ACME);
  const slow = held(fails);
  const labels = relationOf(slow.create);

  const overtaken = migration.run(labels);
  await slow.begun;
  await migration.run(labels);
  slow.letGo();

  expect(await overtaken).toEqual(FINISHED);
  expect(await migration.failures()).toEqual([]);
  expect(await migration.tracker()).toMatchObject({ counts: { imported: 1, failed: 0 } });
});

it('a run that is overtaken takes back no failure of its successor', async () => {
  const bench = await startBench();
  bench.addPair({});
  const migration = await bench.migration('labels', ACME);
  await markFailuresRecorded({ id: migration.entityId, importId: migration.importId });
  const slow = held(async () => 'imported');
  const labels = relationOf(mustWait, slow.create, fails);

  await migration.run(labels);
  const overtaken = migration.run(labels);
  await slow.begun;
  await migration.run(labels);
  slow.letGo();

  expect(await overtaken).toEqual(FINISHED);
  expect(await migration.failures()).toEqual([expect.objectContaining({ sourceTitle: 'bug' })]);
  expect(await migration.tracker()).toMatchObject({ counts: { imported: 0, failed: 1 } });
});
