import { beforeEach, describe, expect, it } from 'vitest';
import { moveEntity } from '../../lambdas/store/entities.ts';
import type { Entity } from '../../lambdas/store/entity.ts';
import { saveRun, startRun } from '../../lambdas/store/entity-runs.ts';
import { type Import, moveImport } from '../../lambdas/store/imports.ts';
import { newTracker } from '../../lambdas/store/trackers.ts';
import { type Generation, handler } from '../../lambdas/workflow/next-generation.ts';
import type { GenerationRequest } from '../../lambdas/workflow/start-import.ts';
import { GROUPS_LANE, LANE_VARIABLES } from '../../lib/local/functions.ts';
import { useWorkflowTable } from '../support/service/workflow-table.ts';
import { storeCopies, storeEntity, storeImport } from '../support/table/stored-records.ts';

const LANES = {
  groups: LANE_VARIABLES.GROUPS_LANE,
  projects: LANE_VARIABLES.PROJECTS_LANE,
  archives: LANE_VARIABLES.ARCHIVES_LANE,
};

let record: Import;
useWorkflowTable();
beforeEach(async () => {
  record = await storeImport(7, { status: 'started' });
});

function ask(from: { generation: number; after: number }): Promise<Generation> {
  return handler({ importId: record.id, ...from });
}

async function end(...entities: Entity[]): Promise<void> {
  for (const entity of entities) {
    await moveEntity(entity, 'started');
    await moveEntity(entity, 'finished');
  }
}

const START = { generation: 0, after: 0 };

describe('the next generation', () => {
  it('is first that of the requested entities', async () => {
    const first = await storeEntity(record);
    const second = await storeEntity(record);
    await storeEntity(record, { generation: 1, parentId: first.id });

    expect(await ask(START)).toEqual({
      importId: record.id,
      attempt: 1,
      generation: 0,
      after: second.id,
      entityIds: [first.id, second.id],
      entitiesInParallel: 20,
      places: 2,
      functionName: GROUPS_LANE,
      lanes: LANES,
      afterProjects: false,
      done: false,
    });
  });

  it('has the projects of all groups in turns, since a source limits the downloads of each', async () => {
    const of = (sourceFullPath: string) =>
      storeEntity(record, { sourceType: 'project_entity', sourceFullPath });
    const [a1, a2, a3] = [await of('top/a/1'), await of('top/a/2'), await of('top/a/3')];
    const [b1, c1, b2] = [await of('top/b/1'), await of('top/c/1'), await of('top/b/2')];

    const projects = await ask(START);

    expect(projects.entityIds).toEqual([a1, b1, c1, a2, b2, a3].map(({ id }) => id));
    expect(await ask(projects)).toMatchObject({ entityIds: [], done: true });
  });

  it('is that of the projects when no group is left, all together and in a lane and number of their own', async () => {
    const group = await storeEntity(record);
    const requested = await storeEntity(record, { sourceType: 'project_entity' });
    const child = await storeEntity(record, { sourceType: 'project_entity', generation: 1 });
    const subgroup = await storeEntity(record, { generation: 2 });

    const turns = [await ask(START)];
    for (let turn = 1; turn < 4; turn++) turns.push(await ask(turns.at(-1) as GenerationRequest));

    expect(turns.map(({ entityIds }) => entityIds)).toEqual([
      [group.id],
      [subgroup.id],
      [requested.id, child.id],
      [],
    ]);
    expect(turns[2]).toMatchObject({
      functionName: LANES.projects,
      entitiesInParallel: 50,
      places: 0,
      afterProjects: false,
    });
  });

  it('has the groups once more, at the end, that have put something off until after their projects', async () => {
    const parked = { project_creation_level: { ...newTracker('project_creation_level'), parked: true } };
    const group = await storeEntity(record);
    await saveRun((await startRun(group)) as Entity, { trackers: parked });
    const project = await storeEntity(record, { sourceType: 'project_entity', generation: 1 });

    const turns = [await ask(START)];
    for (let turn = 1; turn < 4; turn++) turns.push(await ask(turns.at(-1) as GenerationRequest));

    expect(turns.map(({ entityIds, afterProjects }) => [entityIds, afterProjects])).toEqual([
      [[group.id], false],
      [[project.id], false],
      [[group.id], true],
      [[], false],
    ]);
    expect(turns[2]).toMatchObject({ functionName: GROUPS_LANE, places: 1 });
  });

  it('is that of the children when their parents have been handed out', async () => {
    const parent = await storeEntity(record);
    const first = await ask(START);
    await end(parent);
    const child = await storeEntity(record, { generation: 1, parentId: parent.id });
    const grandchild = await storeEntity(record, { generation: 2, parentId: child.id });

    const second = await ask(first);
    await end(child);
    const third = await ask(second);
    await end(grandchild);
    const last = await ask(third);

    expect(second).toMatchObject({ generation: 1, entityIds: [child.id], done: false });
    expect(third).toMatchObject({ generation: 2, entityIds: [grandchild.id], done: false });
    expect(last).toMatchObject({ entityIds: [], done: true });
  });

  it('leaves out what has ended, as after a stop and start of the service', async () => {
    const ended = await storeEntity(record, { status: 'finished' });
    const failed = await storeEntity(record, { status: 'failed' });
    const interrupted = await storeEntity(record, { status: 'started' });
    const child = await storeEntity(record, { generation: 1, parentId: ended.id });

    const first = await ask(START);
    await end(interrupted);

    expect(first.entityIds).toEqual([interrupted.id]);
    expect(first.entityIds).not.toContain(failed.id);
    expect((await ask(first)).entityIds).toEqual([child.id]);
  });

  it('skips a generation of which nothing is open', async () => {
    await storeEntity(record, { status: 'finished' });
    const grandchild = await storeEntity(record, { generation: 2 });

    expect(await ask(START)).toMatchObject({ generation: 2, entityIds: [grandchild.id] });
  });

  it('comes in parts when it has more than 5,000 entities', async () => {
    await storeCopies(await storeEntity(record, { id: 100_000 }), 5_002);

    const first = await ask(START);
    const second = await ask(first);

    expect([first.entityIds.length, first.after]).toEqual([5_000, 104_999]);
    expect(second).toMatchObject({ generation: 0, entityIds: [105_000, 105_001, 105_002], done: false });
    expect(await ask(second)).toMatchObject({ done: true });
  });

  it('does not come again because of an entity that never ends', async () => {
    const stuck = await storeEntity(record, { status: 'started' });
    const child = await storeEntity(record, { generation: 1, parentId: stuck.id });

    const first = await ask(START);
    const second = await ask(first);
    const third = await ask(second);

    expect([first.entityIds, second.entityIds, third.done]).toEqual([[stuck.id], [child.id], true]);
  });

  it('does not come when the import was canceled meanwhile', async () => {
    await storeEntity(record);

    await moveImport(record, 'canceled');

    expect(await ask(START)).toMatchObject({ entityIds: [], done: true });
  });

  it('does not come in an import without entities', async () => {
    expect(await ask(START)).toMatchObject({ entityIds: [], done: true });
  });

  it('brings along how many entities run at the same time', async () => {
    await storeEntity(record);
    process.env.ENTITIES_IN_PARALLEL = '2';

    const { entitiesInParallel } = await ask(START);
    delete process.env.ENTITIES_IN_PARALLEL;

    expect(entitiesInParallel).toBe(2);
  });
});
