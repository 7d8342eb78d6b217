import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { reportSchema } from '../../lambdas/api/answers/report-schema.ts';
import type { SampleProject } from '../../lib/gitlab-simulator/project-model.ts';
import type { GroupPlan } from '../soak/schedule.ts';
import { refused } from '../support/gitlab/gitlab-faults.ts';
import { type PlannedTree, plannedTree } from '../support/service/planned-trees.ts';
import { type ServiceInMemory, startServiceInMemory } from '../support/service/service-in-memory.ts';
import { verifyImport } from '../support/service/verifications.ts';

const GROUP: GroupPlan = {
  labels: ['', ' b'],
  milestones: [false],
  badges: 1,
  lists: 1,
  members: 2,
  projects: 2,
  hasAvatar: true,
  isLocked: false,
  children: [],
};

let service: ServiceInMemory;
beforeAll(async () => {
  service = await startServiceInMemory();
});

let world: PlannedTree | undefined;
afterEach(async () => {
  await world?.stop();
});

/** A group with two projects, the first of which has something of all, that was migrated. */
async function migrated(wanted: Parameters<PlannedTree['migrate']>[0] = {}, of: GroupPlan = GROUP) {
  const tree = await plannedTree(service, of);
  world = tree;
  const { record } = await tree.migrate(wanted);
  const written = tree.writes();
  const project = tree.destination.project('acme/p0') as SampleProject;
  const verify = async () => {
    const { record: found, failures } = await verifyImport(tree, record.id);
    expect(tree.writes()).toBe(written);
    const report = reportSchema.parse(await tree.get(`/bulk_imports/${record.id}/report`));
    const told = failures.map(({ relation, exceptionMessage }) => [relation, exceptionMessage]);
    return { found, failures, report, told };
  };
  return { ...tree, project, verify };
}

