import { beforeAll, describe, expect, it } from 'vitest';
import { GROUP_RELATIONS } from '../../lambdas/pipelines/stages.ts';
import { addPeople, addTree, contentOf, membersOf, TREE } from '../support/gitlab/source-tree.ts';
import type { BulkEntity, BulkImport } from '../support/service/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service/service.ts';
import { listTrackers } from '../support/table/entity-records.ts';

/** More than fit on one page of 100. */
const LABELS = 130;

let service: TestService;
let mia: number;
let dora: number;
beforeAll(async () => {
  service = await startService({ withoutAcme: true, tableOnDisk: true });
  addPeople(service.source);
  ({ mia } = addPeople(service.destination));
  addTree(service.source, { labels: LABELS });
  service.source.addGroup({
    name: 'Other',
    path: 'other',
    members: [{ username: 'sofia', accessLevel: 50 }],
  });
  dora = service.destination.group('imported')?.members[0]?.userId ?? 0;
});

/** Entities by their path at the source. */
function byPath(entities: BulkEntity[]): Record<string, BulkEntity> {
  return Object.fromEntries(entities.map(entity => [entity.source_full_path, entity]));
}

describe('a tree of three levels', () => {
  let accepted: BulkImport;
  let ended: BulkImport;
  let entities: BulkEntity[];
  beforeAll(async () => {
    const { body } = await service.api.post([{ destination_namespace: '' }]);
    accepted = body as BulkImport;
    ended = await service.api.untilEnded(accepted.id);
    entities = await service.api.getEntities(accepted.id);
  });

  it('is accepted as created and ends as finished', () => {
    expect(accepted).toMatchObject({
      status: 'created',
      source_url: service.source.url,
      has_failures: false,
    });
    expect(ended).toMatchObject({ status: 'finished', has_failures: false });
    expect(ended.updated_at > ended.created_at).toBe(true);
  });

  it('arrives as it was', () => {
    const wanted = contentOf(service.source, 'acme');

    expect(Object.keys(wanted)).toHaveLength(TREE.length);
    expect(contentOf(service.destination, 'acme')).toEqual(wanted);
  });

  it('arrives with the members who can be matched, and with its importer as owner', () => {
    expect(membersOf(service.destination, 'acme')).toEqual([
      [dora, 50, null],
      [mia, 30, '2030-12-31'],
    ]);
    expect(membersOf(service.destination, 'acme/platform')).toEqual([[dora, 50, null]]);
    expect(membersOf(service.destination, 'acme/platform/tools')).toEqual([
      [dora, 50, null],
      [mia, 40, null],
    ]);
  });

  it('has an entity of each group, which knows its parent and its destination', () => {
    const found = byPath(entities);

    expect(Object.keys(found).sort()).toEqual(TREE);
    for (const path of TREE) {
      const parentPath = path.split('/').slice(0, -1).join('/');
      expect(found[path]).toMatchObject({
        status: 'finished',
        entity_type: 'group',
        destination_full_path: path,
        destination_slug: path.split('/').at(-1),
        destination_namespace: parentPath,
        namespace_id: service.destination.group(path)?.id,
        parent_id: parentPath === '' ? null : found[parentPath]?.id,
        failures: [],
        has_failures: false,
      });
    }
  });

  it('has counts that tell what it had', () => {
    const { acme, 'acme/platform': platform, 'acme/empty': empty } = byPath(entities);
    const all = (count: number) => ({ source: count, fetched: count, imported: count });

    expect(acme?.stats).toMatchObject({
      group: all(1),
      self: all(1),
      namespace_settings: all(1),
      labels: all(LABELS),
      milestones: all(2),
      badges: all(2),
      boards: all(1),
      uploads: all(1),
      subgroup_entities: all(2),
    });
    expect(platform?.stats).toMatchObject({ labels: all(1), milestones: all(1), subgroup_entities: all(1) });
    expect(empty?.stats).not.toHaveProperty('labels');
  });

  it('has counts that add up in every pipeline of every group', async () => {
    const trackers = (await Promise.all(entities.map(({ id }) => listTrackers(accepted.id, id)))).flat();

    expect(trackers).toHaveLength(TREE.length * GROUP_RELATIONS.length);
    for (const { status, counts } of trackers) {
      expect(status).toBe('finished');
      expect(counts.fetched).toBe(counts.source);
      expect(counts.imported + counts.skipped + counts.failed).toBe(counts.source);
    }
  });

  it('cannot be migrated to the same place again', async () => {
    const { status, body } = await service.api.post([{ destination_namespace: '' }]);

    expect(status).toBe(422);
    expect(body).toEqual({
      message: "Import failed. 'acme' already exists. Change the destination and try again.",
    });
  });
});

it('two groups of one request are migrated by one import', async () => {
  const importId = await service.api.start([
    { source_full_path: 'acme/platform', destination_slug: 'first' },
    { source_full_path: 'other', destination_slug: 'second' },
  ]);

  expect(await service.api.untilEnded(importId)).toMatchObject({ status: 'finished' });
  const roots = (await service.api.getEntities(importId)).filter(({ parent_id }) => parent_id === null);
  expect(roots.map(({ destination_full_path }) => destination_full_path)).toEqual([
    'imported/first',
    'imported/second',
  ]);
  expect(service.destination.group('imported/first/tools')?.name).toBe('Tools');
  expect(service.destination.group('imported/second')?.name).toBe('Other');
});

it('the slug decides on the path, in lower case, and the name comes from the source', async () => {
  const importId = await service.api.start([{ source_full_path: 'other', destination_slug: 'New.Place' }]);

  await service.api.untilEnded(importId);

  expect((await service.api.getEntities(importId))[0]).toMatchObject({
    destination_slug: 'New.Place',
    destination_full_path: 'imported/new.place',
  });
  // There is a group of this name in the namespace already.
  expect(service.destination.group('imported/new.place')).toMatchObject({
    path: 'new.place',
    name: 'Other_1',
  });
});

it('members are left out, also those of subgroups, when they are not wanted', async () => {
  const importId = await service.api.start([{ destination_slug: 'no-members', migrate_memberships: false }]);

  await service.api.untilEnded(importId);

  const entities = await service.api.getEntities(importId);
  expect(entities.map(({ migrate_memberships }) => migrate_memberships)).toEqual(TREE.map(() => false));
  for (const { destination_full_path } of entities) {
    expect(membersOf(service.destination, destination_full_path ?? '')).toEqual([[dora, 50, null]]);
  }
});
