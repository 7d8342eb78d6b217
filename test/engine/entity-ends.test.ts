import { beforeAll, describe, expect, it, vi } from 'vitest';
import { runEntity } from '../../lambdas/engine/run-entity.ts';
import { moveEntity } from '../../lambdas/store/entities.ts';
import { moveImport } from '../../lambdas/store/imports.ts';
import { entityInLane, relationOf, waiting } from '../support/service/entity-lane.ts';
import { laneOfGroups } from '../support/service/lane-of-groups.ts';
import { setWorkflowEnvironment } from '../support/service/workflow-table.ts';
import { setTracker } from '../support/table/entity-records.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();
beforeAll(setWorkflowEnvironment);

const ENDED = { status: 'ended', waitSeconds: 0 };

describe('what an entity needed on its way', () => {
  const laneWith = (relation: ReturnType<typeof relationOf>) => {
    const clear = vi.fn(async () => undefined);
    return { clear, lane: { ...laneOfGroups([relation]), clear } };
  };
  const soon = () => Date.now() + 900_000;

  it('is removed when it has ended, and again when it is run again', async () => {
    const entity = await entityInLane([]);
    const { lane, clear } = laneWith(relationOf('labels'));
    clear.mockImplementationOnce(async () => {
      expect(await entity.entity()).toMatchObject({ status: 'finished' });
    });
    await runEntity(lane, entity.event, soon());
    expect(clear).toHaveBeenCalledOnce();

    await runEntity(lane, entity.event, soon());
    expect(clear).toHaveBeenCalledTimes(2);
  });

  it('stays while it waits', async () => {
    const entity = await entityInLane([]);
    const { lane, clear } = laneWith(waiting('labels', 3600).relation);
    await runEntity(lane, entity.event, soon());

    expect(clear).not.toHaveBeenCalled();
  });
});

describe('an entity ends', () => {
  const failing = (name: string, others: Parameters<typeof relationOf>[1] = {}) =>
    relationOf(name, { read: () => Promise.reject(new Error('no')), ...others });

  it('finished when its relations have ended well', async () => {
    const entity = await entityInLane([relationOf('labels'), relationOf('members')], {
      relations: { members: false },
    });

    await entity.run();

    expect(await entity.entity()).toMatchObject({ status: 'finished', hasFailures: false });
    expect((await entity.record()).hasFailures).toBe(false);
  });

  it('finished with failures when a record or a relation failed', async () => {
    const entity = await entityInLane([relationOf('labels'), failing('members')]);

    await entity.run();

    expect(await entity.entity()).toMatchObject({ status: 'finished', hasFailures: true });
    expect((await entity.record()).hasFailures).toBe(true);
    expect(await entity.failures()).toHaveLength(1);
  });

  it('failed when all of its relations have', async () => {
    const entity = await entityInLane([failing('labels'), failing('members')]);

    await entity.run();

    expect(await entity.entity()).toMatchObject({ status: 'failed', hasFailures: true });
  });

  it('failed when one without which there is nothing has, and later stages are not begun', async () => {
    const create = vi.fn(async () => 'imported' as const);
    const onAbort = vi.fn(async () => undefined);
    const entity = await entityInLane([
      failing('group', { stage: 0, abortOnFailure: true, onAbort }),
      relationOf('labels', { create }),
      relationOf('boards', { stage: 2, create }),
    ]);

    expect(await entity.run()).toMatchObject(ENDED);

    expect(create).not.toHaveBeenCalled();
    expect(onAbort).toHaveBeenCalledOnce();
    expect(await entity.entity()).toMatchObject({ status: 'failed', hasFailures: true });
    expect(await entity.statuses()).toEqual({ group: 'failed' });
  });

  it('failed when that one was failed from outside, whatever others have done', async () => {
    const create = vi.fn(async () => 'imported' as const);
    const entity = await entityInLane([
      relationOf('group', { stage: 0, abortOnFailure: true }),
      relationOf('labels', { create }),
    ]);
    const { importId, id } = await entity.entity();
    await setTracker({ importId, id }, 'group', { status: 'failed' });
    await setTracker({ importId, id }, 'attributes', { status: 'finished' });

    await entity.run();

    expect(create).not.toHaveBeenCalled();
    expect((await entity.entity()).status).toBe('failed');
  });

  it.each(['finished', 'failed', 'canceled', 'timeout'] as const)(
    'once: one that is %s is not begun again',
    async status => {
      const create = vi.fn(async () => 'imported' as const);
      const entity = await entityInLane([relationOf('labels', { create })], { status });
      const before = await entity.entity();

      expect(await entity.run()).toMatchObject(ENDED);

      expect(create).not.toHaveBeenCalled();
      expect(await entity.entity()).toEqual(before);
    },
  );

  it('with its import, which begins nothing in it any more', async () => {
    const create = vi.fn(async () => 'imported' as const);
    const entity = await entityInLane([relationOf('labels', { create })]);
    await moveImport(await entity.record(), 'canceled');

    expect(await entity.run()).toMatchObject(ENDED);

    expect(create).not.toHaveBeenCalled();
    expect(await entity.entity()).toMatchObject({ status: 'created', run: 0 });
  });

  it.each([
    ['finished', 'skipped'],
    ['failed', 'failed'],
    ['timeout', 'failed'],
    ['canceled', 'canceled'],
  ] as const)('%s from outside, and what is open in it is shown as %s', async (status, shown) => {
    const entity = await entityInLane([]);
    const record = await entity.entity();
    await moveEntity(record, 'started');
    await setTracker(record, 'labels', { status: 'started' });
    await setTracker(record, 'members', { status: 'finished' });

    await moveEntity(record, status);

    expect(await entity.statuses()).toEqual({ labels: shown, members: 'finished' });
  });
});
