import { describe, expect, it } from 'vitest';
import type * as z from 'zod/mini';
import { planReportSchema, reportSchema } from '../../lambdas/api/answers/report-schema.ts';
import { hasRecords } from '../../lambdas/report/relation-names.ts';
import { TOKENS } from '../soak/sample-source.ts';
import type { GroupPlan } from '../soak/schedule.ts';
import { refused } from '../support/gitlab/gitlab-faults.ts';
import type { BulkEntity } from '../support/service/bulk-imports-client.ts';
import { type PlannedTree, usePlannedTrees } from '../support/service/planned-trees.ts';
import { verifyImport } from '../support/service/verifications.ts';

const GROUP: GroupPlan = {
  labels: ['', ' b'],
  milestones: [false, true],
  badges: 2,
  lists: 2,
  members: 4,
  projects: 0,
  hasAvatar: true,
  isLocked: false,
  children: [],
};
const TREE: GroupPlan = { ...GROUP, children: [GROUP] };

const trees = usePlannedTrees();
let world: PlannedTree;

type Report = z.infer<typeof reportSchema>;

const reportOf = async (id: number): Promise<Report> =>
  reportSchema.parse(await world.get(`/bulk_imports/${id}/report`));

/** The sum of a count over what entities say of the relations that have records. */
function counted(entities: BulkEntity[], count: 'source' | 'imported' | 'skipped' | 'failed'): number {
  return entities
    .flatMap(({ stats }) => Object.entries(stats))
    .filter(([relation]) => hasRecords(relation))
    .reduce((sum, [, counts]) => sum + counts[count], 0);
}

/** Refuses each request that has a word in its body, as a validation does. */
function refuse(word: string): void {
  world.destination.onRequest = ({ method, path, body }) => {
    const isWrite =
      method === 'POST' && (path !== '/api/graphql' || JSON.stringify(body).includes('mutation'));
    if (!isWrite || !JSON.stringify(body).includes(word)) return undefined;
    const headers = { 'content-type': 'application/json' };
    return { kind: 'respond', status: 400, headers, body: '{"message":"Not today"}' };
  };
}

describe('the report', () => {
  it('of a faultless import says what its entities say, and that nobody has verified it', async () => {
    world = await trees.start(TREE);
    const { record, entities } = await world.migrate();

    const report = await reportOf(record.id);

    expect(report).toMatchObject({ status: 'finished', attempt: 1, accuracy: null, complete: null });
    expect(report).toMatchObject({ problems: [], causes: [], problems_total: 0, all_failures_read: true });
    for (const count of ['source', 'imported', 'skipped', 'failed'] as const) {
      expect(report.totals[count]).toBe(counted(entities, count));
    }
    expect(report.totals.source).toBe(report.totals.imported + report.totals.skipped);
    const skips = report.skips.reduce((sum, { count }) => sum + count, 0);
    expect(skips).toBe(report.totals.skipped);
    const labels = report.writes.filter(({ target_type: type }) => type === 'Label');
    expect(labels).toEqual([{ target_type: 'Label', result: 'created', count: 4 }]);
  });

  it('of a plan says what the import then does, and that of the import has both beside each other', async () => {
    world = await trees.start(TREE);
    const { plan } = await world.plan();
    const ofPlan = planReportSchema.parse(await world.get(`/bulk_imports/plans/${plan.id}/report`));

    const { record } = await world.migrate({ plan_id: plan.id });
    const report = await reportOf(record.id);

    expect(ofPlan.totals).toMatchObject({ imported: 0, failed: 0 });
    expect(report.plan_id).toBe(plan.id);
    expect(report.totals.planned).toEqual(ofPlan.totals.planned);
    for (const { relation, planned, imported, skipped, failed } of report.relations) {
      const { create = 0, update = 0, unchanged = 0, skip = 0, blocked = 0, unknown = 0 } = planned ?? {};
      // What only the import could tell has come to one of its ends.
      expect([relation, imported + skipped + failed]).toEqual([
        relation,
        create + update + unchanged + skip + blocked + unknown,
      ]);
      if (unknown === 0)
        expect([relation, imported, skipped]).toEqual([relation, create + update + unchanged, skip]);
    }
  });

  it('has what a verification has found, which says that all is there, or which record is not', async () => {
    world = await trees.start(TREE);
    const { record } = await world.migrate();
    const group = world.destination.group('acme');
    await verifyImport(world, record.id);
    const whole = await reportOf(record.id);
    const badge = group?.badges.shift();

    const { record: verification } = await verifyImport(world, record.id);
    const report = await reportOf(record.id);

    expect(whole).toMatchObject({ complete: true, accuracy: 1, problems_total: 0 });
    expect(whole.totals).toMatchObject({ different: 0, missing: 0, unverified: 0 });
    expect(whole.totals.matched).toBeGreaterThan(15);
    expect(report.totals).toMatchObject({ missing: 1, matched: (whole.totals.matched ?? 0) - 1 });
    expect(report).toMatchObject({ complete: false, verified_at: verification.updated_at });
    expect(report.problems.map(({ kind, relation, title }) => [kind, relation, title])).toEqual([
      ['missing', 'badges', badge?.name],
    ]);
    expect(report.relations.find(({ relation }) => relation === 'badges')).toMatchObject({
      imported: 4,
      missing: 1,
    });
  });

  it('names a relation once that could be read neither by the import nor by its verification', async () => {
    world = await trees.start(GROUP);
    world.source.onRequest = ({ path }) =>
      path.endsWith('/badges') ? refused(403, '403 Forbidden') : undefined;
    world.destination.onRequest = ({ method, path }) =>
      method === 'GET' && path.includes('/members') ? refused(403, '403 Forbidden') : undefined;
    const { record } = await world.migrate();
    const { record: verification } = await verifyImport(world, record.id);

    const report = await reportOf(record.id);

    expect(report.problems.map(({ kind, relation, title }) => [kind, relation, title])).toEqual([
      ['failed', 'badges', null],
      ['failed', 'members', null],
    ]);
    expect(report.problems_total).toBe(2);
    expect(report.totals).toMatchObject({ missing: 0, unverified: verification.unverified });
  });

  it('of an import with a failure says why, and after a retry that it is whole', async () => {
    world = await trees.start(GROUP);
    refuse('"v1"');
    const { record, entities } = await world.migrate();
    const failures = entities.flatMap(entity => entity.failures);
    expect(failures).not.toEqual([]);

    const report = await reportOf(record.id);

    expect(report.problems_total).toBe(failures.length);
    expect(report.causes.reduce((sum, { count }) => sum + count, 0)).toBe(failures.length);
    expect(report.problems.map(({ message, retryable }) => [message, retryable])).toEqual(
      failures.map(({ exception_message: message, retryable }) => [message, retryable]),
    );
    expect(report.totals.failed).toBe(counted(entities, 'failed'));

    world.destination.onRequest = undefined;
    const { status } = await world.api.call('POST', `/bulk_imports/${record.id}/retry`, {
      token: TOKENS.destination,
      json: { configuration: { access_token: TOKENS.source } },
    });
    expect(status).toBe(201);
    await world.ended(`/bulk_imports/${record.id}`);
    const repaired = await reportOf(record.id);

    expect(repaired).toMatchObject({ attempt: 2, problems_total: 0, causes: [] });
    expect(repaired.totals).toMatchObject({ source: report.totals.source, failed: 0 });
  });
});
