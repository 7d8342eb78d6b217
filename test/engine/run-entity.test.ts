import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { onlyPage } from '../../lambdas/engine/relation.ts';
import { keys } from '../../lambdas/store/keys.ts';
import {
  type EntityInLane,
  entityInLane,
  meeting,
  relationOf,
  waiting,
} from '../support/service/entity-lane.ts';
import { setWorkflowEnvironment } from '../support/service/workflow-table.ts';
import { countsOf } from '../support/table/counts.ts';
import { setTracker } from '../support/table/entity-records.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const table = useTableInMemory();
beforeAll(setWorkflowEnvironment);
afterEach(() => {
  table().throttles = () => false;
  vi.useRealTimers();
});

const ENDED = { status: 'ended', waitSeconds: 0 };
const all = (number: number) => countsOf({ source: number, fetched: number, imported: number });

/** The writes to the entity's own item from now on. */
function countWrites({ event }: EntityInLane): () => number {
  let writes = 0;
  table().throttles = ({ kind, sk }) => {
    if (kind === 'write' && sk === keys.entity(event.importId, event.entityId).sk) writes += 1;
    return false;
  };
  return () => writes;
}

describe('the relations of an entity', () => {
  it('of a stage run side by side, and those of the next stage when all of them have ended', async () => {
    const together = meeting(3);
    const order: string[] = [];
    const first = ['labels', 'members', 'badges'].map(name =>
      relationOf(name, {
        async create() {
          order.push(`${name} begins`);
          await together();
          order.push(`${name} ends`);
          return 'imported';
        },
      }),
    );
    const boards = relationOf('boards', {
      stage: 2,
      async create() {
        order.push('boards');
        return 'imported';
      },
    });
    const entity = await entityInLane([boards, ...first]);

    expect(await entity.run()).toMatchObject(ENDED);

    expect(order.slice(0, 3).every(step => step.endsWith(' begins'))).toBe(true);
    expect(order.at(-1)).toBe('boards');
    expect(await entity.entity()).toMatchObject({
      status: 'finished',
      stats: { labels: all(1), members: all(1), badges: all(1), boards: all(1) },
    });
  });

  it.each([
    ['one that was ruled out', { relations: { members: false } }, {}],
    ['one that must be asked for and was not', {}, { optIn: true }],
  ])('are passed over, and shown as skipped: %s', async (_, attributes, relation) => {
    const create = vi.fn(async () => 'imported' as const);
    const entity = await entityInLane(
      [relationOf('members', { create, ...relation }), relationOf('labels')],
      attributes,
    );

    await entity.run();

    expect(create).not.toHaveBeenCalled();
    expect(await entity.statuses()).toEqual({ members: 'skipped', labels: 'finished' });
    expect((await entity.entity()).stats).toEqual({ labels: all(1) });
  });

  it('that must be asked for run when they were', async () => {
    const entity = await entityInLane([relationOf('wikis', { optIn: true })], { relations: { wikis: true } });

    await entity.run();

    expect(await entity.statuses()).toEqual({ wikis: 'finished' });
  });

  it('that have ended are not run again, and those that have not go on at their cursor', async () => {
    const read = vi.fn(async () => onlyPage(['b', 'c']));
    const cursors: (string | null)[] = [];
    const badges = relationOf('badges', {
      async read(_, cursor) {
        cursors.push(cursor);
        return onlyPage(['x']);
      },
    });
    const entity = await entityInLane([relationOf('labels', { read }), badges]);
    const { importId, id } = await entity.entity();
    await setTracker({ importId, id }, 'labels', { status: 'finished', counts: all(3) });
    await setTracker({ importId, id }, 'badges', { cursor: '2', counts: all(1) });

    await entity.run();

    expect(read).not.toHaveBeenCalled();
    expect(cursors).toEqual(['2']);
    expect((await entity.entity()).stats).toEqual({ labels: all(3), badges: all(2) });
  });
});

