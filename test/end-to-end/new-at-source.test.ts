import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listAuditEvents } from '../../lambdas/store/audit-events.ts';
import { keys } from '../../lambdas/store/keys.ts';
import { deleteItem } from '../../lambdas/store/table.ts';
import { updateItem } from '../../lambdas/store/table-updates.ts';
import type { SampleGroup } from '../../lib/gitlab-simulator/model.ts';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { TOKENS } from '../soak/sample-source.ts';
import { type GroupPlan, tree } from '../soak/schedule.ts';
import { refused } from '../support/gitlab/gitlab-faults.ts';
import { type PlannedTree, usePlannedTrees } from '../support/service/planned-trees.ts';
import { verifyImport } from '../support/service/verifications.ts';

const GROUP: GroupPlan = {
  labels: ['', ' b', ' c'],
  milestones: [false, true],
  badges: 2,
  lists: 2,
  members: 4,
  projects: 0,
  hasAvatar: true,
  isLocked: false,
  children: [],
};

const NOW = '2026-01-02T03:04:05.678Z';

/** What can come to a group of the source, by the relation under which a report counts it: the number is in no title of the drawn trees. */
const COMING: Record<string, (group: SampleGroup, number: number, world: PlannedTree) => void> = {
  labels: ({ labels }, id) =>
    void labels.push({ id, title: `new ${id}`, color: '#abcdef', description: 'x' }),
  milestones: ({ id: groupId, milestones }, id) =>
    void milestones.push({
      ...{ id, iid: id, groupId, title: `new ${id}`, description: '', state: 'closed' },
      ...{ startDate: null, dueDate: null, createdAt: NOW, updatedAt: NOW },
    }),
  badges: ({ badges }, id) =>
    void badges.push({
      id,
      name: `new ${id}`,
      linkUrl: 'https://a.example',
      imageUrl: 'https://a.example/b',
    }),
  boards: ({ boards }, id) =>
    void boards.push({
      ...{ id, name: `new ${id}`, hideBacklogList: false, hideClosedList: false },
      ...{ labels: [], milestone: null, assignee: null, weight: null, lists: [] },
    }),
  wikis: ({ wikis }, id) =>
    void wikis.push({ slug: `new-${id}`, content: 'x', format: 'markdown', frontMatter: {} }),
  // With something in it, of which nothing is told.
  group: ({ fullPath: parent }, id, { source }) =>
    void source.addGroup({ name: `New ${id}`, path: `new-${id}`, parent, labels: [{ title: 'within' }] }),
  project: ({ fullPath }, id, { source }) =>
    void source.addProject(fullPath, { name: `Project ${id}`, path: `project-${id}`, branches: ['main'] }),
  members({ members }, id, { source, destination }) {
    const user = { username: `new-${id}`, publicEmail: `new-${id}@public.example` };
    destination.addUser(user);
    members.push({
      ...{ id, userId: source.addUser(user).id, accessLevel: 30, expiresAt: null },
      ...{ createdById: null, createdAt: NOW, updatedAt: NOW },
    });
  },
};

const trees = usePlannedTrees();

const acme = (gitlab: SampleGitLab) => gitlab.group('acme') as SampleGroup;

it('a verification says of exactly so many records as came to the source that they are new, and its accuracy stays 1', async () => {
  const coming = fc.record({ relation: fc.constantFrom(...Object.keys(COMING)), at: fc.nat() });
  await fc.assert(
    fc.asyncProperty(tree, fc.array(coming, { maxLength: 8 }), async (drawn, all) => {
      const of = await trees.start(drawn);
      const { record } = await of.migrate();
      const groups = of.source.groups();
      const expected = new Map<string, number>();
      for (const [index, { relation, at }] of all.entries()) {
        COMING[relation]?.(groups[at % groups.length] as SampleGroup, 900_000 + index, of);
        expected.set(relation, (expected.get(relation) ?? 0) + 1);
      }

      const { record: found, failures } = await verifyImport(of, record.id);
      const report = (await of.get(`/bulk_imports/${record.id}/report`)) as Report;

      expect(failures.map(({ relation, exceptionMessage }) => [relation, exceptionMessage])).toEqual([]);
      expect(found).toMatchObject({
        ...{ status: 'finished', accuracy: 1, different: 0, missing: 0, unverified: 0 },
        new_at_source: all.length,
      });
      expect(report).toMatchObject({ accuracy: 1, totals: { new_at_source: all.length } });
      const told = report.relations.filter(({ new_at_source: count }) => (count ?? 0) > 0);
      expect(new Map(told.map(({ relation, new_at_source: count }) => [relation, count]))).toEqual(expected);
      const listed = all.filter(({ relation }) => ['group', 'project'].includes(relation));
      expect(report.new_at_source).toHaveLength(listed.length);
      expect(report.complete).toBe(true);
    }),
    { seed: 20_260_303, numRuns: 5 },
  );
});

