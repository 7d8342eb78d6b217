import type { GitLabInstance } from './instance.ts';
import {
  ACCESS_LEVELS,
  type AccessLevel,
  type SampleGroup,
  type SampleMember,
  type SampleUser,
} from './model.ts';
import { RecordIndex } from './record-index.ts';

export type MemberRelation = 'DIRECT' | 'INHERITED' | 'DESCENDANTS';

/** A member together with the group which gave the membership. */
export interface Membership {
  readonly member: SampleMember;
  readonly group: SampleGroup;
}

/** Levels that came later, with their version; that of 25 is chosen, only "2026" is known. */
const LEVELS_SINCE = new Map<number, string>([
  [ACCESS_LEVELS.planner, '17.7'],
  [ACCESS_LEVELS.securityManager, '19.0'],
]);
const LEVELS = new Set<number>(Object.values(ACCESS_LEVELS));

/** Whether the version knows a level and gives it to people; nobody is ever given 0. */
export function isAccessLevel(instance: GitLabInstance, level: number): level is AccessLevel {
  const since = LEVELS_SINCE.get(level);
  return level !== 0 && LEVELS.has(level) && (since === undefined || instance.versionAtLeast(since));
}

const byUserId = new RecordIndex<SampleMember, number>(member => member.userId);

export function directMember(group: SampleGroup, userId: number): SampleMember | undefined {
  return byUserId.find(group.members, userId);
}

/** Highest role of the user in the group, own or inherited; 0 without any. Administrators count as Owners. */
export function maximumAccessLevel(instance: GitLabInstance, user: SampleUser, group: SampleGroup): number {
  if (user.admin) return ACCESS_LEVELS.owner;
  return Math.max(
    0,
    ...instance.selfAndAncestors(group).map(at => directMember(at, user.id)?.accessLevel ?? 0),
  );
}

/** The highest membership which the user has in the ancestors of the group. */
export function highestInheritedMembership(
  instance: GitLabInstance,
  group: SampleGroup,
  userId: number,
): Membership | undefined {
  let highest: Membership | undefined;
  for (const ancestor of instance.selfAndAncestors(group).slice(1)) {
    const member = directMember(ancestor, userId);
    if (member && (!highest || member.accessLevel > highest.member.accessLevel)) {
      highest = { member, group: ancestor };
    }
  }
  return highest;
}

/**
 * The members of a group by relation, one entry per user: that with the highest role, the closest one on a tie.
 * Ordered by the id of the membership.
 */
export function effectiveMembers(
  instance: GitLabInstance,
  group: SampleGroup,
  relations: readonly MemberRelation[],
): SampleMember[] {
  const groups = [
    ...(relations.includes('DIRECT') ? [group] : []),
    ...(relations.includes('INHERITED') ? instance.selfAndAncestors(group).slice(1) : []),
    ...(relations.includes('DESCENDANTS') ? instance.descendantsOf(group) : []),
  ];
  const highest = new Map<number, SampleMember>();
  for (const member of groups.flatMap(at => at.members)) {
    const known = highest.get(member.userId);
    if (!known || member.accessLevel > known.accessLevel) highest.set(member.userId, member);
  }
  return [...highest.values()].sort((a, b) => a.id - b.id);
}

export function isLastOwner(instance: GitLabInstance, group: SampleGroup, member: SampleMember): boolean {
  const owners = effectiveMembers(instance, group, ['DIRECT', 'INHERITED']).filter(
    candidate => candidate.accessLevel === ACCESS_LEVELS.owner,
  );
  return owners.length === 1 && owners[0]?.userId === member.userId;
}

export function addMember(
  instance: GitLabInstance,
  group: SampleGroup,
  attributes: Pick<SampleMember, 'userId' | 'accessLevel' | 'expiresAt' | 'createdById'>,
): SampleMember {
  const now = new Date().toISOString();
  const member: SampleMember = { id: instance.nextId(), ...attributes, createdAt: now, updatedAt: now };
  group.members.push(member);
  return member;
}

export function removeMember(group: SampleGroup, member: SampleMember): void {
  group.members.splice(group.members.indexOf(member), 1);
  byUserId.forget(group.members);
}
