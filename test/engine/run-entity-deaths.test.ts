import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { StoreError } from '../../lambdas/domain/store-errors.ts';
import { cancelImport } from '../../lambdas/engine/end-import.ts';
import { runEntity } from '../../lambdas/engine/run-entity.ts';
import { startRun } from '../../lambdas/store/entity-runs.ts';
import {
  type EntityInLane,
  entityInLane,
  meeting,
  onePerPage,
  relationOf,
  waiting,
} from '../support/service/entity-lane.ts';
import { laneOfGroups } from '../support/service/lane-of-groups.ts';
import { setWorkflowEnvironment } from '../support/service/workflow-table.ts';
import { countsOf } from '../support/table/counts.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const table = useTableInMemory();
beforeAll(setWorkflowEnvironment);
afterEach(() => {
  table().throttles = () => false;
});

const ENDED = { status: 'ended', waitSeconds: 0 };
const all = (number: number) => countsOf({ source: number, fetched: number, imported: number });

describe('a save that is refused', () => {
  const TAKE_OVER: [string, (entity: EntityInLane) => Promise<unknown>][] = [
    ['because the import was canceled', async entity => cancelImport(await entity.record(), async () => 0)],
    ['because a newer run has taken over', async entity => startRun(await entity.entity())],
  ];

  it.each(TAKE_OVER)('%s ends all relations of the run', async (_, takeOver) => {
    const loaded = { labels: 0, members: 0 };
    const seen = meeting(2);
    const refused = Promise.withResolvers<void>();
    const labels = relationOf('labels', {
      records: ['a', 'b'],
      async create(_record, context) {
        loaded.labels += 1;
        await seen();
        await takeOver(entity);
        await context.save().finally(refused.resolve);
        return 'imported';
      },
    });
    const members = relationOf('members', {
      records: ['a', 'b', 'c'],
      async create() {
        loaded.members += 1;
        await seen();
        await refused.promise;
        return 'imported';
      },
    });
    const create = vi.fn(async () => 'imported' as const);
    const entity = await entityInLane([labels, members, relationOf('boards', { stage: 2, create })]);

    expect(await entity.run()).toMatchObject(ENDED);

    expect(loaded).toEqual({ labels: 1, members: 1 });
    expect(create).not.toHaveBeenCalled();
    expect((await entity.entity()).stats).toEqual({});
    expect(await entity.failures()).toEqual([]);
  });

  it('leaves the entity to the newer run, which does all of it', async () => {
    const entity = await entityInLane([relationOf('labels')]);
    const older = relationOf('labels', {
      async create() {
        await entity.run();
        return 'imported';
      },
    });
    const { event } = entity;

    const result = await runEntity(laneOfGroups([older]), event, Date.now() + 900_000);

    expect(result).toMatchObject(ENDED);
    expect(await entity.entity()).toMatchObject({ status: 'finished', run: 2, stats: { labels: all(1) } });
  });
});

describe('a run that dies', () => {
  const TITLES = ['a', 'b', 'c', 'd', 'e'];

  /** Relations in two stages that are saved after every record, and what is at their destination. */
  function savingRelations() {
    const made = new Map<string, string[]>();
    const relations = (['labels', 'members', 'boards'] as const).map((name, index) =>
      relationOf(name, {
        stage: index < 2 ? 1 : 2,
        read: onePerPage(TITLES),
        async create(record) {
          const there = made.get(name) ?? [];
          if (!there.includes(record)) made.set(name, [...there, record]);
          return 'imported';
        },
      }),
    );
    return { relations, made };
  }

  /** The writes of a run that nothing happens to. */
  async function writesOfWhole(): Promise<number> {
    const entity = await entityInLane(savingRelations().relations);
    let writes = 0;
    table().throttles = ({ kind }) => {
      if (kind === 'write') writes += 1;
      return false;
    };
    await entity.run();
    return writes;
  }

  /** From now on this many writes reach the table, and nothing after them. */
  function dieAfter(writes: number): void {
    let left = writes;
    table().throttles = ({ kind }) => {
      if (kind === 'write') left -= 1;
      return left < 0;
    };
  }

  it('before or after any of its saves loses nothing, and counts nothing twice', async () => {
    const writes = await writesOfWhole();
    expect(writes).toBeGreaterThan(8);

    for (let survived = 0; survived < writes; survived++) {
      const { relations, made } = savingRelations();
      const entity = await entityInLane(relations);
      dieAfter(survived);
      await expect(entity.run()).rejects.toThrow(StoreError);
      table().throttles = () => false;

      expect(await entity.run()).toMatchObject(ENDED);

      expect(Object.fromEntries(made)).toEqual({ labels: TITLES, members: TITLES, boards: TITLES });
      expect(await entity.entity()).toMatchObject({
        status: 'finished',
        hasFailures: false,
        stats: { labels: all(5), members: all(5), boards: all(5) },
      });
    }
  });

  it('does not end the entity when its last save is lost', async () => {
    const entity = await entityInLane([relationOf('labels')]);
    dieAfter(1);

    await expect(entity.run()).rejects.toThrow(StoreError);
    table().throttles = () => false;

    expect((await entity.entity()).status).toBe('started');
  });
});

describe('a run that is told of deaths before it', () => {
  it('has one relation in hand at a time, and its name is in the table meanwhile', async () => {
    const seen: unknown[] = [];
    const note = (name: string) => async () => {
      seen.push([name, (await entity.entity()).alone]);
      return 'imported' as const;
    };
    const names = ['labels', 'members', 'badges'];
    const entity: EntityInLane = await entityInLane(
      names.map(name => relationOf(name, { create: note(name) })),
    );

    const result = await entity.run({ crashes: 1 });

    expect(result).toMatchObject({ ...ENDED, crashes: 0 });
    expect(seen).toEqual(names.map(name => [name, name]));
    expect(await entity.entity()).toMatchObject({ status: 'finished', alone: null });
  });

  it('leaves the name of the relation with which it died, until the next run begins', async () => {
    const entity = await entityInLane([
      relationOf('labels'),
      relationOf('members', {
        async create() {
          throw new StoreError('the process ends here');
        },
      }),
    ]);

    await expect(entity.run({ crashes: 1 })).rejects.toThrow(StoreError);

    const died = await entity.entity();
    expect([died.alone, died.stats.labels]).toEqual(['members', all(1)]);
    expect((await startRun(died))?.alone).toBeNull();
  });

  it('forgets them when it comes to an answer', async () => {
    const entity = await entityInLane([waiting('labels', 60).relation]);

    expect(await entity.run({ crashes: 1 })).toMatchObject({ status: 'wait', crashes: 0 });
  });
});
