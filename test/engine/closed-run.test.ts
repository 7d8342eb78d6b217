import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Change, type Outlook, Skip } from '../../lambdas/engine/relation.ts';
import { createLabel } from '../../lambdas/gitlab/api/labels.ts';
import { sumChanges } from '../../lambdas/store/changes.ts';
import {
  entityInLane,
  onePerPage,
  type RelationChanges,
  relationOf,
} from '../support/service/entity-lane.ts';
import { setWorkflowEnvironment } from '../support/service/workflow-table.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();
beforeAll(setWorkflowEnvironment);

const NOTHING = sumChanges([]);

/** Runs one relation of an entity whose group does not exist, to its end, in a plan. */
async function plan(changes: RelationChanges) {
  const relation = relationOf('things', changes);
  const lane = await entityInLane([relation], { kind: 'plan' }, { kind: 'plan' });
  const result = await lane.run();
  return { ...lane, result, shown: await lane.entity() };
}

describe('a run that only looks', () => {
  it('decides about every record, and writes none', async () => {
    const create = vi.fn();
    const change = vi.fn();
    const decisions = {
      a: 'create',
      b: 'keep',
      c: new Change(['color']),
      d: new Skip('no_user'),
      e: 'create',
    } as const;

    const { shown, result } = await plan({
      records: Object.keys(decisions),
      decide: record => decisions[record as 'a'],
      create,
      change,
    });

    expect(result.status).toBe('ended');
    expect(create).not.toHaveBeenCalled();
    expect(change).not.toHaveBeenCalled();
    expect(shown.changes).toEqual({ things: { ...NOTHING, create: 2, update: 1, unchanged: 1, skip: 1 } });
    expect(shown.trackers.things?.foreseen).toMatchObject({ writes: 3, emails: 0 });
    expect(shown.stats.things).toMatchObject({ source: 5, fetched: 5, imported: 4, skipped: 1, failed: 0 });
  });

  it('takes for granted what it has decided before', async () => {
    const there = new Set<string>();

    const { shown } = await plan({
      records: ['a', 'b', 'a'],
      parallel: 4,
      decide: record => (there.has(record) ? 'keep' : 'create'),
      planned: {
        outlook(record): Outlook {
          there.add(record);
          return { writes: 2, emails: 1 };
        },
      },
    });

    expect(shown.changes?.things).toEqual({ ...NOTHING, create: 2, unchanged: 1 });
    expect(shown.trackers.things?.foreseen).toMatchObject({ writes: 4, emails: 2 });
  });

  it('counts what stands against a record as blocked, and writes its failure', async () => {
    const problem = new Error('It has no counterpart.');

    const { shown, failures } = await plan({
      records: ['decided', 'foreseen', 'in part', 'unknown'],
      decide(record) {
        if (record === 'decided') throw new Error('It is too long.');
        return 'create';
      },
      planned: {
        outlook(record): Outlook {
          if (record === 'foreseen') throw new Error('Its path is taken.');
          if (record === 'in part') return { writes: 1, problem };
          return { writes: 1, isUnknown: true };
        },
      },
    });

    expect(shown.changes?.things).toEqual({ ...NOTHING, blocked: 3, unknown: 1 });
    expect(shown.trackers.things?.foreseen).toMatchObject({ writes: 2 });
    const messages = (await failures()).map(({ exceptionMessage }) => exceptionMessage);
    expect(messages.sort()).toEqual(['It has no counterpart.', 'It is too long.', 'Its path is taken.']);
    expect(shown.hasFailures).toBe(true);
  });

  it('keeps what it has decided when it is interrupted', async () => {
    const relation = relationOf('things', { read: onePerPage(['a', 'b', 'c']) });
    const lane = await entityInLane([relation], { kind: 'plan' }, { kind: 'plan' });
    // Time for nothing but to find that there is none.
    await lane.run({}, 1_000);
    await lane.run();

    expect((await lane.entity()).changes?.things).toEqual({ ...NOTHING, create: 3 });
  });

  it('lets no relation write that would do so by itself', async () => {
    const { shown, failures } = await plan({
      async decide(record, _, { destination }) {
        await createLabel(destination, 7, { name: record, color: '#abc' });
        return 'keep' as const;
      },
    });

    expect(shown.changes?.things).toEqual({ ...NOTHING, blocked: 1 });
    expect((await failures()).map(({ exceptionMessage }) => exceptionMessage)).toEqual([
      'A run that only looks changes nothing, and was about to create the label.',
    ]);
  });

  it('makes the entities of what a group holds all the same', async () => {
    const create = vi.fn();

    const { shown } = await plan({ records: ['a', 'b'], makesEntities: true, create });

    expect(create).toHaveBeenCalledTimes(2);
    expect(shown.stats.things).toMatchObject({ imported: 2 });
    expect(shown.changes).toEqual({});
  });

  it('asks nothing of a group that does not exist', async () => {
    const existing = vi.fn(async () => undefined);
    const planned = vi.fn(async () => undefined);

    await plan({ existing, planned: { existing: planned } });
    await plan({ existing, nothing: () => undefined });

    expect(existing).not.toHaveBeenCalled();
    expect(planned).toHaveBeenCalledTimes(1);
  });
});
