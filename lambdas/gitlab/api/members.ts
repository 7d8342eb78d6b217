import * as z from 'zod/mini';
import { UnsupportedByDestinationError } from '../../domain/errors.ts';
import { joinedUpTo, LONGEST_MESSAGE, withoutPaths } from '../../domain/failure-message.ts';
import type { GitLabClient } from '../client.ts';
import { NetworkError } from '../errors.ts';
import { list } from '../schemas.ts';

/**
 * Names of GitLab's access levels, for people. Planner exists since 17.7, Security Manager since 2026; minimal access
 * needs Premium. A level that is not here is none that cannot be given.
 */
export const LEVEL_NAMES: ReadonlyMap<number, string> = new Map([
  [5, 'Minimal Access'],
  [10, 'Guest'],
  [15, 'Planner'],
  [20, 'Reporter'],
  [25, 'Security Manager'],
  [30, 'Developer'],
  [40, 'Maintainer'],
  [50, 'Owner'],
]);

const memberSchema = z.object({
  id: z.int(),
  access_level: z.int(),
  /** Last day of the membership, YYYY-MM-DD. */
  expires_at: z.optional(z.nullable(z.string())),
});
export type Member = z.infer<typeof memberSchema>;

/** Whose members: a group or a project; a number is the id of a group. */
export type MembersOf = number | { kind: 'group' | 'project'; id: number };

function pathOf(of: MembersOf): string {
  return typeof of === 'number' ? `groups/${of}` : `${of.kind}s/${of.id}`;
}

/** Everybody who has access to a group or project, through whatever way, with their highest level. `id` is the user's. */
export function allEffectiveMembers(client: GitLabClient, of: MembersOf): Promise<Member[]> {
  return client.all({
    operation: 'list the members',
    path: `/${pathOf(of)}/members/all`,
    schema: list(memberSchema),
  });
}

/** The members of a group or project itself. */
export function allDirectMembers(client: GitLabClient, of: MembersOf): Promise<Member[]> {
  return client.all({
    operation: 'list the members',
    path: `/${pathOf(of)}/members`,
    schema: list(memberSchema),
  });
}

/** Those of these users who are members of a group itself. */
export async function directMembersAmong(
  client: GitLabClient,
  of: MembersOf,
  userIds: readonly number[],
): Promise<Member[]> {
  const members = await client.all({
    operation: 'list the members',
    path: `/${pathOf(of)}/members`,
    query: { user_ids: userIds.join(',') },
    schema: list(memberSchema),
  });
  return members.filter(({ id }) => userIds.includes(id));
}

/** The access level that a user has in a group, through whatever way; `undefined` for none. */
export async function getEffectiveAccessLevel(
  client: GitLabClient,
  of: MembersOf,
  userId: number,
): Promise<number | undefined> {
  try {
    const member = await client.rest({
      operation: 'tell the access level of a user',
      path: `/${pathOf(of)}/members/all/${userId}`,
      schema: memberSchema,
    });
    return member.access_level;
  } catch (error) {
    if (error instanceof NetworkError && error.status === 404) return undefined;
    throw error;
  }
}

export interface Membership {
  user_id: number;
  access_level: number;
  /** Last day of the membership, YYYY-MM-DD. */
  expires_at?: string;
}

/**
 * Makes a user a direct member. GitLab responds with 409 when they are one already.
 *
 * @throws UnsupportedByDestinationError when an administrator has to approve it first
 */
export async function addMember(
  client: GitLabClient,
  of: MembersOf,
  membership: Membership,
): Promise<Member> {
  const response = await client.write({
    operation: 'add the member',
    method: 'POST',
    change: { kind: 'create', target: 'Member', title: null, id: membership.user_id },
    path: `/${pathOf(of)}/members`,
    json: { ...membership },
    schema: writtenSchema,
    outcomeOf: outcomeOfOne,
  });
  return memberOf(client, 'POST', response);
}

/** Users whom GitLab adds by one request: its own limit. */
export const MEMBERS_PER_REQUEST = 100;

/** Users who are to have the same role for the same time. */
export interface NewMembers {
  userIds: readonly number[];
  accessLevel: number;
  /** Last day of the memberships, YYYY-MM-DD. */
  expiresAt?: string;
}

/** What became of a list of users. */
export type AddedMembers =
  | { kind: 'added' }
  /**
   * Some were not added, or have to be approved by an administrator first. GitLab says it in one sentence about all of
   * them, or by user name: read the members again, and add those who are missing one by one, which says why.
   */
  | { kind: 'partly'; reason: string };

/** `{"status":"success"}`; or an error about single users, or those who wait for approval, also with status 201. */
const addedSchema = z.object({
  status: z.string(),
  message: z.optional(z.nullable(z.union([z.string(), z.record(z.string(), z.unknown())]))),
  queued_users: z.optional(z.nullable(z.record(z.string(), z.unknown()))),
});

const areAllAdded = ({ status, queued_users: queued }: z.infer<typeof addedSchema>): boolean =>
  status === 'success' && Object.keys(queued ?? {}).length === 0;

/**
 * Makes users direct members, at most 100, by one request.
 *
 * **Never for a user who is a direct member already**: the list form has no 409, and gives them this level and expiry
 * instead of theirs, also where theirs are higher. Leave out whoever is in the list of members just read.
 *
 * @throws NetworkError when GitLab refuses the request as a whole, and so nobody was added
 */
