import type { SampleGitLab, SampleRequest } from '../../lib/demo/gitlab/sample-gitlab.ts';

/** GitLab's largest page. */
export const PAGE = 100;

/** The lists of the group `long`, all of more than one page, with what is asked of both GitLabs for each. */
export const LONG_LISTS = {
  labels: { length: 2 * PAGE + 1, isRead: reads('/labels'), isWritten: writes('/labels') },
  milestones: { length: PAGE + 1, isRead: reads('/milestones'), isWritten: writes('/milestones') },
  badges: { length: PAGE + 1, isRead: reads('/badges'), isWritten: writes('/badges') },
  // Members are looked up, and not found, so that they need no users at the destination.
  members: { length: PAGE + 1, isRead: readsMembers, isWritten: reads('/users') },
} as const;

export type LongList = keyof typeof LONG_LISTS;

/** Adds the group `long` to a source. */
export function addLongLists(source: SampleGitLab): void {
  const numbered = (name: LongList) =>
    Array.from(
      { length: LONG_LISTS[name].length },
      (_, index) => `${name}-${String(index).padStart(3, '0')}`,
    );
  const members = numbered('members').map(username => {
    source.addUser({ username, publicEmail: `${username}@public.example` });
    return { username, accessLevel: 30 } as const;
  });
  source.addGroup({
    name: 'Long',
    path: 'long',
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
