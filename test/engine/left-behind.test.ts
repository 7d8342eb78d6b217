import { describe, expect, it } from 'vitest';
import { cancelImport, closeImport, failEntity } from '../../lambdas/engine/end-import.ts';
import { getEntity } from '../../lambdas/store/entities.ts';
import type { Entity } from '../../lambdas/store/entity.ts';
import { listFailures } from '../../lambdas/store/failures.ts';
import { getImport, type Import } from '../../lambdas/store/imports.ts';
import { keys } from '../../lambdas/store/keys.ts';
import { updateItem } from '../../lambdas/store/table-updates.ts';
import { entityInLane, relationOf } from '../support/service/entity-lane.ts';
import { useWorkflowTable } from '../support/service/workflow-table.ts';
import { setTracker } from '../support/table/entity-records.ts';
import { CORRELATION_ID, storeEntity, storeImport } from '../support/table/stored-records.ts';

useWorkflowTable();

const REASON = { exceptionClass: 'X', message: 'y' };

/** The ways in which an entity ends from outside. */
const ENDS: [string, (entity: Entity, record: Import) => Promise<unknown>][] = [
  ['failed', entity => failEntity(entity, 'failed', REASON, CORRELATION_ID)],
  ['timeout', (_, record) => closeImport(record, 'timeout', REASON)],
  ['canceled', (_, record) => cancelImport(record, async () => undefined)],
];

const note = ({ importId, id }: Pick<Entity, 'importId' | 'id'>, awaitsArchiving: boolean) =>
  updateItem(keys.entity(importId, id), { set: { awaitsArchiving } });

/** A project entity under way. */
async function underWay(awaitsArchiving: boolean): Promise<{ record: Import; entity: Entity }> {
  const record = await storeImport(7, { status: 'started' });
  const { id } = await storeEntity(record, {
    status: 'started',
    sourceType: 'project_entity',
    sourceFullPath: 'acme/shop',
  });
  await note({ importId: record.id, id }, awaitsArchiving);
  return { record, entity: await getEntity(record.id, id) };
}

const toldOf = async ({ importId, id }: Pick<Entity, 'importId' | 'id'>) =>
  (await listFailures(importId, id)).filter(({ relation }) => relation === 'finisher');

const LEFT = {
  pipelineClass: 'BulkImports::Common::Pipelines::EntityFinisher',
  exceptionClass: 'BulkImports::IncompleteRecordError',
  exceptionMessage:
    'The project is archived at the source, and was unarchived at the destination to be written into. Its import ended before it was archived again. Archive it there by hand: Settings, General, Advanced, Archive project.',
};

describe('a project that was unarchived to be written into, and is still so at the end of its entity', () => {
  it.each(ENDS)('is told of when that is %s, once', async (status, end) => {
    const { record, entity } = await underWay(true);

    await end(entity, record);
    await end(entity, record);

    expect(await getEntity(record.id, entity.id)).toMatchObject({ status, hasFailures: true });
    expect(await getImport(record.id)).toMatchObject({ hasFailures: true });
    expect(await toldOf(entity)).toEqual([expect.objectContaining({ ...LEFT, sourceTitle: 'acme/shop' })]);
  });

  it.each(ENDS)('is not told of when it was archived again, or came so never: %s', async (_, end) => {
    const { record, entity } = await underWay(false);

    await end(entity, record);

    expect(await toldOf(entity)).toEqual([]);
  });

  it('is told of when the runs of the finisher die', async () => {
    const finisher = relationOf('finisher', { read: () => Promise.reject(new Error('no')) });
    const entity = await entityInLane([relationOf('labels'), finisher]);
    await note(await entity.entity(), true);

    await entity.run();

    expect(await entity.entity()).toMatchObject({ status: 'finished', hasFailures: true });
    expect(await toldOf(await entity.entity())).toContainEqual(expect.objectContaining(LEFT));
  });

  it('is not told of when the finisher has archived it', async () => {
    const finisher = relationOf('finisher', {
      create: async (_, { noteOnEntity }) => noteOnEntity({ awaitsArchiving: false }),
    });
    const entity = await entityInLane([finisher]);
    await note(await entity.entity(), true);

    await entity.run();

    expect(await entity.failures()).toEqual([]);
  });
});

describe('a group that was to be closed when its projects had ended', () => {
  it.each(ENDS)('and whose entity is %s before that says what is open, once', async (_, end) => {
    const record = await storeImport(7, { status: 'started' });
    const { id } = await storeEntity(record, { status: 'started', sourceFullPath: 'acme' });
    const entity = await getEntity(record.id, id);
    await setTracker(entity, 'project_creation_level', { status: 'started', parked: true });
    const parked = await getEntity(record.id, id);

    await end(parked, record);
    await end(parked, record);

    const told = (await listFailures(record.id, id)).filter(({ relation }) => relation === 'group');
    expect(told.map(({ exceptionMessage }) => exceptionMessage)).toEqual([
      "The group gets project_creation_level when its projects have been migrated, and its import ended before that, so that it is more open than at the source. Set it in the group's settings by hand.",
    ]);
  });
});

describe('a project that the destination was filling at the end of its entity', () => {
  const toldOfHalf = async ({ importId, id }: Pick<Entity, 'importId' | 'id'>) =>
    (await listFailures(importId, id))
      .filter(({ relation }) => relation === 'project')
      .map(({ exceptionMessage }) => exceptionMessage);

  async function filling(attributes: Partial<Entity>) {
    const { record, entity } = await underWay(false);
    await updateItem(keys.entity(record.id, entity.id), { set: attributes });
    return { record, entity: await getEntity(record.id, entity.id) };
  }

  it.each(ENDS)('is named when that is %s, once', async (_, end) => {
    const { record, entity } = await filling({ projectId: 17, destinationFullPath: 'home/shop' });

    await end(entity, record);
    await end(entity, record);

    expect(await toldOfHalf(entity)).toEqual([
      "The destination was still filling the project 'home/shop' (id 17) when its migration was ended. It is there, perhaps in part. Delete it before you import it again.",
    ]);
    expect(await getImport(record.id)).toMatchObject({ hasFailures: true });
  });

  it('is looked for when it is not known whether it was made', async () => {
    const { record, entity } = await filling({
      claimedFullPath: 'home/shop',
      attemptedAt: new Date().toISOString(),
    });

    await cancelImport(record, async () => undefined);

    expect(await toldOfHalf(entity)).toEqual([
      expect.stringContaining("asked to make the project 'home/shop'"),
    ]);
  });

  it('is not told of before it was asked for, nor when its import had ended', async () => {
    const before = await filling({});
    await cancelImport(before.record, async () => undefined);
    const after = await filling({ projectId: 17, destinationFullPath: 'home/shop' });
    await setTracker(after.entity, 'project_import', { status: 'finished' });
    await cancelImport(after.record, async () => undefined);

    expect(await toldOfHalf(before.entity)).toEqual([]);
    expect(await toldOfHalf(after.entity)).toEqual([]);
  });
});

it('a plan leaves nothing behind: what waits for its projects is at no destination', async () => {
  const record = await storeImport(7, { kind: 'plan', status: 'started' });
  const entity = await storeEntity(record, { status: 'started' });
  await setTracker(entity, 'group_attributes', { status: 'started', parked: true });

  await cancelImport(record, async () => undefined);

  expect(await listFailures(record.id, entity.id)).toEqual([]);
  expect(await getEntity(record.id, entity.id)).toMatchObject({ status: 'canceled', hasFailures: false });
});
