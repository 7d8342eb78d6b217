import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sumChanges } from '../../lambdas/store/changes.ts';
import { getImport } from '../../lambdas/store/imports.ts';
import { keys } from '../../lambdas/store/keys.ts';
import { hasTokens } from '../../lambdas/store/sealed-tokens.ts';
import { updateItem } from '../../lambdas/store/table-updates.ts';
import { TOKENS } from '../soak/sample-source.ts';
import { type GroupPlan, tree } from '../soak/schedule.ts';
import { type PlanEntity, type PlannedTree, usePlannedTrees } from '../support/service/planned-trees.ts';

const GROUP: GroupPlan = {
  labels: ['', ' b'],
  milestones: [false, true],
  badges: 2,
  lists: 2,
  members: 4,
  projects: 0,
  hasAvatar: true,
  isLocked: true,
  children: [],
};
const TREE: GroupPlan = { ...GROUP, children: [{ ...GROUP, isClosed: true, children: [GROUP] }, GROUP] };

const { start } = usePlannedTrees();

describe('a plan', () => {
  it('says what the import then does, to the record', async () => {
    const { plan: look, migrate, records } = await start(TREE);
    const { plan, entities } = await look();

    const { record, entities: migrated } = await migrate();

    expect(plan).toMatchObject({ status: 'finished', has_blockers: false, entities_count: 4 });
    expect(record).toMatchObject({ status: 'finished', has_failures: false });
    expect(plan.destination_writes).toBe(records());
    expect(plan.changes).toEqual(sumChanges(entities.flatMap(({ changes }) => Object.values(changes))));
    expect(paths(entities)).toEqual(paths(migrated));
    expect(skipsOf(entities)).toEqual(skipsOf(migrated));
    // Ann and Ben, of each group once and not again where they have access already.
    expect(plan.emails).toBe(2);
    // By which the progress page tells how much is left.
    const { totals } = await getImport(plan.id);
    expect(totals?.groups).toEqual({ count: 4, records: recordsOf(migrated) });
    // The owner, Ann and Ben. Cyd shows no address, and nobody has Dan's.
    expect(plan.users).toEqual({ mapped: 0, matched: 3, unmatched: 2 });
  });
});

describe('a plan of projects', () => {
  it('counts each of them, in groups that do not exist yet, and orders nothing', async () => {
    const { plan: look, writes } = await start({ ...GROUP, isLocked: false, projects: 2, children: [] });

    const { plan, entities } = await look();

    expect(writes()).toBe(0);
    expect(plan).toMatchObject({ status: 'finished', has_blockers: false, entities_count: 3 });
    const projects = entities.filter(({ entity_type: type }) => type === 'project');
    expect(projects.map(({ destination_full_path: path }) => path)).toEqual(['acme/p0', 'acme/p1']);
    expect(projects[0]?.changes).toMatchObject({
      project: { unknown: 1 },
      issues: { unknown: 2 },
      labels: { unknown: 1 },
      // Ben has less in the group.
      members: { create: 1 },
    });
    // One of the group waits for its deletion.
    expect(entities[0]?.changes).toMatchObject({ project_entities: { skip: 1 } });
    const sizes = projects.map(({ archive_size: size }) => size ?? 0);
    expect(sizes.every(size => size > 0)).toBe(true);
    expect(entities[0]).toMatchObject({ archive_size: null, archive_note: null });
    expect(plan.archives).toEqual({ projects: 2, unknown: 0, size: sizes.reduce((sum, size) => sum + size) });
  });

  it('says of which archives may be too large, in each report, and blocks none', async () => {
    const { source, plan: look, get } = await start({ ...GROUP, isLocked: false, projects: 2, children: [] });
    source.onRequest = ({ path, query }) => {
      const name = ['p0', 'p1'].find(one => path.endsWith(`/projects/${source.project(`acme/${one}`)?.id}`));
      if (query.get('statistics') !== 'true' || name === undefined) return undefined;
      const statistics = name === 'p0' ? { repository_size: 11 * 1024 ** 3, packages_size: 1 } : undefined;
      const found = { id: source.project(`acme/${name}`)?.id, name, path: name };
      return {
        kind: 'respond',
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...found, path_with_namespace: `acme/${name}`, statistics }),
      };
    };

    const { plan, entities } = await look();
    const report = async (format = '') => String(await get(`/bulk_imports/plans/${plan.id}/report${format}`));

    const size = 11 * 1024 ** 3;
    const note = expect.stringMatching(/^A GitLab takes no archive of more than 10 GiB unless/);
    expect(plan).toMatchObject({ has_blockers: false, archives: { projects: 2, unknown: 1, size } });
    const [large] = entities.filter(({ archive_note }) => archive_note !== null);
    expect(large).toMatchObject({ source_full_path: 'acme/p0', archive_size: size, archive_note: note });
    expect(await get(`/bulk_imports/plans/${plan.id}/report`)).toMatchObject({
      archives: {
        ...{ projects: 2, unknown: 1, size },
        notes: [{ entity_id: large?.id, source_full_path: 'acme/p0', size, note }],
      },
    });
    const words = 'The archive of 1 project would hold about 11 GiB; of 1 project the source does not say';
    for (const format of ['.md', '.html']) {
      expect(await report(format)).toContain(words);
      expect(await report(format)).toMatch(
        /Archives that may be too large.*takes no archive of more than 10 GiB/s,
      );
    }
    const [head = '', ...lines] = (await report('.csv')).split('\r\n').map(line => line.split(','));
    const column = head.indexOf('archive_bytes');
    expect(lines.reduce((sum, cells) => sum + Number(cells[column] ?? 0), 0)).toBe(size);
  });
});

