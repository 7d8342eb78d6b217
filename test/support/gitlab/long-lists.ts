import type { SampleGitLab, SampleRequest } from '../../../lib/gitlab-simulator/sample-gitlab.ts';
import { isLabelWrite } from './label-writes.ts';

/** GitLab's largest page. */
export const PAGE = 100;

/** Lists of more than one page, with what is asked of both GitLabs for each. */
export const LONG_LISTS = {
  labels: { length: 2 * PAGE + 1, isRead: reads('/labels'), isWritten: isLabelWrite },
  milestones: { length: PAGE + 1, isRead: reads('/milestones'), isWritten: writes('/milestones') },
  badges: { length: PAGE + 1, isRead: reads('/badges'), isWritten: writes('/badges') },
  // Members are looked up, and not found, so that they need no users at the destination.
  members: { length: PAGE + 1, isRead: readsMembers, isWritten: reads('/users') },
} as const;

export type LongList = keyof typeof LONG_LISTS;

/** The other lists of a group of which only one is long. */
const SHORT = 3;

/** How long a list of a group is. */
export function lengthOf(list: LongList, only: LongList = list): number {
  return list === only ? LONG_LISTS[list].length : SHORT;
}

/** Adds the group `long` to a source, or `long-<list>`, of which only one list is long. */
export function addLongLists(source: SampleGitLab, only?: LongList): void {
  const numbered = (name: LongList) =>
    Array.from({ length: lengthOf(name, only) }, (_, index) => `${name}-${String(index).padStart(3, '0')}`);
  const members = numbered('members').map(username => {
    const known = only === undefined ? username : `${username}-of-${only}`;
    source.addUser({ username: known, publicEmail: `${known}@public.example` });
    return { username: known, accessLevel: 30 } as const;
  });
  source.addGroup({
    name: 'Long',
    path: only === undefined ? 'long' : `long-${only}`,
    labels: numbered('labels').map(title => ({ title })),
    milestones: numbered('milestones').map(title => ({ title })),
    badges: numbered('badges').map(name => ({
      name,
      linkUrl: `https://badges.example/${name}`,
      imageUrl: `https://badges.example/${name}.svg`,
    })),
    members: [{ username: 'sofia', accessLevel: 50 }, ...members],
  });
}

/** Which page of a long list a request to the source asks for; 1 for the first. */
export function pageOf({ query, body }: SampleRequest): number {
  const { after } = (body as { variables?: { after?: string | null } } | undefined)?.variables ?? {};
  return typeof after === 'string' ? 2 : Number(query.get('page') ?? 1);
}

function reads(ending: string) {
  return ({ method, path }: SampleRequest) => method === 'GET' && path.endsWith(ending);
}

function writes(ending: string) {
  return ({ method, path }: SampleRequest) => method === 'POST' && path.endsWith(ending);
}

function readsMembers({ path, body }: SampleRequest): boolean {
  return path === '/api/graphql' && JSON.stringify(body).includes('groupMembers');
}
