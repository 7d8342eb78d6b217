import { ACCESS_LEVELS } from '../../lib/gitlab-simulator/model.ts';
import type { SampleProjectSeed } from '../../lib/gitlab-simulator/project-model.ts';
import { PEOPLE } from './people.ts';
import type { GroupPlan } from './schedule.ts';

/** Who has not deleted their project yet has said so on this day. */
const DELETED_ON = '2026-03-01';

/**
 * The projects of a group of a plan: the first one has something of all that an archive carries, the others hardly
 * anything. A group with a picture has one more, which waits for its deletion and is not to be moved.
 */
export function projectsOf(plan: GroupPlan): SampleProjectSeed[] {
  const projects = Array.from({ length: plan.projects }, (_, index) =>
    index === 0 ? fullProject(plan) : { name: `p${index}`, path: `p${index}`, branches: ['main'] },
  );
  if (plan.projects === 0 || !plan.hasAvatar) return projects;
  return [...projects, { name: 'Old', path: 'old', markedForDeletionOn: DELETED_ON }];
}

function fullProject(plan: GroupPlan): SampleProjectSeed {
  return {
    name: 'p0',
    path: 'p0',
    description: `With ${plan.badges} badges`,
    archived: plan.isClosed === true,
    branches: ['main', 'next'],
    tags: ['v1'],
    labels: [{ title: 'bug' }],
    milestones: [{ title: 'project 1.0' }],
    issues: [
      {
        title: `It breaks${plan.labels[0] ?? ''}`,
        author: PEOPLE[0],
        labels: ['bug'],
        milestone: 'project 1.0',
        notes: ['When?'],
      },
      { title: 'It is slow', state: 'closed', author: PEOPLE[1] },
    ],
    mergeRequests: [{ title: 'Mend it', sourceBranch: 'next' }],
    releases: [{ tag: 'v1' }],
    pipelines: [{ ref: 'main' }],
    snippets: [{ title: 'Snippet' }],
    lfsObjects: ['large'],
    wikiPages: [{ path: 'home.md', content: 'Welcome' }],
    // The archive does not tell whether there is LFS.
    settings: { issuesAccessLevel: plan.isLocked ? 'private' : 'enabled', lfsEnabled: false },
    // More than the group gives them. A group that is locked lets nobody become a member of a project.
    members:
      plan.members > 1 && !plan.isLocked ? [{ username: 'ben', accessLevel: ACCESS_LEVELS.maintainer }] : [],
  };
}
