import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it, vi } from 'vitest';
import type { TrackerStatus } from '../../lambdas/domain/statuses.ts';
import { cancelImport } from '../../lambdas/engine/end-import.ts';
import { GROUP_PIPELINES } from '../../lambdas/pipelines/stages.ts';
import { type Entity, getEntity } from '../../lambdas/store/entities.ts';
import { listFailures } from '../../lambdas/store/failures.ts';
import { getImport, type Import } from '../../lambdas/store/imports.ts';
import {
  createTracker,
  endTracker,
  listTrackers,
  saveTracker,
  startRun,
} from '../../lambdas/store/trackers.ts';
import { handler as finishEntity } from '../../lambdas/workflow/finish-entity.ts';
import { handler as startEntity } from '../../lambdas/workflow/start-entity.ts';
import { storeEntity, storeFailure, storeImport } from '../support/stored-records.ts';
import { useWorkflowTable } from '../support/workflow-table.ts';

useWorkflowTable();

const idsOf = (entity: Entity) => ({ importId: entity.importId, entityId: entity.id });

async function start(
  entityAttributes: Partial<Entity> = {},
  importAttributes: Partial<Omit<Import, 'id' | 'userId'>> = {},
) {
  const record = await storeImport(7, { status: 'started', ...importAttributes });
  const entity = await storeEntity(record, entityAttributes);
  const plan = await startEntity(idsOf(entity));
  const trackers = await listTrackers(record.id, entity.id);
  return {
    record,
    entity: await getEntity(record.id, entity.id),
    plan,
    stages: plan.stages.map(({ pipelines }) => pipelines.map(({ pipeline }) => pipeline)),
    skipped: trackers.filter(({ status }) => status === 'skipped').map(({ pipeline }) => pipeline),
    trackers,
  };
}

describe('starting an entity', () => {
  it('makes a tracker of each pipeline and plans them stage by stage', async () => {
    const { entity, plan, stages, trackers, skipped } = await start();

    expect(entity.status).toBe('started');
    expect(stages).toEqual([
      ['group'],
      ['group_attributes', 'namespace_settings', 'members', 'labels', 'milestones', 'badges'],
      ['boards', 'uploads', 'project_entities'],
      ['subgroup_entities'],
    ]);
    expect(plan.stages[0]?.pipelines).toEqual([
      { ...idsOf(entity), pipeline: 'group', functionName: 'pipeline/group' },
    ]);
    expect(trackers).toHaveLength(GROUP_PIPELINES.length);
    expect(skipped).toEqual([]);
  });

  it.each<[string, Partial<Entity>, string[]]>([
    ['memberships when they are not wanted', { migrateMemberships: false }, ['members']],
    ['projects when they are not wanted', { migrateProjects: false }, ['project_entities']],
  ])('skips %s', async (_, entityAttributes, expected) => {
    const { stages, skipped } = await start(entityAttributes);

    expect(skipped).toEqual(expected);
    expect(stages.flat()).not.toEqual(expect.arrayContaining(expected));
    expect(stages.flat()).toHaveLength(GROUP_PIPELINES.length - expected.length);
  });

  it('again, as after a stop of the service, makes nothing new and forgets nothing', async () => {
    const { entity } = await start();
    const id = { ...idsOf(entity), stage: 1, pipeline: 'labels' };
    const run = await startRun(id);
    if (run !== undefined) await saveTracker({ ...run, cursor: '2', status: 'started' });

    const again = await startEntity(idsOf(entity));

    expect(again.stages.flatMap(({ pipelines }) => pipelines)).toHaveLength(GROUP_PIPELINES.length);
    const trackers = await listTrackers(entity.importId, entity.id);
    expect(trackers.find(({ pipeline }) => pipeline === 'labels')).toMatchObject({ cursor: '2', run: 1 });
  });

  it.each(['finished', 'failed', 'canceled'] as const)('does nothing when it is %s already', async status => {
    const { entity, stages, trackers } = await start({ status });

    expect([entity.status, stages, trackers]).toEqual([status, [], []]);
  });

  it('leaves no tracker open when its import is canceled meanwhile', async () => {
    const record = await storeImport(7, { status: 'started' });
    const entity = await storeEntity(record);
    const client = DynamoDBDocumentClient.prototype;
    const { send } = client;
    const spy = vi.spyOn(client, 'send').mockImplementation(async function (this: typeof client, command) {
      if (command instanceof PutCommand && String(command.input.Item?.sk).startsWith('PIPELINE#')) {
        // Before the first tracker is there.
        spy.mockImplementation(send);
        await cancelImport(record, async () => undefined);
      }
      return (send as (sent: unknown) => Promise<never>).call(this, command);
    });

    const { stages } = await startEntity(idsOf(entity));
    spy.mockRestore();

    expect(stages).toEqual([]);
    expect((await getEntity(record.id, entity.id)).status).toBe('canceled');
    const open = (await listTrackers(record.id, entity.id)).filter(
      ({ status }) => status === 'created' || status === 'started',
    );
    expect(open).toEqual([]);
  });

  it('does nothing when its import has ended', async () => {
    const { entity, stages } = await start({}, { status: 'canceled' });

    expect([entity.status, stages]).toEqual(['created', []]);
  });

  it('of a project fails and says how to move the project instead', async () => {
    const { record, entity, stages } = await start({ sourceType: 'project_entity' });

    expect(stages).toEqual([]);
    expect(entity).toMatchObject({ status: 'failed', hasFailures: true });
    expect(await getImport(record.id)).toMatchObject({ hasFailures: true });
    expect(await listFailures(record.id, entity.id)).toMatchObject([
      {
        relation: 'entity',
        step: null,
        exceptionMessage:
          "This service does not migrate projects yet. Move this one by GitLab's project export and import.",
      },
    ]);
  });
});

