import { afterEach, describe, expect, it } from 'vitest';
import { migrateByFrozenLoop } from '../../lib/bench/frozen-loop.ts';
import { BENCH_GROUP, BENCH_TOKEN, type Contents, PEOPLE, seed } from '../../lib/bench/load.ts';
import { compareGitLabs } from '../../lib/demo/comparison.ts';
import type { SampleInstance } from '../../lib/demo/sample-source.ts';
import type { SampleUser } from '../../lib/gitlab-simulator/model.ts';
import { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';

const started: SampleGitLab[] = [];

afterEach(async () => {
  for (const gitlab of started.splice(0)) await gitlab.stop();
});

/** Runs the loop between two GitLabs of which the source has two subgroups. */
async function runLoop(contents: Contents, records = 30) {
  const [source, destination] = [new SampleGitLab(), new SampleGitLab()];
  seed(source, { contents, subgroups: 2, records });
  seed(destination, undefined);
  for (const gitlab of [source, destination]) started.push(await gitlab.start());
  const result = await migrateByFrozenLoop({
    sourceUrl: source.url,
    destinationUrl: destination.url,
    token: BENCH_TOKEN,
    rootPath: BENCH_GROUP,
  });
  return { source, destination, result };
}

/** By the address that each shows, which is how people are told. */
function peopleOf(gitlab: SampleGitLab): SampleUser[] {
  return Array.from({ length: PEOPLE }, (_, index) => {
    const username = `person-${index + 1}`;
    return { id: gitlab.userId(username), username, publicEmail: `${username}@example.com` } as SampleUser;
  });
}

/** How often each kind of request was sent, of those behind the first ones. */
function kindsOf(gitlab: SampleGitLab, after: number): Record<string, number> {
  const kinds: Record<string, number> = {};
  for (const { method, path } of gitlab.requests.slice(after)) {
    const kind = `${method} ${path.replace('/api/v4', '').replaceAll(/\d+/g, ':id')}`;
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return kinds;
}

describe('the frozen loop', () => {
  it('sends 11 requests to the source and 43 to the destination for a group of 30 records', async () => {
    const { result, source, destination } = await runLoop('records');

    // The top-level group has no records and no parent, and its settings are compared with the destination's.
    expect([result.source, result.destination]).toEqual([11 + 2 * 11, 11 + 2 * 43]);
    expect([source.statistics.total, destination.statistics.total]).toEqual([3 * 11, 11 + 2 * 43]);
  });

  it('sends these requests for the last group, of whatever the service sends', async () => {
    const { source, destination } = await runLoop('records');

    expect(kindsOf(source, 2 * 11)).toEqual({
      'POST /api/graphql': 2,
      'GET /groups/:id': 2,
      'GET /groups/:id/labels': 1,
      'GET /groups/:id/milestones': 1,
      'GET /groups/:id/badges': 1,
      'GET /groups/:id/boards': 1,
      'GET /groups/:id/avatar': 1,
      'GET /groups/:id/projects': 1,
      'GET /groups/:id/subgroups': 1,
    });
    expect(kindsOf(destination, 11 + 43)).toEqual({
      'POST /groups': 1,
      'GET /groups/:id': 2,
      'GET /groups/:id/members/all': 1,
      'GET /groups/:id/members': 1,
      'GET /groups/:id/labels': 2,
      'POST /groups/:id/labels': 20,
      'GET /groups/:id/milestones': 2,
      'POST /groups/:id/milestones': 6,
      'PUT /groups/:id/milestones/:id': 2,
      'GET /groups/:id/badges': 1,
      'POST /groups/:id/badges': 4,
      'GET /groups/:id/boards': 1,
    });
  });

  it.each<Contents>(['records', 'full', 'members'])('copies the groups with %s exactly', async contents => {
    const { source, destination } = await runLoop(contents);
    const [there, here] = [source, destination].map(gitlab => ({ gitlab, users: peopleOf(gitlab) })) as [
      SampleInstance,
      SampleInstance,
    ];

    const comparisons = compareGitLabs(there, here);

    expect(comparisons.map(({ what, found, surplus }) => [what, found, surplus])).toEqual(
      comparisons.map(({ what, wanted }) => [what, wanted, 0]),
    );
  });

  it('copies lists of more than one page', async () => {
    const { source, destination } = await runLoop('records', 160);

    expect(source.group('bench/group-1')?.labels).toHaveLength(107);
    expect(destination.group('bench/group-1')?.labels).toHaveLength(107);
  });
});
