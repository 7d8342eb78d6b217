import { forbidden, notFound } from './answer.ts';
import type { GitLabInstance } from './instance.ts';
import { maximumAccessLevel } from './memberships.ts';
import { ACCESS_LEVELS, type AccessLevel, type SampleGroup, type SampleUser } from './model.ts';

export function canReadGroup(instance: GitLabInstance, user: SampleUser, group: SampleGroup): boolean {
  return (
    group.visibility !== 'private' || maximumAccessLevel(instance, user, group) > ACCESS_LEVELS.minimalAccess
  );
}

/** The group of an `:id` or full path. Throws a 404 if there is none, or none that the user may see. */
export function findGroup(instance: GitLabInstance, user: SampleUser, reference: string): SampleGroup {
  const group = instance.groupByReference(reference);
  if (!group || !canReadGroup(instance, user, group)) throw notFound('Group');
  return group;
}

export function hasRole(
  instance: GitLabInstance,
  user: SampleUser,
  group: SampleGroup,
  level: AccessLevel,
): boolean {
  return maximumAccessLevel(instance, user, group) >= level;
}

/** Throws a 403 unless the user has the role, or a higher one, in the group. */
export function requireRole(
  instance: GitLabInstance,
  user: SampleUser,
  group: SampleGroup,
  level: AccessLevel,
): void {
  if (!hasRole(instance, user, group, level)) throw forbidden();
}

/** Throws a 403 unless the user may create a group in the parent, or a top-level one without parent. */
export function requireGroupCreation(
  instance: GitLabInstance,
  user: SampleUser,
  parent: SampleGroup | undefined,
): void {
  if (parent) requireRole(instance, user, parent, ACCESS_LEVELS[parent.settings.subgroupCreationLevel]);
  else if (!instance.settings.topLevelGroupsByApi || (!user.admin && !user.canCreateGroup)) throw forbidden();
}
