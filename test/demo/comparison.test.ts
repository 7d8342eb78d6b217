import { describe, expect, it } from 'vitest';
import { compareGitLabs, expectedFailures, isExact } from '../../lib/demo/comparison.ts';
import { SAMPLE_GROUPS } from '../../lib/demo/sample-groups.ts';
import { type SampleInstance, sampleDestination, sampleSource } from '../../lib/demo/sample-source.ts';
import { compared, failureProblems, problemsOf } from '../../lib/demo/texts.ts';
import type { SampleGroup } from '../../lib/gitlab-simulator/model.ts';

/** A destination with everything that a Free edition can have of the source. */
function goodDestination(): SampleInstance {
  const destination = sampleDestination();
  for (const seed of SAMPLE_GROUPS) {
    destination.gitlab.addGroup({
      ...seed,
      path: seed.path === 'Brand--Assets' ? 'brand-assets' : seed.path,
      settings: { ...seed.settings, membershipLock: false },
      boards: (seed.boards ?? []).slice(0, 1).map(board => ({
        ...board,
        lists: (board.lists ?? []).filter(({ label }) => label !== undefined),
      })),
      wikis: [],
      leftOut: { epics: [], variables: [], hooks: [] },
      members: (seed.members ?? []).filter(({ username }) => username !== 'leah'),
    });
  }
  return destination;
}

function groupOf({ gitlab }: SampleInstance, path: string): SampleGroup {
  const group = gitlab.group(path);
  if (group === undefined) throw new Error(`There is no group ${path}.`);
  return group;
}

describe('compareGitLabs', () => {
  it('finds everything of a good copy, and knows what a Free edition cannot have', () => {
    const comparisons = compareGitLabs(sampleSource(), goodDestination());

    expect(problemsOf(comparisons)).toEqual([]);
    expect(Object.fromEntries(comparisons.map(({ what, wanted, found }) => [what, [wanted, found]]))).toEqual(
      {
        groups: [12, 12],
        avatars: [3, 3],
        labels: [167, 167],
        milestones: [11, 11],
        badges: [8, 8],
        boards: [7, 6],
        'board lists': [18, 14],
        memberships: [15, 15],
        'wiki pages': [1, 0],
        'membership locks': [1, 0],
        'sharing settings': [1, 1],
        projects: [5, 5],
        issues: [5, 5],
        'merge requests': [2, 2],
        releases: [3, 3],
        pipelines: [4, 4],
        branches: [7, 7],
        'protected branches': [1, 1],
        tags: [3, 3],
        snippets: [1, 1],
        'LFS files': [3, 3],
        'pages of project wikis': [2, 2],
      },
    );
  });

  it('finds nothing in an empty destination', () => {
    const comparisons = compareGitLabs(sampleSource(), sampleDestination());

    expect(comparisons.every(({ found, surplus }) => found === 0 && surplus === 0)).toBe(true);
    // A Free destination can have none of these anyway.
    expect(comparisons.filter(isExact).map(({ what }) => what)).toEqual(['wiki pages', 'membership locks']);
  });

  it.each<[what: string, damage: (destination: SampleInstance) => void]>([
    ['groups', it => groupOf(it, 'acme/design') && Object.assign(groupOf(it, 'acme/design'), { name: 'D' })],
    ['groups', it => it.gitlab.addGroup({ name: 'Design 2', path: 'design_1', parent: 'acme' })],
    ['avatars', it => Object.assign(groupOf(it, 'acme'), { avatar: undefined })],
    ['labels', it => groupOf(it, 'acme/platform/backend').labels.pop()],
    ['labels', it => Object.assign(groupOf(it, 'acme').labels[0] ?? {}, { color: '#000000' })],
    ['milestones', it => Object.assign(groupOf(it, 'acme').milestones[0] ?? {}, { state: 'active' })],
    ['badges', it => groupOf(it, 'acme').badges.push(...groupOf(it, 'acme').badges.slice(0, 1))],
    ['boards', it => Object.assign(groupOf(it, 'acme').boards[0] ?? {}, { hideClosedList: true })],
    ['board lists', it => groupOf(it, 'acme').boards[0]?.lists.pop()],
    [
      'wiki pages',
      it => groupOf(it, 'acme').wikis.push({ slug: 'a', content: '', format: 'markdown', frontMatter: {} }),
    ],
    ['membership locks', it => Object.assign(groupOf(it, 'acme').settings, { membershipLock: true })],
    [
      'sharing settings',
      it => Object.assign(groupOf(it, 'acme').settings, { preventSharingGroupsOutsideHierarchy: false }),
    ],
    ['memberships', it => Object.assign(groupOf(it, 'acme/design').members[0] ?? {}, { accessLevel: 10 })],
  ])('notices wrong %s', (what, damage) => {
    const destination = goodDestination();

    damage(destination);

    const problems = problemsOf(compareGitLabs(sampleSource(), destination));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${what}: `));
  });

  it('is told in a sentence that names what is there too often', () => {
    const destination = goodDestination();
    const { badges } = groupOf(destination, 'acme');
    badges.push(...badges.slice(0, 1));

    expect(compared(compareGitLabs(sampleSource(), destination))).toBe(
      '12 of 12 groups, 3 of 3 avatars, 167 of 167 labels, 11 of 11 milestones, 8 of 8 badges, 6 of 7 boards, ' +
        '14 of 18 board lists, 15 of 15 memberships, 0 of 1 wiki pages, 0 of 1 membership locks, ' +
        '1 of 1 sharing settings, 5 of 5 projects, 5 of 5 issues, 2 of 2 merge requests, 3 of 3 releases, ' +
        '4 of 4 pipelines, 7 of 7 branches, 1 of 1 protected branches, 3 of 3 tags, 1 of 1 snippets, 3 of 3 LFS files and ' +
        '2 of 2 pages of project wikis are at the destination, but too many: 1 badges. ' +
        'What is missing is among the failures above.',
    );
  });
});

describe('expected failures', () => {
  it('are what a Free destination does not have, and who will be an author', () => {
    expect([...expectedFailures(sampleSource())]).toEqual([
      ['boards', 3],
      ['wikis', 1],
      ['self', 1],
      ['project_counts', 1],
      ['export_request', 1],
    ]);
  });

  it('are missed when they do not come, and others are not accepted', () => {
    const expected = new Map([
      ['self', 1],
      ['boards', 2],
    ]);

    expect(
      failureProblems(
        [
          { relation: 'self', failed: 1 },
          { relation: 'boards', failed: 2 },
        ],
        expected,
      ),
    ).toEqual([]);
    expect(
      failureProblems(
        [
          { relation: 'labels', failed: 1 },
          { relation: 'boards', failed: 2 },
        ],
        expected,
      ),
    ).toEqual(['labels: 1 failure, not 0', 'self: 0 failures, not 1']);
  });
});