interface Report {
  complete: boolean;
  new_at_source: { source_type: string; source_full_path: string }[];
  relations: { relation: string; new_at_source: number | null }[];
}

it('what was imported and is gone since is missing, beside what is new', async () => {
  const of = await trees.start(GROUP);
  const { record } = await of.migrate();
  const { labels, milestones, badges, boards, wikis, members } = acme(of.destination);
  for (const list of [labels, milestones, badges, boards, wikis, members]) list.pop();
  for (const [index, come] of Object.values(COMING).entries()) come(acme(of.source), 900_000 + index, of);

  const { record: found, failures } = await verifyImport(of, record.id);

  const missing = Object.keys(COMING).filter(relation => !['group', 'project'].includes(relation));
  expect(found).toMatchObject({ different: 0, missing: 6, new_at_source: 8, unverified: 0 });
  expect(failures.map(({ relation }) => relation).sort()).toEqual(missing.sort());
});

it('what the import has failed at is missing, also when another attempt has brought it and it is gone', async () => {
  const of = await trees.start({ ...GROUP, milestones: [false] });
  of.destination.onRequest = ({ method, path }) =>
    method === 'POST' && path.endsWith('/milestones') ? refused(403, '403 Forbidden') : undefined;
  const { record } = await of.migrate();
  of.destination.onRequest = undefined;
  expect((await verifyImport(of, record.id)).record).toMatchObject({ missing: 1, new_at_source: 0 });

  const { status } = await of.api.call('POST', `/bulk_imports/${record.id}/retry`, {
    token: TOKENS.destination,
    json: { configuration: { access_token: TOKENS.source } },
  });
  expect(status).toBe(201);
  await of.ended(`/bulk_imports/${record.id}`);
  expect((await verifyImport(of, record.id)).record).toMatchObject({ accuracy: 1, missing: 0 });
  acme(of.destination).milestones.pop();

  expect((await verifyImport(of, record.id)).record).toMatchObject({ missing: 1, new_at_source: 0 });
});

it('what the import could not even send is missing', async () => {
  const of = await trees.start({ ...GROUP, hasAvatar: false });
  acme(of.source).avatar = { filename: 'a.svg', contentType: 'image/svg+xml', bytes: Buffer.from('<svg/>') };
  const { record } = await of.migrate();

  const { record: found, failures } = await verifyImport(of, record.id);

  expect(found).toMatchObject({ missing: 1, new_at_source: 0 });
  expect(failures.map(({ relation }) => relation)).toEqual(['uploads']);
});

it('nothing is new of a group of which the import has written nothing down', async () => {
  const of = await trees.start(GROUP);
  const { record, entities } = await of.migrate();
  for (const { id } of entities)
    for (const { key } of await listAuditEvents(record.id, id))
      await deleteItem(keys.auditEvent(record.id, id, key));
  COMING.labels?.(acme(of.source), 900_000, of);

  expect((await verifyImport(of, record.id)).record).toMatchObject({ missing: 1, new_at_source: 0 });
});

it('nothing is new of a group whose import has come to no end of its own', async () => {
  const of = await trees.start(GROUP);
  const { record, entities } = await of.migrate();
  for (const { id } of entities) await updateItem(keys.entity(record.id, id), { set: { status: 'timeout' } });
  COMING.labels?.(acme(of.source), 900_000, of);

  expect((await verifyImport(of, record.id)).record).toMatchObject({ missing: 1, new_at_source: 0 });
});

