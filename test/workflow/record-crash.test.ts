import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../lambdas/engine/run-event.ts';
import { moveEntity } from '../../lambdas/store/entities.ts';
import type { Entity } from '../../lambdas/store/entity.ts';
import { saveRun, startRun, startRunOf } from '../../lambdas/store/entity-runs.ts';
import { deleteFailure } from '../../lambdas/store/failures.ts';
import { moveImport } from '../../lambdas/store/imports.ts';
import { keys } from '../../lambdas/store/keys.ts';
import { updateItem } from '../../lambdas/store/table-updates.ts';
import { newTracker } from '../../lambdas/store/trackers.ts';
import { handler as recordCrash } from '../../lambdas/workflow/record-crash.ts';
import { entityInLane } from '../support/service/entity-lane.ts';
import { setWorkflowEnvironment } from '../support/service/workflow-table.ts';
import { countsOf } from '../support/table/counts.ts';
import { setTracker } from '../support/table/entity-records.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';
import { CRASH, groupRelations } from './crashes.ts';

const table = useTableInMemory();
beforeAll(setWorkflowEnvironment);
afterEach(() => {
  table().throttles = () => false;
});

const all = (number: number) => countsOf({ source: number, fetched: number, imported: number });

/** An entity of which a run has died, and the record of that death. */
async function crash(event: Partial<RunEvent>, { alone = null as string | null, times = 1 } = {}) {
  const entity = await entityInLane(groupRelations());
  await startRun(await entity.entity());
  const { id, importId } = await entity.entity();
  await setTracker({ id, importId }, 'labels', { counts: all(3) });
  if (alone !== null) await setAlone(entity, alone);
  const results = [];
  for (let time = 0; time < times; time++)
    results.push(await recordCrash({ ...entity.event, ...event, error: CRASH }));
  return { entity, result: results[0], results };
}

async function setAlone({ event }: { event: RunEvent }, alone: string): Promise<void> {
  await updateItem(keys.entity(event.importId, event.entityId), { set: { alone } });
}