describe('a verification of projects', () => {
  it('finds all that their archives have brought, so that the import is complete', async () => {
    const { verify } = await migrated();

    const { found, report, told } = await verify();

    expect(told).toEqual([]);
    expect(report).toMatchObject({ complete: true, incomplete: [], accuracy: 1 });
    const matched = Object.fromEntries(report.relations.map(one => [one.relation, one.matched]));
    expect(matched).toMatchObject({
      ...{ project: 2, project_attributes: 2, issues: 2, merge_requests: 1, branches: 3, tags: 1 },
      ...{ releases: 1, ci_pipelines: 1, snippets: 1 },
      // Two of the group and one of the project.
      labels: 3,
    });
    expect(report.totals.matched).toBe(found.matched);
  });

  it.each<[string, string, (project: SampleProject) => void]>([
    ['an issue', 'issues', ({ issues }) => issues.pop()],
    ['a merge request', 'merge_requests', ({ mergeRequests }) => mergeRequests.pop()],
    ['a label', 'labels', ({ labels }) => labels.pop()],
    ['a milestone', 'milestones', ({ milestones }) => milestones.pop()],
    ['a release', 'releases', ({ releases }) => releases.pop()],
    ['a pipeline', 'ci_pipelines', ({ pipelines }) => pipelines.pop()],
    ['a snippet', 'snippets', ({ snippets }) => snippets.pop()],
    ['a branch', 'branches', ({ branches }) => branches.pop()],
    ['a tag', 'tags', ({ tags }) => tags.pop()],
  ])('says that %s is missing, and that alone', async (_, relation, take) => {
    const { project, verify } = await migrated();
    take(project);

    const { found, report, told } = await verify();

    expect(told).toEqual([[relation, expect.stringMatching(/^1 of \d .* are at the source, and not at/)]]);
    expect(found).toMatchObject({ missing: 1, different: 0, unverified: 0 });
    expect(report.complete).toBe(false);
    expect(report.incomplete).toEqual([expect.stringMatching(/^1 record is missing: /)]);
    expect(report.relations.find(one => one.relation === relation)).toMatchObject({ missing: 1 });
  });

  it.each<[string, string, (project: SampleProject) => void, RegExp]>([
    [
      'an attribute that no archive has',
      'project_attributes',
      ({ settings }) => Object.assign(settings, { lfsEnabled: true }),
      /other than at the source: lfs_enabled is 'true' instead of 'false'/,
    ],
    [
      'an attribute that the archive has brought',
      'project_attributes',
      project => Object.assign(project, { description: 'Other' }),
      /description is 'Other' instead of/,
    ],
    [
      'its default branch',
      'project_attributes',
      project => Object.assign(project, { defaultBranch: 'next' }),
      /default_branch is 'next' instead of 'main'/,
    ],
    [
      'that it is archived',
      'project',
      project => Object.assign(project, { archived: true }),
      /archived is 'true' instead of/,
    ],
  ])('says that %s differs, and that alone', async (_, relation, change, words) => {
    const { project, verify } = await migrated();
    change(project);

    const { found, report, told } = await verify();

    expect(told).toEqual([[relation, expect.stringMatching(words)]]);
    expect(found).toMatchObject({ missing: 0, different: 1, unverified: 0 });
    expect(report.incomplete).toEqual([expect.stringMatching(/^1 record differs: /)]);
  });

  it('takes no notice of attributes that were not to be migrated', async () => {
    const { project, verify } = await migrated({
      entities: [{ excluded_relations: ['project_attributes'] }],
    });
    Object.assign(project, { description: 'Other' });

    const { report, told } = await verify();

    expect(told).toEqual([]);
    expect(report.complete).toBe(true);
  });

  it('is not complete where a GitLab does not count, and says of what', async () => {
    const { destination, verify } = await migrated();
    destination.onRequest = ({ path }) =>
      path.endsWith('/snippets') ? refused(403, '403 Forbidden') : undefined;

    const { found, report, told } = await verify();

    expect(told).toEqual([
      [
        'project',
        expect.stringMatching(/^Whether all has arrived is not known of: snippets\. The destination/),
      ],
    ]);
    expect(found).toMatchObject({ missing: 0, different: 0, unverified: 1, accuracy: 1 });
    expect(report.complete).toBe(false);
    expect(report.incomplete).toEqual(['1 record could not be compared: Snippets (1).']);
  });

  it('is complete where the source has less than when it was imported', async () => {
    const { source, verify } = await migrated();
    const { issues } = source.project('acme/p0') as SampleProject;
    issues.length = 0;
    source.group('acme')?.badges.pop();

    expect((await verify()).report).toMatchObject({ complete: true, incomplete: [] });
  });

  it('is complete beside what no archive has, which is told as not migrated', async () => {
    const tree = await plannedTree(service, GROUP);
    world = tree;
    tree.source.project('acme/p0')?.variables.push('KEY', 'TOKEN');
    tree.source.project('acme/p1')?.variables.push('KEY');
    const { plan } = await tree.plan();
    const { record } = await tree.migrate({ plan_id: plan.id });

    await verifyImport(tree, record.id);
    const report = reportSchema.parse(await tree.get(`/bulk_imports/${record.id}/report`));

    expect(report).toMatchObject({ complete: true, incomplete: [] });
    expect(report.not_migrated).toEqual([{ relation: 'variables', source: 3, entities_count: 2 }]);
  });

  it('misses a project that is gone, and nothing of it beside that', async () => {
    const { destination, verify } = await migrated();
    const { id } = destination.project('acme/p1') as SampleProject;
    destination.onRequest = ({ path }) =>
      path.includes(`/projects/${id}`) ? refused(404, '404 Project Not Found') : undefined;

    const { found, report, told } = await verify();

    expect(told).toEqual([['project', expect.stringMatching(/^It is at the source, and not/)]]);
    expect(found).toMatchObject({ missing: 1, different: 0 });
    expect(report.complete).toBe(false);
  });
});