describe('a subgroup or project that has no entity', () => {
  const come = (of: PlannedTree) => {
    of.source.addGroup({ name: 'Late', path: 'late', parent: 'acme' });
    of.source.addProject('acme', { name: 'Later', path: 'later', branches: ['main'] });
  };
  const reportOf = (of: PlannedTree, id: number, format = '') =>
    of.get(`/bulk_imports/${id}/report${format}`);

  it('is named as new, in the verification and in each report', async () => {
    const of = await trees.start(GROUP);
    const { record, entities } = await of.migrate();
    come(of);
    const requests = of.source.requests.length;

    await verifyImport(of, record.id);

    const named = [
      { source_type: 'group_entity', source_full_path: 'acme/late' },
      { source_type: 'project_entity', source_full_path: 'acme/later' },
    ];
    const [verified] = (await of.get(`/bulk_imports/${record.id}/verification/entities`)) as object[];
    expect(verified).toMatchObject({
      new_at_source: expect.arrayContaining(named),
      verified: {
        subgroup_entities: { new_at_source: 1, missing: 0 },
        project_entities: { new_at_source: 1, missing: 0 },
      },
    });
    const group = entities[0]?.id;
    expect(await reportOf(of, record.id)).toMatchObject({
      new_at_source: expect.arrayContaining(named.map(one => ({ ...one, entity_id: group }))),
    });
    for (const format of ['.md', '.html']) {
      const text = String(await reportOf(of, record.id, format));
      expect(text).toMatch(/acme\/late\b/);
      expect(text).toContain('acme/later');
    }
    expect(String(await reportOf(of, record.id, '.csv'))).toMatch(/,acme,acme,project,0,0,0,0,0,0,0,1,0/);
    // The lists are those that an import reads, and nothing within what is new is.
    const asked = of.source.requests.slice(requests).filter(({ path }) => /late/.test(path));
    expect(asked).toEqual([]);
  });

  it('is brought by a retry of all, and verified after that', async () => {
    const of = await trees.start(GROUP);
    const { record } = await of.migrate();
    come(of);

    await of.api.call('POST', `/bulk_imports/${record.id}/retry`, {
      token: TOKENS.destination,
      json: { configuration: { access_token: TOKENS.source }, scope: 'all' },
    });
    await of.ended(`/bulk_imports/${record.id}`);
    const { record: found, failures } = await verifyImport(of, record.id);

    expect(failures).toEqual([]);
    expect(found).toMatchObject({ accuracy: 1, new_at_source: 0 });
  });

  it('is not reported where projects were not to be migrated', async () => {
    const of = await trees.start(GROUP);
    const { record } = await of.migrate({ entities: [{ migrate_projects: false }] });
    come(of);

    const { record: found } = await verifyImport(of, record.id);

    expect(found).toMatchObject({ new_at_source: 1, missing: 0 });
    expect(await reportOf(of, record.id)).toMatchObject({
      new_at_source: [{ source_full_path: 'acme/late' }],
      not_migrated: [{ relation: 'projects' }],
    });
  });

  it('waits for its deletion, and is neither missing nor new', async () => {
    const of = await trees.start(GROUP);
    const { record } = await of.migrate();
    of.source.addProject('acme', { name: 'Gone', path: 'gone', markedForDeletionOn: '2026-03-01' });

    expect((await verifyImport(of, record.id)).record).toMatchObject({ new_at_source: 0, missing: 0 });
  });

  it('is missing where the import has come to no end of its own', async () => {
    const of = await trees.start(GROUP);
    const { record, entities } = await of.migrate();
    come(of);
    for (const { id } of entities)
      await updateItem(keys.entity(record.id, id), { set: { status: 'timeout' } });

    const { record: found, failures } = await verifyImport(of, record.id);

    expect(found).toMatchObject({ new_at_source: 0, missing: 2 });
    expect(failures.map(({ relation, sourceTitle }) => [relation, sourceTitle]).sort()).toEqual([
      ['project_entities', 'Later'],
      ['subgroup_entities', 'Late'],
    ]);
  });

  it('is missing where the group above it could not be made', async () => {
    const of = await trees.start({ ...GROUP, children: [{ ...GROUP, projects: 2, children: [GROUP] }] });
    of.destination.onRequest = ({ method, path, body }) =>
      method === 'POST' && path === '/api/v4/groups' && JSON.stringify(body).includes('acme-0')
        ? refused(403, '403 Forbidden')
        : undefined;
    const { record } = await of.migrate();
    of.destination.onRequest = undefined;

    const { record: found, failures } = await verifyImport(of, record.id);
    const report = (await reportOf(of, record.id)) as Report;

    // The group, the one below it, and its two projects.
    expect(found).toMatchObject({ missing: 4, new_at_source: 0, unverified: 0 });
    expect(failures).toHaveLength(4);
    expect(report.complete).toBe(false);
    expect(report).toMatchObject({
      incomplete: ['4 records are missing: Groups (2), Projects (2).'],
      problems_total: 4,
    });
  });
});