describe('the record of a death', () => {
  it('of runs with several relations in hand has them run one by one, and fails nothing', async () => {
    const { entity, result } = await crash({});

    expect(result).toEqual({
      ...entity.event,
      crashes: 1,
      status: 'continue',
      waitSeconds: 0,
      relations: [],
    });
    expect(await entity.failures()).toEqual([]);
    expect(await entity.statuses()).toEqual({ labels: 'started' });
  });

  it('is told by the next run where whoever has recorded it died before it was written as a failure', async () => {
    const { entity } = await crash({ crashes: 1 }, { alone: 'labels' });
    const [recorded] = await entity.failures();
    const { id, importId } = await entity.entity();
    if (recorded !== undefined) await deleteFailure(importId, id, recorded.key);
    expect(await entity.failures()).toEqual([]);

    await entity.run();

    expect(await entity.failures()).toMatchObject([
      {
        relation: 'labels',
        exceptionClass: 'BulkImports::PipelineCrashedError',
        exceptionMessage: recorded?.exceptionMessage,
      },
    ]);
    expect(await entity.entity()).toMatchObject({ status: 'finished', hasFailures: true });
  });

  it('is one failure that says why, without a stack, however often it is recorded', async () => {
    const { entity, results } = await crash({ crashes: 1 }, { alone: 'labels', times: 2 });

    expect(results).toMatchObject([
      { status: 'continue', crashes: 2 },
      { status: 'continue', crashes: 2 },
    ]);
    expect((await entity.entity()).status).toBe('started');
    expect(await entity.statuses()).toEqual({ labels: 'failed' });
    expect((await entity.entity()).stats.labels).toEqual(all(3));
    const failures = await entity.failures();
    expect(failures).toMatchObject([
      {
        relation: 'labels',
        step: 'pipeline_worker_run',
        pipelineClass: 'BulkImports::Common::Pipelines::LabelsPipeline',
        exceptionClass: 'BulkImports::PipelineCrashedError',
        exceptionMessage: expect.stringContaining('x is not a function'),
      },
    ]);
    expect(failures[0]?.exceptionMessage).not.toContain('secret/path');
  });

  it('of a relation that ran apart is its failure, the first time, and the end of its runs', async () => {
    const { entity, result } = await crash({ only: 'labels' });

    expect(result?.status).toBe('ended');
    expect(await entity.statuses()).toEqual({ labels: 'failed' });
    expect((await entity.entity()).status).toBe('started');
  });

  it('of a relation that ran apart ends no run of the others beside it', async () => {
    const { entity } = await crash({});
    const labels = await startRunOf(await entity.entity(), 'labels', 'labels');
    const badges = await startRunOf(await entity.entity(), 'badges', 'badges');
    if (labels === undefined || badges === undefined) throw new Error('a run was not begun');

    await recordCrash({ ...entity.event, only: 'labels', run: labels.run, error: CRASH });

    const save = (name: string, of: Entity) =>
      saveRun(of, { trackers: { [name]: { ...newTracker(name, 'finished'), run: 1 } } }, { name, run: 1 });
    expect([await save('labels', labels), await save('badges', badges)]).toEqual([false, true]);
    expect(await entity.statuses()).toEqual({ labels: 'failed', badges: 'finished' });
  });

  it('of a relation that nobody had begun is its failure, too', async () => {
    const { entity } = await crash({ crashes: 1 }, { alone: 'members' });

    expect(await entity.statuses()).toEqual({ labels: 'started', members: 'failed' });
  });

  it('keeps a run that still lives from saving anything', async () => {
    const { entity } = await crash({});
    const living = await entity.entity();
    await setAlone(entity, 'labels');

    await recordCrash({ ...entity.event, crashes: 1, error: CRASH });

    expect(await saveRun(living, { trackers: { labels: newTracker('labels', 'finished') } })).toBe(false);
    expect(await entity.statuses()).toEqual({ labels: 'failed' });
  });

  it('takes nothing from a run that somebody has begun meanwhile', async () => {
    const { entity } = await crash({});
    await setAlone(entity, 'labels');
    const { pk, sk } = keys.entity(entity.event.importId, entity.event.entityId);
    // Between the two of them, when the first has read and before it writes.
    table().throttles = ({ kind }) => {
      const item = table().items.get(`${pk}|${sk}`);
      if (kind === 'write' && item !== undefined) {
        table().items.set(`${pk}|${sk}`, { ...item, run: Number(item.run) + 1 });
        table().throttles = () => false;
      }
      return false;
    };

    const result = await recordCrash({ ...entity.event, crashes: 1, error: CRASH });

    expect(result.status).toBe('continue');
    expect(await entity.failures()).toEqual([]);
    expect(await entity.statuses()).toEqual({ labels: 'started' });
  });

  it('leaves a relation finished that had done all, and died before it could say so', async () => {
    const { entity } = await crash({});
    const { id, importId } = await entity.entity();
    await setTracker({ id, importId }, 'labels', { status: 'finished' });
    await setAlone(entity, 'labels');

    const result = await recordCrash({ ...entity.event, crashes: 1, error: CRASH });

    expect(result.status).toBe('continue');
    expect(await entity.failures()).toEqual([]);
    expect(await entity.statuses()).toEqual({ labels: 'finished' });
  });

  it.each(['import', 'entity'] as const)('is the end, and no failure, when its %s has ended', async what => {
    const { entity } = await crash({});
    await setAlone(entity, 'labels');
    if (what === 'import') await moveImport(await entity.record(), 'canceled');
    else await moveEntity(await entity.entity(), 'canceled');

    const result = await recordCrash({ ...entity.event, crashes: 1, error: CRASH });

    expect(result.status).toBe('ended');
    expect(await entity.failures()).toEqual([]);
  });

  it('of runs outside of their relations says nothing of subgroups that have entities', async () => {
    const { entity } = await crash({ crashes: 0 });
    const { id, importId } = await entity.entity();
    await setTracker({ id, importId }, 'subgroup_entities', { status: 'finished' });

    await recordCrash({ ...entity.event, crashes: 1, error: CRASH });

    expect(await entity.failures()).toMatchObject([{ relation: 'entity' }]);
    expect(await entity.statuses()).toEqual({ labels: 'failed', subgroup_entities: 'finished' });
  });
});
