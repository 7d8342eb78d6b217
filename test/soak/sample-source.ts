import { ACCESS_LEVELS, type SampleGroupSeed } from '../../lib/gitlab-simulator/model.ts';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { SAMPLE } from '../relations/fixtures.ts';
import { counterpartOf, LEVELS, PEOPLE } from './people.ts';
import { projectsOf } from './sample-projects.ts';
import type { GroupPlan } from './schedule.ts';

/** A token for each GitLab. */
export type Tokens = Record<'source' | 'destination', string>;
export const TOKENS: Tokens = {
  source: 'sample-soak-source-token',
  destination: 'sample-soak-destination-token',
};
/** Of the same users, when the others have been revoked. */
export const LATER_TOKENS: Tokens = {
  source: 'sample-soak-later-source-token',
  destination: 'sample-soak-later-destination-token',
};
/** Of somebody who has nothing to do with the import: a user who is a member of nothing, at both. */
export const TOKENS_OF_OTHERS: Tokens = {
  source: 'sample-soak-other-source-token',
  destination: 'sample-soak-other-destination-token',
};
export const ROOT = 'acme';

/** How a PNG of one pixel begins: its signature and its header. */
const PICTURE = Buffer.from('89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de', 'hex');
/** Adds the people, an owner with a token, and what else is not part of a plan. */
export function addPeople(gitlab: SampleGitLab, token: string, isAdministrator = false): void {
  gitlab.addUser({
    username: 'owner',
    name: 'Olga Owner',
    publicEmail: 'owner@public.example',
    admin: isAdministrator,
  });
  gitlab.addToken(token, { username: 'owner' });
  for (const username of PEOPLE) {
    gitlab.addUser({ username: counterpartOf(username), name: username });
    const isShown = username !== 'cyd' && !(username === 'dan' && token === TOKENS.destination);
    gitlab.addUser({
      username,
      name: username,
      // By their own address people are found in archives, whatever they show there.
      email: `${username}@public.example`,
      ...(isShown && { publicEmail: `${username}@public.example` }),
    });
  }
}

/** Adds the groups of a plan below `parent`. */
export function addGroups(gitlab: SampleGitLab, plan: GroupPlan, path = ROOT, parent?: string): void {
  gitlab.addGroup(seedOf(plan, path, parent));
  const fullPath = parent === undefined ? path : `${parent}/${path}`;
  for (const [index, child] of plan.children.entries())
    addGroups(gitlab, child, `${path}-${index}`, fullPath);
}

function seedOf(plan: GroupPlan, path: string, parent: string | undefined): SampleGroupSeed {
  const title = (index: number) => `${path} ${index}${plan.labels[index]}`;
  const lists = Math.min(plan.lists ?? 0, plan.labels.length);
  return {
    ...SAMPLE,
    name: `Group ${path}`,
    path,
    ...(parent !== undefined && { parent }),
    settings: {
      membershipLock: plan.isLocked,
      preventSharingGroupsOutsideHierarchy: parent === undefined,
      ...(plan.isClosed && { projectCreationLevel: 'noone' }),
    },
    ...(plan.hasAvatar && { avatar: { filename: 'a.png', contentType: 'image/png', bytes: PICTURE } }),
    labels: [
      ...plan.labels.map((_, index) => ({ title: title(index) })),
      ...(plan.hasSharedLabel === true ? [{ title: 'shared' }] : []),
    ],
    milestones: plan.milestones.map((closed, index) => ({
      title: `v${index}`,
      state: closed ? ('closed' as const) : ('active' as const),
    })),
    badges: Array.from({ length: plan.badges }, (_, index) => ({
      name: `badge ${index}`,
      linkUrl: `https://badges.example/${index}`,
      imageUrl: `https://badges.example/${index}.svg`,
    })),
    ...(plan.lists !== undefined && {
      boards: Array.from({ length: plan.boards ?? 1 }, (_, board) => ({
        name: board === 0 ? 'Board' : `Board ${board}`,
        hideBacklogList: plan.isLocked,
        lists: Array.from({ length: lists }, (_, index) => ({ label: title(index) })),
      })),
    }),
    // The fourth member brings somebody who has not accepted yet.
    invitations:
      plan.members === PEOPLE.length
        ? [{ email: `new-${path}@invited.example`, accessLevel: ACCESS_LEVELS.guest }]
        : [],
    projects: projectsOf(plan),
    members: [
      ...(parent === undefined ? [{ username: 'owner', accessLevel: ACCESS_LEVELS.owner }] : []),
      ...PEOPLE.slice(0, plan.members).map((username, index) => ({
        username,
        accessLevel: LEVELS[index] ?? ACCESS_LEVELS.guest,
      })),
    ],
  };
}
