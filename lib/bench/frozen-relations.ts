/** The relations of the frozen loop: see `frozen-loop.ts`. Nothing here may be made faster. */

import type { PlainClient } from './plain-client.ts';

/** One group on its way. */
export interface GroupCopy {
  source: PlainClient;
  destination: PlainClient;
  fullPath: string;
  sourceId: number;
  /** 0 until it was made. */
  id: number;
  parentId: number | undefined;
  /** Ids at the destination by e-mail address, of the whole tree. */
  people: Map<string, number | undefined>;
}

export async function copyLabels({ source, destination, sourceId, id }: GroupCopy): Promise<void> {
  await destination.all(`/groups/${id}/labels?include_ancestor_groups=false`);
  const labels = await source.all<{ name: string; color: string; description: string | null }>(
    `/groups/${sourceId}/labels?include_ancestor_groups=false`,
  );
  for (const { name, color, description } of labels) {
    await destination.post(`/groups/${id}/labels`, { name, color, ...withoutNulls({ description }) });
  }
}

export async function copyMilestones({ source, destination, sourceId, id }: GroupCopy): Promise<void> {
  await destination.all(`/groups/${id}/milestones`);
  const milestones = await source.all<{
    title: string;
    description: string;
    state: string;
    due_date: string | null;
    start_date: string | null;
  }>(`/groups/${sourceId}/milestones`);
  for (const { title, description, state, due_date, start_date } of milestones) {
    const dates = withoutNulls({ due_date, start_date });
    const body = { title, description, ...dates };
    const created = await destination.post<{ id: number }>(`/groups/${id}/milestones`, body);
    if (state === 'closed') {
      await destination.put(`/groups/${id}/milestones/${created.id}`, { state_event: 'close' });
    }
  }
}

export async function copyBadges({ source, destination, sourceId, id }: GroupCopy): Promise<void> {
  await destination.all(`/groups/${id}/badges`);
  const badges = await source.all<{ name: string | null; link_url: string; image_url: string }>(
    `/groups/${sourceId}/badges`,
  );
  for (const { name, link_url, image_url } of badges) {
    await destination.post(`/groups/${id}/badges`, { link_url, image_url, ...withoutNulls({ name }) });
  }
}

/** What GitLab shows as null is not sent. */
export function withoutNulls(attributes: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes).filter(([, value]) => value !== null && value !== undefined),
  );
}

const MEMBERS_QUERY = `query($fullPath: ID!, $relations: [GroupMemberRelation!], $first: Int, $after: String) {
  group(fullPath: $fullPath) { id groupMembers(relations: $relations, first: $first, after: $after) {
    nodes { id expiresAt accessLevel { integerValue } user { id publicEmail username name } }
    pageInfo { hasNextPage endCursor } } } }`;

interface MemberPage {
  group: {
    groupMembers: {
      nodes: { accessLevel: { integerValue: number }; user: { publicEmail: string | null } | null }[];
      pageInfo: { hasNextPage: boolean; endCursor: string | null };
    };
  };
}

interface Membership {
  id: number;
  access_level: number;
}

/** Everybody who is a member at the source, also by an ancestor, unless their access is as high already. */
export async function copyMembers(group: GroupCopy): Promise<void> {
  const { source, destination, fullPath, id, people } = group;
  const [effective, direct] = await Promise.all([
    destination.all<Membership>(`/groups/${id}/members/all`),
    destination.all<Membership>(`/groups/${id}/members`),
  ]);
  const levels = new Map([...effective, ...direct].map(member => [member.id, 0]));
  for (const member of [...effective, ...direct]) {
    levels.set(member.id, Math.max(member.access_level, levels.get(member.id) ?? 0));
  }
  for (let after: string | null = null, more = true; more; ) {
    const page: MemberPage = await source.graphql<MemberPage>(MEMBERS_QUERY, {
      ...{ fullPath, after, first: 100 },
      relations: ['DIRECT', 'INHERITED', 'SHARED_FROM_GROUPS'],
    });
    const { nodes, pageInfo } = page.group.groupMembers;
    for (const { accessLevel, user } of nodes) {
      const email = user?.publicEmail;
      if (!email) continue;
      if (!people.has(email)) people.set(email, await findPerson(group, email));
      const userId = people.get(email);
      const level = accessLevel.integerValue;
      if (userId === undefined || (levels.get(userId) ?? 0) >= level) continue;
      await destination.post(`/groups/${id}/members`, { user_id: userId, access_level: level });
    }
    ({ hasNextPage: more, endCursor: after } = pageInfo);
  }
}

async function findPerson({ destination }: GroupCopy, email: string): Promise<number | undefined> {
  const search = encodeURIComponent(email);
  const users = await destination.get<{ id: number; public_email?: string | null }[]>(
    `/users?search=${search}&per_page=100`,
  );
  return users.find(({ public_email }) => public_email === email)?.id;
}

interface Board {
  id: number;
  name: string;
  hide_backlog_list: boolean;
  hide_closed_list: boolean;
  lists: { position: number | null; label?: { name: string } | null }[];
}

const CREATE_BOARD = `mutation($groupPath: ID, $name: String) {
  createBoard(input: { groupPath: $groupPath, name: $name }) { board { id } errors } }`;

/** One board with lists of labels, which is what groups of the benchmark have at most. */
export async function copyBoards(group: GroupCopy): Promise<void> {
  const { source, destination, sourceId, id, fullPath } = group;
  const [, labels] = await Promise.all([
    destination.all(`/groups/${id}/boards`),
    destination.all<{ id: number; name: string }>(`/groups/${id}/labels?include_ancestor_groups=true`),
    destination.all(`/groups/${id}/milestones?include_parent_milestones=true`),
  ]);
  const labelIds = new Map(labels.map(label => [label.name, label.id]));
  const [board] = await source.all<Board>(`/groups/${sourceId}/boards`);
  if (board === undefined) return;
  await destination.graphql(CREATE_BOARD, { groupPath: fullPath, name: board.name });
  const [made] = await destination.all<Board>(`/groups/${id}/boards`);
  if (made === undefined) throw new Error(`The board of ${fullPath} was not made.`);
  const { hide_backlog_list, hide_closed_list } = board;
  if (hide_backlog_list !== made.hide_backlog_list || hide_closed_list !== made.hide_closed_list) {
    await destination.put(`/groups/${id}/boards/${made.id}`, { hide_backlog_list, hide_closed_list });
  }
  for (const { label } of board.lists.sort((a, b) => (a.position ?? 0) - (b.position ?? 0))) {
    if (!label) continue;
    const label_id = labelIds.get(label.name);
    await destination.post(`/groups/${id}/boards/${made.id}/lists`, { label_id });
  }
}
