import { beforeAll, describe, expect, it, vi } from 'vitest';
import { startRun } from '../../lambdas/store/entity-runs.ts';
import {
  type EntityInLane,
  entityInLane,
  meeting,
  relationOf,
  waiting,
} from '../support/service/entity-lane.ts';
import { setWorkflowEnvironment } from '../support/service/workflow-table.ts';
import { countsOf } from '../support/table/counts.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();
beforeAll(setWorkflowEnvironment);

const ENDED = { status: 'ended', waitSeconds: 0 };
const one = countsOf({ source: 1, fetched: 1, imported: 1 });

/** Begins a run of the entity, which then hands out its relations. @returns its number */
async function handOut(entity: EntityInLane): Promise<number> {
  return (await startRun(await entity.entity()))?.run ?? 0;
}

describe('relations that run apart', () => {
  it('are moved by runs beside each other, and the next run of the entity goes on after them', async () => {
    const together = meeting(2);
    const create = async () => {
      await together();
      return 'imported' as const;
    };
    const boards = vi.fn(async () => 'imported' as const);
    const entity = await entityInLane([
      relationOf('labels', { create }),
      relationOf('badges', { create }),
      relationOf('boards', { stage: 2, create: boards }),
    ]);
    const run = await handOut(entity);

    const results = await Promise.all(['labels', 'badges'].map(only => entity.run({ only, run })));

    expect(results).toMatchObject([
      { ...ENDED, only: 'labels' },
      { ...ENDED, only: 'badges' },
    ]);
    expect(boards).not.toHaveBeenCalled();
    expect(await entity.entity()).toMatchObject({ status: 'started', stats: { labels: one, badges: one } });
    expect(await entity.run()).toMatchObject(ENDED);
    expect(await entity.entity()).toMatchObject({ status: 'finished', stats: { boards: one } });
    expect(boards).toHaveBeenCalledOnce();
  });

  it('wait for themselves only', async () => {
    const entity = await entityInLane([waiting('labels', 60).relation, relationOf('badges')]);
    const run = await handOut(entity);

    const results = await Promise.all(['labels', 'badges'].map(only => entity.run({ only, run })));

    expect(results).toMatchObject([{ status: 'wait', waitSeconds: 60 }, ENDED]);
    await entity.endWaits();
    expect(await entity.run({ only: 'labels', run })).toMatchObject(ENDED);
    expect(await entity.statuses()).toEqual({ labels: 'finished', badges: 'finished' });
  });

  it('do nothing when the entity was run anew', async () => {
    const create = vi.fn(async () => 'imported' as const);
    const entity = await entityInLane([relationOf('labels', { create })]);
    const run = await handOut(entity);
    await handOut(entity);

    expect(await entity.run({ only: 'labels', run })).toMatchObject(ENDED);

    expect(create).not.toHaveBeenCalled();
    expect(await entity.statuses()).toEqual({});
  });

  it('are left alone when they have ended', async () => {
    const create = vi.fn(async () => 'imported' as const);
    const entity = await entityInLane([relationOf('labels', { create })]);
    const run = await handOut(entity);
    await entity.run({ only: 'labels', run });

    expect(await entity.run({ only: 'labels', run })).toMatchObject(ENDED);

    expect(create).toHaveBeenCalledOnce();
  });
});