export async function addMembers(
  client: GitLabClient,
  of: MembersOf,
  { userIds, accessLevel, expiresAt }: NewMembers,
): Promise<AddedMembers> {
  if (userIds.length > MEMBERS_PER_REQUEST)
    throw new Error(`${userIds.length} members are too many at once.`);
  const [first, ...others] = new Set(userIds);
  const membership = { access_level: accessLevel, ...(expiresAt !== undefined && { expires_at: expiresAt }) };
  if (first === undefined) return { kind: 'added' };
  if (others.length === 0) {
    // Without a comma it is no list.
    await addMember(client, of, { user_id: first, ...membership });
    return { kind: 'added' };
  }
  const response = await client.write({
    operation: 'add the members',
    method: 'POST',
    change: [first, ...others].map(id => ({ kind: 'create', target: 'Member', title: null, id }) as const),
    path: `/${pathOf(of)}/members`,
    json: { user_id: [first, ...others].join(','), ...membership },
    schema: addedSchema,
    outcomeOf: added => (areAllAdded(added) ? 'done' : 'unknown'),
  });
  if (areAllAdded(response)) return { kind: 'added' };
  const queued = Object.values(response.queued_users ?? {});
  const message = response.message ?? '';
  const said = typeof message === 'string' ? [message] : Object.values(message);
  return {
    kind: 'partly',
    reason: withoutPaths(joinedUpTo(LONGEST_MESSAGE, [...said, ...queued].map(String))),
  };
}

/**
 * Changes the level of a direct member.
 *
 * @throws UnsupportedByDestinationError when an administrator has to approve it first
 */
export async function changeMember(
  client: GitLabClient,
  of: MembersOf,
  membership: Membership,
): Promise<Member> {
  const { user_id, ...change } = membership;
  const response = await client.write({
    operation: 'change the member',
    method: 'PUT',
    change: { kind: 'change', target: 'Member', title: null, id: user_id, fields: Object.keys(change) },
    path: `/${pathOf(of)}/members/${user_id}`,
    json: { ...change },
    schema: writtenSchema,
    outcomeOf: outcomeOfOne,
  });
  return memberOf(client, 'PUT', response);
}

/**
 * How GitLab can respond with a status of success although it has made no member: `{"message":{"ann":"Request queued
 * for administrator approval."}}`, `{"status":"error","message":{"ann":"…"}}`, `{"queued_users":{"ann":"…"}}`.
 */
const noMemberSchema = z
  .object({
    status: z.optional(z.string()),
    message: z.optional(z.union([z.string(), z.record(z.string(), z.string())])),
    queued_users: z.optional(z.record(z.string(), z.string())),
  })
  .check(z.refine(({ message, queued_users }) => message !== undefined || queued_users !== undefined));
const writtenSchema = z.union([memberSchema, noMemberSchema]);

const outcomeOfOne = (response: z.infer<typeof writtenSchema>) =>
  'access_level' in response ? 'done' : 'refused';

function memberOf(client: GitLabClient, method: string, response: z.infer<typeof writtenSchema>): Member {
  if ('access_level' in response) return response;
  const { status, message = {}, queued_users: queued } = response;
  const reason = [message, queued ?? {}].flatMap(said =>
    typeof said === 'string' ? said : Object.values(said),
  );
  const said = joinedUpTo(LONGEST_MESSAGE, reason).replace(/\.$/, '');
  if (queued !== undefined || status === 'queued' || /administrator approval|queued/i.test(said)) {
    throw new UnsupportedByDestinationError(
      `The ${client.instance} GitLab gives this access only after an administrator has approved it (${said}). Ask one to approve it: Admin area, Users, Role promotions.`,
    );
  }
  throw new NetworkError(
    `The ${client.instance} GitLab did not add the member: ${said}. Correct it at the source and import it again, or add it by hand.`,
    { instance: client.instance, method, status: 200, reason: said },
  );
}

const directMemberSchema = z.extend(memberSchema, {
  username: z.string(),
  created_at: z.optional(z.nullable(z.string())),
  /** Absent for a membership that GitLab itself has made, and in old versions. */
  created_by: z.optional(z.nullable(z.object({ id: z.int() }))),
});
export type DirectMember = z.infer<typeof directMemberSchema>;

/** A user's own membership of a group or project; `undefined` for none. */
export async function findDirectMember(
  client: GitLabClient,
  of: MembersOf,
  userId: number,
): Promise<DirectMember | undefined> {
  try {
    return await client.rest({
      operation: 'read the member',
      path: `/${pathOf(of)}/members/${userId}`,
      schema: directMemberSchema,
    });
  } catch (error) {
    if (error instanceof NetworkError && error.status === 404) return undefined;
    throw error;
  }
}

/** Ends a user's own membership; no error when there is none. */
export async function removeMember(client: GitLabClient, of: MembersOf, userId: number): Promise<void> {
  try {
    await client.write({
      operation: 'remove the member',
      method: 'DELETE',
      change: { kind: 'delete', target: 'Member', title: null, id: userId },
      path: `/${pathOf(of)}/members/${userId}`,
      schema: z.unknown(),
    });
  } catch (error) {
    if (!(error instanceof NetworkError && error.status === 404)) throw error;
  }
}
