import type { OneOfMany, PipelineContext } from '../engine/relation.ts';
import { requireShown } from '../engine/shown.ts';
import { isTrouble } from '../engine/write-records.ts';
import { addMembers, directMembersAmong, type Member, type Membership } from '../gitlab/api/members.ts';
import { hadNoEffect } from '../gitlab/client-errors.ts';

/** Who has access to the destination's group or project, by user id. */
export interface Memberships {
  /** The highest level that they have, through whatever way. */
  levels: Map<number, number>;
  /** The level of those who are members of it itself. */
  direct: Map<number, number>;
  /** Until when these are members, by user id, as they were read. */
  expiries?: Map<number, string | null>;
  /** Whether it was read a moment ago, and not before other members were added. */
  isJustRead: boolean;
}

/**
 * Adds members by one request per level and expiry. That request gives its level also to who has a higher one, so it is
 * for those only who are no members yet; all others are left to be added alone, as is who would be on a list alone.
 *
 * @returns what became of each, in order
 */
export async function addInLists(
  wanted: Membership[],
  context: PipelineContext,
  known: Memberships,
): Promise<OneOfMany[]> {
  if (!known.isJustRead && listsOf(wanted, known).length > 0) await readAgain(wanted, context, known);
  known.isJustRead = false;
  const fates = new Map<Membership, OneOfMany>();
  let isStopped = false;
  // In the order of their first members, so that whoever is not sent comes after one who met trouble.
  for (const list of listsOf(wanted, known)) {
    const ends: OneOfMany[] = isStopped ? list.map(() => 'unsent') : await addList(list, context, known);
    for (const [index, one] of list.entries()) fates.set(one, ends[index] ?? 'alone');
    isStopped ||= ends.some(end => typeof end === 'object' && 'error' in end && isTrouble(end.error));
  }
  return wanted.map(one => fates.get(one) ?? 'alone');
}

/** Those who are to be members of the same level and expiry, where they are two or more. */
function listsOf(wanted: Membership[], { direct }: Memberships): Membership[][] {
  const lists = new Map<string, Membership[]>();
  const seen = new Set<number>();
  for (const one of wanted) {
    // Two people of the source can be one here: the second list would lower what the first has given.
    if (direct.has(one.user_id) || seen.has(one.user_id)) continue;
    seen.add(one.user_id);
    const key = `${one.access_level} ${one.expires_at ?? ''}`;
    lists.set(key, [...(lists.get(key) ?? []), one]);
  }
  return [...lists.values()].filter(({ length }) => length > 1);
}

/** Learns who of them has become a member since the members were read: pages of a large group take minutes. */
async function readAgain(wanted: Membership[], context: PipelineContext, known: Memberships): Promise<void> {
  const userIds = wanted.map(({ user_id }) => user_id);
  const members = await directMembersAmong(context.destination, context.target(), userIds);
  for (const member of members) note(member, known);
}

/** @returns what became of each; with trouble they are looked up after the wait, before they are sent again */
async function addList(
  list: Membership[],
  { destination, target }: PipelineContext,
  known: Memberships,
): Promise<OneOfMany[]> {
  const userIds = list.map(({ user_id }) => user_id);
  const [{ access_level, expires_at } = { access_level: 0 }] = list;
  const like = { accessLevel: access_level, ...(expires_at !== undefined && { expiresAt: expires_at }) };
  try {
    const { kind } = await addMembers(destination, target(), { userIds, ...like });
    if (kind === 'added') {
      for (const id of userIds) note({ id, access_level }, known);
      return list.map(() => 'imported');
    }
  } catch (error) {
    if (isTrouble(error)) return list.map(() => ({ error }));
    if (hadNoEffect(error)) return list.map(() => 'alone');
  }
  try {
    const members = await directMembersAmong(destination, target(), userIds);
    for (const member of members) note(member, known);
    return list.map(one => fateOf(one, members));
  } catch (error) {
    return list.map(() => (isTrouble(error) ? { error } : 'alone'));
  }
}

/** Who is not there, or otherwise, is added alone, which says why it cannot be. */
function fateOf(wanted: Membership, members: Member[]): OneOfMany {
  const member = members.find(({ id }) => id === wanted.user_id);
  if (member?.access_level !== wanted.access_level) return 'alone';
  try {
    requireShown(wanted, { user_id: member.id, ...member }, 'member');
    return 'imported';
  } catch (error) {
    return { error };
  }
}

/** Notes the level of somebody who is a member of the group itself now. */
export function note({ id, access_level }: Pick<Member, 'id' | 'access_level'>, known: Memberships): void {
  known.levels.set(id, Math.max(access_level, known.levels.get(id) ?? 0));
  known.direct.set(id, access_level);
}