it('a plan says what is not moved, and how much of it there is', async () => {
  const { source, plan: look } = await start(TREE);
  Object.assign(source.group('acme')?.leftOut ?? {}, { epics: ['Grow'], variables: ['KEY', 'TOKEN'] });
  Object.assign(source.group('acme/acme-0')?.leftOut ?? {}, { epics: ['Shrink'] });

  const { plan } = await look();
  const { plan: withoutProjects } = await look({ entities: [{ migrate_projects: false }] });

  const left = [
    { relation: 'epics', source: 2 },
    { relation: 'variables', source: 2 },
  ];
  expect(plan.not_migrated).toEqual(left);
  // None of these groups has projects.
  expect(withoutProjects.not_migrated).toEqual(left);
});

describe('what stands against a plan', () => {
  const ALONE: GroupPlan = { ...GROUP, lists: undefined };

  it('is told of each of its groups, and the others are planned', async () => {
    const { destination, plan: look } = await start({ ...ALONE, children: [ALONE] });
    destination.addGroup({ name: 'Taken', path: 'taken', members: [{ username: 'owner', accessLevel: 50 }] });

    const { plan, entities } = await look({
      entities: [
        { source_full_path: 'nobody', destination_slug: 'one' },
        { destination_slug: 'taken' },
        { destination_slug: 'two', destination_namespace: 'nowhere' },
        {},
        { destination_slug: 'ACME', source_full_path: 'acme/acme-0' },
        { source_full_path: 'none', destination_slug: 'three' },
      ],
    });

    expect(plan).toMatchObject({ status: 'finished', has_blockers: true });
    const told = entities
      .slice(0, 6)
      .map(({ status, failures }) => [status, failures.map(({ exception_message }) => exception_message)]);
    expect(told).toEqual([
      ['failed', ["Import failed. 'nobody' not found."]],
      ['failed', ["Import failed. 'taken' already exists. Change the destination and try again."]],
      ['failed', ["Import failed. 'nowhere' is invalid, or you do not have permission."]],
      ['finished', []],
      ['failed', ["Import failed. 'ACME' already exists. Change the destination and try again."]],
      ['failed', ["Import failed. 'none' not found."]],
    ]);
    expect(entities[3]?.changes).toMatchObject({
      labels: { create: 2 },
    });
  });

  it('is a path of somebody at the top level, which is found when it is looked for', async () => {
    const { destination, plan: look, writes } = await start(ALONE);
    destination.onRequest = ({ path }) => {
      if (!path.endsWith('/exists')) return undefined;
      return {
        kind: 'respond',
        status: 200,
        body: JSON.stringify({ exists: asked++ > 0 }),
        headers: { 'content-type': 'application/json' },
      };
    };
    let asked = 0;

    const { plan, entities } = await look();

    expect(plan).toMatchObject({ status: 'failed', has_blockers: true });
    expect(entities[0]?.failures.map(({ exception_message: message }) => message)).toEqual([
      expect.stringMatching(/^Group exists: .* Choose another destination_slug/),
    ]);
    expect(entities[0]?.changes).toMatchObject({ group: { blocked: 1 } });
    expect(writes()).toBe(0);
  });

  it('is no path that is taken inside of a group after the checks: the next one is shown', async () => {
    const { source, destination, plan: look } = await start(ALONE);
    const owner = { username: 'owner', accessLevel: 50 as const };
    destination.addGroup({ name: 'Home', path: 'home', members: [owner] });
    source.onRequest = ({ body }) => {
      const isOfRun = JSON.stringify(body ?? '').includes('emailsDisabled');
      if (isOfRun && destination.group('home/acme') === undefined) {
        destination.addGroup({ name: 'Other', path: 'acme', parent: 'home' });
      }
      return undefined;
    };

    const { entities } = await look({ destination_namespace: 'home' });

    expect(entities[0]).toMatchObject({ status: 'finished', destination_full_path: 'home/acme_1' });
  });
});