/** Finishes a started entity whose pipelines have ended in this way. */
async function finish(statuses: TrackerStatus[], attributes: Partial<Entity> = {}, withFailure = false) {
  const record = await storeImport(7, { status: 'started' });
  const entity = await storeEntity(record, { status: 'started', ...attributes });
  for (const [index, status] of statuses.entries()) {
    const id = { ...idsOf(entity), stage: 1, pipeline: ['labels', 'milestones'][index] ?? 'badges' };
    await createTracker(id);
    const run = await startRun(id);
    if (status === 'finished' && run !== undefined) await saveTracker({ ...run, status });
    if (status === 'failed' || status === 'skipped') await endTracker(id, status);
  }
  if (withFailure) await storeFailure(entity);
  await finishEntity(idsOf(entity));
  return {
    entity: await getEntity(record.id, entity.id),
    record: await getImport(record.id),
    trackers: (await listTrackers(record.id, entity.id)).map(({ status }) => status),
  };
}

describe('finishing an entity', () => {
  it('is a success when its pipelines have ended well', async () => {
    const { entity, record } = await finish(['finished', 'skipped']);

    expect(entity).toMatchObject({ status: 'finished', hasFailures: false });
    expect(record.hasFailures).toBe(false);
  });

  it('is a success with failures when a record or a pipeline failed', async () => {
    const { entity, record } = await finish(['finished', 'failed'], {}, true);

    expect(entity).toMatchObject({ status: 'finished', hasFailures: true });
    expect(record.hasFailures).toBe(true);
  });

  it('is a failure when all of its pipelines failed', async () => {
    const { entity } = await finish(['failed', 'failed'], {}, true);

    expect(entity).toMatchObject({ status: 'failed', hasFailures: true });
  });

  it('is a failure when the group itself could not be made, whatever the other pipelines did', async () => {
    const record = await storeImport(7, { status: 'started' });
    const entity = await storeEntity(record, { status: 'started' });
    for (const [stage, pipeline, status] of [
      [0, 'group', 'failed'],
      [1, 'group_attributes', 'finished'],
    ] as const) {
      const id = { ...idsOf(entity), stage, pipeline };
      await createTracker(id);
      const run = await startRun(id);
      if (run !== undefined) await saveTracker({ ...run, status });
    }

    await finishEntity(idsOf(entity));

    expect((await getEntity(record.id, entity.id)).status).toBe('failed');
  });

  it('shows the counts of a run that was interrupted before it could show them', async () => {
    const record = await storeImport(7, { status: 'started' });
    const entity = await storeEntity(record, { status: 'started' });
    const id = { ...idsOf(entity), stage: 1, pipeline: 'labels' };
    await createTracker(id);
    const run = await startRun(id);
    const counts = { source: 3, fetched: 3, imported: 2, skipped: 0, failed: 1, skips: {} };
    if (run !== undefined) await saveTracker({ ...run, status: 'finished', counts });

    await finishEntity(idsOf(entity));

    expect((await getEntity(record.id, entity.id)).stats).toMatchObject({
      labels: { source: 3, fetched: 3, imported: 2 },
    });
  });

  it('leaves it to the end of its import when that has ended', async () => {
    const record = await storeImport(7, { status: 'canceled' });
    const entity = await storeEntity(record, { status: 'started' });

    await finishEntity(idsOf(entity));

    expect((await getEntity(record.id, entity.id)).status).toBe('started');
  });

  it('skips the pipelines that were never run', async () => {
    const { entity, trackers } = await finish(['finished', 'started']);

    expect(entity.status).toBe('finished');
    expect(trackers).toEqual(['finished', 'skipped']);
  });

  it.each(['failed', 'canceled', 'timeout'] as const)(
    'leaves it %s when it is that already',
    async status => {
      const { entity } = await finish(['finished'], { status });

      expect(entity.status).toBe(status);
    },
  );

  it('twice is the same as once', async () => {
    const { entity } = await finish(['finished'], {}, true);

    await finishEntity(idsOf(entity));

    expect(await getEntity(entity.importId, entity.id)).toEqual(entity);
  });
});
