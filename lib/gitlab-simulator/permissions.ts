import { forbidden, notFound } from './answer.ts';
import type { GitLabInstance } from './instance.ts';
import { type MemberSource, maximumAccessLevel } from './memberships.ts';
import { ACCESS_LEVELS, type AccessLevel, type SampleGroup, type SampleUser } from './model.ts';
import type { FeatureAccess, SampleProject } from './project-model.ts';

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

export function canReadProject(instance: GitLabInstance, user: SampleUser, project: SampleProject): boolean {
  return project.visibility !== 'private' || hasRole(instance, user, project, ACCESS_LEVELS.guest);
}

/** The project of an `:id` or full path. Throws a 404 if there is none, or none that the user may see. */
export function findProject(instance: GitLabInstance, user: SampleUser, reference: string): SampleProject {
  const project = instance.projectByReference(reference);
  if (!project || !canReadProject(instance, user, project)) throw notFound('Project');
  return project;
}

/** Whether the user may use a feature of a project that the user sees. */
export function canUse(
  instance: GitLabInstance,
  user: SampleUser,
  project: SampleProject,
  access: FeatureAccess,
): boolean {
  if (access === 'private') return hasRole(instance, user, project, ACCESS_LEVELS.guest);
  return access === 'enabled';
}

export function hasRole(
  instance: GitLabInstance,
  user: SampleUser,
  source: MemberSource,
  level: AccessLevel,
): boolean {
  return maximumAccessLevel(instance, user, source) >= level;
}

/** Throws a 403 unless the user has the role, or a higher one, in the group or project. */
export function requireRole(
  instance: GitLabInstance,
  user: SampleUser,
  source: MemberSource,
  level: AccessLevel,
): void {
  if (!hasRole(instance, user, source, level)) throw forbidden();
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