describe('a relation that must wait', () => {
  it('parks while the others go on, and the run ends with the smallest wait', async () => {
    const long = waiting('labels', 600);
    const short = waiting('members', 90);
    const entity = await entityInLane([long.relation, relationOf('badges'), short.relation]);

    const result = await entity.run();

    expect(result).toMatchObject({ status: 'wait', waitSeconds: 90 });
    expect(await entity.statuses()).toEqual({ labels: 'started', badges: 'finished', members: 'started' });
    const { waiting: shown, stats } = await entity.entity();
    expect(Object.keys(shown).sort()).toEqual(['labels', 'members']);
    expect(stats.badges).toEqual(all(1));
  });

  it('is not asked before its time in the next run', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const long = waiting('labels', 600);
    const short = waiting('members', 90);
    const entity = await entityInLane([long.relation, short.relation]);
    await entity.run();

    vi.setSystemTime(Date.now() + 90_000);
    const second = await entity.run();

    expect([long.asked(), short.asked()]).toEqual([1, 2]);
    expect(second).toMatchObject({ status: 'wait', waitSeconds: 510 });
    vi.setSystemTime(Date.now() + 510_000);
    expect(await entity.run()).toMatchObject(ENDED);
    expect(long.asked()).toBe(2);
    expect((await entity.entity()).status).toBe('finished');
  });

  it('keeps the next stage from beginning, also when all others have ended', async () => {
    const { relation } = waiting('labels', 60);
    const create = vi.fn(async () => 'imported' as const);
    const entity = await entityInLane([relation, relationOf('boards', { stage: 2, create })]);

    await entity.run();

    expect(create).not.toHaveBeenCalled();
  });

  it('does not keep one from going on at once that has no time left', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { relation } = waiting('labels', 60);
    const members = relationOf('members', {
      records: ['a', 'b'],
      async create(record) {
        if (record === 'a') vi.setSystemTime(Date.now() + 880_000);
        return 'imported';
      },
    });
    const entity = await entityInLane([relation, members]);

    expect(await entity.run()).toMatchObject({ status: 'continue', waitSeconds: 0 });
    expect((await entity.entity()).stats.members).toEqual(countsOf({ source: 2, fetched: 1, imported: 1 }));
  });
});

describe('an entity is written', () => {
  it('when it begins, once per stage, and the last time together with its end', async () => {
    const entity = await entityInLane([
      ...['labels', 'members', 'badges'].map(name => relationOf(name)),
      relationOf('boards', { stage: 2 }),
      relationOf('subgroups', { stage: 3 }),
    ]);
    const writes = countWrites(entity);

    await entity.run();

    expect(writes()).toBe(1 + 3);
    expect(await entity.entity()).toMatchObject({ status: 'finished', run: 1 });
  });

  it('not once more for a stage in which nothing was to be moved', async () => {
    const entity = await entityInLane([
      relationOf('labels'),
      relationOf('uploads', { stage: 2, records: [] }),
      relationOf('boards', { stage: 3 }),
    ]);
    const writes = countWrites(entity);

    await entity.run();

    expect(writes()).toBe(1 + 2);
    expect(await entity.statuses()).toEqual({ labels: 'finished', uploads: 'finished', boards: 'finished' });
  });

  it('once or twice for saves that many relations ask for at the same time, with what each has noted', async () => {
    const names = ['labels', 'members', 'badges', 'milestones', 'boards'];
    const together = meeting(names.length);
    let writes = () => 0;
    const seen: { writes: number; namespaceId: unknown }[] = [];
    const relations = names.map((name, index) =>
      relationOf(name, {
        async create(_, context) {
          await together();
          const before = writes();
          if (index === names.length - 1) context.noteOnEntity({ namespaceId: 99 });
          await context.save();
          const { namespaceId } = await entity.entity();
          seen.push({ writes: writes() - before, namespaceId });
          return 'imported';
        },
      }),
    );
    const entity = await entityInLane(relations);
    writes = countWrites(entity);

    await entity.run();

    expect(Math.max(...seen.map(each => each.writes))).toBeLessThanOrEqual(2);
    expect(seen).toHaveLength(names.length);
    expect(seen.at(-1)?.namespaceId).toBe(99);
    expect((await entity.entity()).status).toBe('finished');
  });

  it('once for all that wait', async () => {
    const entity = await entityInLane(['labels', 'members'].map(name => waiting(name, 60).relation));
    const writes = countWrites(entity);

    await entity.run();

    expect(writes()).toBe(1 + 1);
  });
});