describe('an import that is bound to a plan', () => {
  const refusal = async ({ api, request }: PlannedTree, wanted: object) => {
    const json = { ...request(), ...wanted };
    const { status, body } = await api.call('POST', '/bulk_imports', { token: TOKENS.destination, json });
    return [status, (body as { message?: string }).message];
  };

  it('begins if the plan was of the same request, by whatever token, and shows it', async () => {
    const { source, plan: look, migrate, request } = await start(GROUP);
    const { plan } = await look();
    source.addToken('sample-other-token', { username: 'owner' });
    const configuration = { url: source.url, access_token: 'sample-other-token' };

    const { record } = await migrate({ ...request(), configuration, plan_id: plan.id });

    expect(record).toMatchObject({ status: 'finished', plan_id: plan.id });
  });

  it('is refused when the plan was of another request', async () => {
    const tree = await start(GROUP);
    const { plan } = await tree.plan();

    for (const changes of [{ destination_slug: 'b' }, { migrate_memberships: false }]) {
      expect(await refusal(tree, tree.request({ entities: [changes], plan_id: plan.id }))).toEqual([
        422,
        'The plan is for another request.',
      ]);
    }
  });

  it('is refused when the plan has blockers, has not come to its end, or is older than a day', async () => {
    const tree = await start(GROUP);
    const { plan } = await tree.plan();
    const key = keys.import(plan.id);
    const { createdAt } = await getImport(plan.id);
    const yesterday = new Date(Date.parse(createdAt) - 24 * 3_600_000 - 60_000).toISOString();

    await updateItem(key, { set: { createdAt: yesterday } });
    expect(await refusal(tree, { plan_id: plan.id })).toEqual([422, 'The plan is older than a day.']);
    await updateItem(key, { set: { createdAt, status: 'canceled' } });
    expect(await refusal(tree, { plan_id: plan.id })).toEqual([422, 'The plan is not finished.']);
    await updateItem(key, { set: { status: 'finished', hasFailures: true } });
    expect(await refusal(tree, { plan_id: plan.id })).toEqual([422, 'The plan has blockers.']);
    await updateItem(key, { set: { hasFailures: false } });
    expect((await tree.migrate({ plan_id: plan.id })).record.plan_id).toBe(plan.id);
  });
});

describe('an Idempotency-Key', () => {
  it('of a plan gives the same plan again, and is none of an import', async () => {
    const { api, ended, request } = await start(GROUP);
    const post = (path: string) =>
      api.call('POST', path, {
        token: TOKENS.destination,
        json: request(),
        headers: { 'idempotency-key': 'once' },
      });

    const [first, again, other] = [
      await post('/bulk_imports/plans'),
      await post('/bulk_imports/plans'),
      await post('/bulk_imports'),
    ];

    await ended(`/bulk_imports/plans/${(first.body as { id: number }).id}`);
    expect([first.status, again.status, other.status]).toEqual([201, 201, 422]);
    expect(again.body).toMatchObject({ id: (first.body as { id: number }).id });
    expect(other.body).toEqual({
      message: 'This Idempotency-Key was used for another request. Send this one with a key of its own.',
    });
  });
});

describe('a plan that has ended', () => {
  it('has no tokens left', async () => {
    const { plan: look } = await start(GROUP);

    const { plan } = await look();

    expect(await hasTokens(plan.id)).toBe(false);
  });
});

/** Siblings run side by side, and their children get ids as they come. */
const changesByPath = (entities: PlanEntity[]) =>
  Object.fromEntries(entities.map(({ source_full_path: path, changes }) => [path, changes]));

interface Shown {
  source_full_path: string;
  destination_full_path: string | null;
  stats: Record<string, { source: number; skip_reasons: Record<string, number> }>;
}

const paths = (entities: Shown[]) =>
  entities.map(({ source_full_path: from, destination_full_path: to }) => [from, to]).sort();
const recordsOf = (entities: Shown[]) =>
  entities.flatMap(({ stats }) => Object.values(stats)).reduce((sum, { source }) => sum + source, 0);

const skipsOf = (entities: Shown[]) =>
  entities
    .flatMap(({ source_full_path: path, stats }) =>
      Object.entries(stats).map(([relation, { skip_reasons }]) => [path, relation, skip_reasons]),
    )
    .sort();

/** The same tree without projects, of which only GitLab's import can tell. */
const withoutProjects = (plan: GroupPlan): GroupPlan => ({
  ...plan,
  projects: 0,
  children: plan.children.map(withoutProjects),
});

describe('a plan of any tree', () => {
  it('writes nothing, is the same twice, and says what the import then does', async () => {
    await fc.assert(
      fc.asyncProperty(tree.map(withoutProjects), async drawn => {
        const { plan: look, migrate, records, writes, get } = await start(drawn);
        const lists = await Promise.all(['', '/entities'].map(path => get(`/bulk_imports${path}`)));
        const { plan, entities } = await look();
        const again = await look();

        expect(writes()).toBe(0);
        expect(again.plan).toMatchObject({
          changes: plan.changes,
          destination_writes: plan.destination_writes,
        });
        expect(changesByPath(again.entities)).toEqual(changesByPath(entities));
        expect(await Promise.all(['', '/entities'].map(path => get(`/bulk_imports${path}`)))).toEqual(lists);

        const { record, entities: migrated } = await migrate();
        expect([plan.has_blockers, record.has_failures]).toEqual([false, false]);
        expect(paths(entities)).toEqual(paths(migrated));
        expect(skipsOf(entities)).toEqual(skipsOf(migrated));
        expect(plan.destination_writes).toBe(records());
      }),
      { seed: 20_260_302, numRuns: 10 },
    );
  });
});
