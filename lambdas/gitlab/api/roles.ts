import * as z from 'zod/mini';
import type { GitLabClient } from '../client.ts';
import { list } from '../schemas.ts';
import { getEffectiveAccessLevel } from './members.ts';

/** A group in which a user needs a role. */
export interface RoleNeeded {
  groupId: number;
  /** Lowest access level that is enough: 40 maintainer, 50 owner. */
  least: number;
  /** The user's level, where it is known already. */
  level: number | undefined;
}

/** Groups for which it is asked one by one; for more of them the groups of the role are listed first. */
const FEW_GROUPS = 40;
/** Pages of such a list, with 100 groups each, which come one after the other. */
const MOST_PAGES = 20;
const PARALLEL_REQUESTS = 24;
/** The first ones stand for the others: whoever lacks the role mostly lacks it in all of them. */
const FIRST_REQUESTS = 8;

/**
 * The first of the groups in which a user has a lower role than needed, through whatever way they have it.
 *
 * @param userId the user of the client's token
 * @returns its index, or -1 when the user has all roles
 */
export async function findMissingRole(
  client: GitLabClient,
  userId: number,
  needed: readonly RoleNeeded[],
): Promise<number> {
  const tooLow = needed.findIndex(({ level, least }) => level !== undefined && level < least);
  const before = tooLow === -1 ? needed : needed.slice(0, tooLow);
  const unknown = before.flatMap((role, index) => (role.level === undefined ? [{ ...role, index }] : []));
  const listed = unknown.length > FEW_GROUPS ? await listRoles(client, unknown) : new Set<string>();
  // The list has memberships of the group and of those above it, not those by which a group was invited.
  const unlisted = unknown.filter(role => !listed.has(keyOf(role)));
  const count = unlisted.length;
  while (unlisted.length > 0) {
    const isFirst = unlisted.length === count;
    const some = unlisted.splice(0, isFirst ? FIRST_REQUESTS : PARALLEL_REQUESTS);
    const levels = await Promise.all(
      some.map(({ groupId }) => getEffectiveAccessLevel(client, groupId, userId)),
    );
    const missing = some.find(({ least }, index) => (levels[index] ?? 0) < least);
    if (missing !== undefined) return missing.index;
  }
  return tooLow;
}

/** Those of the groups that are in the lists of groups in which the token's user has the role. */
async function listRoles(client: GitLabClient, needed: readonly RoleNeeded[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (const least of new Set(needed.map(role => role.least))) {
    const missing = new Set(needed.filter(role => role.least === least).map(({ groupId }) => groupId));
    let cursor: string | null = null;
    for (let page = 0; page < MOST_PAGES && missing.size > 0; page++) {
      const { records, next }: { records: { id: number }[]; next: string | null } = await client.page(
        {
          operation: 'list the groups in which its user has a role',
          path: '/groups',
          query: { min_access_level: least, order_by: 'id', sort: 'asc' },
          schema: list(z.object({ id: z.int() })),
        },
        cursor,
      );
      for (const { id } of records) if (missing.delete(id)) found.add(keyOf({ groupId: id, least }));
      if (next === null) break;
      cursor = next;
    }
  }
  return found;
}

const keyOf = ({ groupId, least }: Pick<RoleNeeded, 'groupId' | 'least'>) => `${groupId} ${least}`;
