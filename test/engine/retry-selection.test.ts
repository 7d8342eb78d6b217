import { beforeEach, describe, expect, it } from 'vitest';
import { selectionOf } from '../../lambdas/engine/retry-selection.ts';
import { takeIds } from '../../lambdas/store/counters.ts';
import type { Entity } from '../../lambdas/store/entity.ts';
import { type NewFailure, putFailure } from '../../lambdas/store/failures.ts';
import type { Retry } from '../../lambdas/store/imports.ts';
import { newTracker, type Tracker } from '../../lambdas/store/trackers.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();
let importId: number;
beforeEach(async () => {
  importId = await takeIds('IMPORT');
});

const finished = (relation: string): Tracker => newTracker(relation, 'finished');
const TRACKERS = { project_import: finished('project_import'), project_counts: finished('project_counts') };
const select = (retry: Partial<Retry> = {}) =>
  selectionOf(
    { importId, id: 1, status: 'finished', failuresRecorded: true, trackers: TRACKERS } as never as Entity,
    {
      scope: 'failed',
      ...retry,
    },
  );

/** A failure of a record that another relation brings, or nobody. */
async function failure(key: string, relation: string, more: Partial<NewFailure> = {}): Promise<void> {
  await putFailure({
    importId,
    entityId: 1,
    key,
    relation,
    pipelineClass: 'Pipeline',
    step: 'loader',
    exceptionClass: 'Error',
    exceptionMessage: 'It failed.',
    correlationId: 'c',
    sourceUrl: null,
    sourceTitle: relation,
    createdAt: new Date().toISOString(),
    isCounted: false,
    ...more,
  });
}

describe('a retry of what failed', () => {
  it('moves again what brings a record, whichever relation has failed it', async () => {
    await failure('5#project_counts#a', 'issues', { broughtBy: 'project_import', isCounted: true });

    expect(await select()).toMatchObject({ project_import: 'all' });
  });

  it('moves nothing for a part that nobody brings', async () => {
    await failure('3#project_import#a', 'labels');

    expect(await select()).toBeUndefined();
  });

  it.each<[string[], boolean]>([
    [['issues'], true],
    [['project_import'], true],
    [['milestones'], false],
    [['members'], false],
  ])('of the relations %j means a record of issues: %s', async (relations, isMeant) => {
    await failure('3#project_import#a', 'issues', { broughtBy: 'project_import' });

    expect(await select({ relations })).toEqual(isMeant ? { project_import: 'all' } : undefined);
  });
});
