import type { GitLabInstance } from './instance.ts';
import {
  ACCESS_LEVELS,
  type AccessLevel,
  type SampleGroup,
  type SampleMember,
  type SampleUser,
} from './model.ts';
import type { SampleProject } from './project-model.ts';
import { RecordIndex } from './record-index.ts';

/** What people are members of. */
export type MemberSource = SampleGroup | SampleProject;

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

/** Projects in groups have no Owners of their own before. */
const PROJECT_OWNERS_SINCE = '14.9';

/** Whether the version knows a level and gives it to people; nobody is ever given 0. */
export function isAccessLevel(instance: GitLabInstance, level: number): level is AccessLevel {
  const since = LEVELS_SINCE.get(level);
  return level !== 0 && LEVELS.has(level) && (since === undefined || instance.versionAtLeast(since));
}

/** The same for one group or project: nobody has Minimal Access in a project. */
export function isAccessLevelIn(instance: GitLabInstance, source: MemberSource, level: number): boolean {
  if (!isAccessLevel(instance, level)) return false;
  if (isGroup(source)) return true;
  if (level === ACCESS_LEVELS.owner) return instance.versionAtLeast(PROJECT_OWNERS_SINCE);
  return level > ACCESS_LEVELS.minimalAccess;
}

export function isGroup(source: MemberSource): source is SampleGroup {
  return 'projects' in source;
}

/** The groups whose members are members of the source, too: closest first. */
export function groupsAbove(instance: GitLabInstance, source: MemberSource): SampleGroup[] {
  return isGroup(source)
    ? instance.selfAndAncestors(source).slice(1)
    : instance.selfAndAncestors(instance.groupOfProject(source));
}

const byUserId = new RecordIndex<SampleMember, number>(member => member.userId);

export function directMember(source: MemberSource, userId: number): SampleMember | undefined {
  return byUserId.find(source.members, userId);
}

/** Highest role of the user in the group or project, own or inherited; 0 without any. Administrators count as Owners. */
export function maximumAccessLevel(instance: GitLabInstance, user: SampleUser, source: MemberSource): number {
  if (user.admin) return ACCESS_LEVELS.owner;
  const sources = [source, ...groupsAbove(instance, source)];
  return Math.max(0, ...sources.map(at => directMember(at, user.id)?.accessLevel ?? 0));
}

/** The highest membership which the user has in the groups above. */
export function highestInheritedMembership(
  instance: GitLabInstance,
  source: MemberSource,
  userId: number,
): Membership | undefined {
  let highest: Membership | undefined;
  for (const ancestor of groupsAbove(instance, source)) {
    const member = directMember(ancestor, userId);
    if (member && (!highest || member.accessLevel > highest.member.accessLevel)) {
      highest = { member, group: ancestor };
    }
  }
  return highest;
}

/**
 * The members of a group or project by relation, one entry per user: that with the highest role, the closest one on a tie.
 * Ordered by the id of the membership.
 */
export function effectiveMembers(
  instance: GitLabInstance,
  source: MemberSource,
  relations: readonly MemberRelation[],
): SampleMember[] {
  const sources = [
    ...(relations.includes('DIRECT') ? [source] : []),
    ...(relations.includes('INHERITED') ? groupsAbove(instance, source) : []),
    ...(relations.includes('DESCENDANTS') && isGroup(source) ? instance.descendantsOf(source) : []),
  ];
  const highest = new Map<number, SampleMember>();
  for (const member of sources.flatMap(at => at.members)) {
    const known = highest.get(member.userId);
    if (!known || member.accessLevel > known.accessLevel) highest.set(member.userId, member);
  }
  return [...highest.values()].sort((a, b) => a.id - b.id);
}

/** Of groups: the Owners of its group own a project even when it has none of its own. */
export function isLastOwner(instance: GitLabInstance, source: MemberSource, member: SampleMember): boolean {
  if (!isGroup(source)) return false;
  const owners = effectiveMembers(instance, source, ['DIRECT', 'INHERITED']).filter(
    candidate => candidate.accessLevel === ACCESS_LEVELS.owner,
  );
  return owners.length === 1 && owners[0]?.userId === member.userId;
}

export function addMember(
  instance: GitLabInstance,
  source: MemberSource,
  attributes: Pick<SampleMember, 'userId' | 'accessLevel' | 'expiresAt' | 'createdById'>,
): SampleMember {
  const now = new Date().toISOString();
  const member: SampleMember = { id: instance.nextId(), ...attributes, createdAt: now, updatedAt: now };
  source.members.push(member);
  return member;
}

export function removeMember(source: MemberSource, member: SampleMember): void {
  source.members.splice(source.members.indexOf(member), 1);
  byUserId.forget(source.members);
}
