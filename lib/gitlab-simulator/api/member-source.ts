import { forbidden, refuse } from '../answer.ts';
import { isGroup, type MemberSource } from '../memberships.ts';
import { ACCESS_LEVELS } from '../model.ts';
import { requireRole } from '../permissions.ts';
import type { ApiCall } from '../route.ts';
import { groupOf } from './group-of.ts';
import { projectOf } from './project-of.ts';

/** The group or project whose members the call is about. Throws a 404 if the current user cannot see it. */
export function sourceOf(call: ApiCall<{ readonly id: string }>): MemberSource {
  return call.rawPath.startsWith('/api/v4/projects/') ? projectOf(call).project : groupOf(call);
}

/**
 * Throws a 403 unless the current user may give or take such a level: in a group its Owners may, in a project its
 * Maintainers, but only its Owners decide on Owners. Archived projects change for nobody.
 */
export function requireRight({ instance, currentUser }: ApiCall, source: MemberSource, level: number): void {
  const ofOwners = isGroup(source) || level >= ACCESS_LEVELS.owner;
  requireRole(instance, currentUser, source, ACCESS_LEVELS[ofOwners ? 'owner' : 'maintainer']);
  if (!isGroup(source) && source.archived) throw forbidden();
}

/** Throws a 405 where the group of a project keeps its projects from having members of their own. */
export function requireNoLock({ instance }: ApiCall, source: MemberSource): void {
  if (isGroup(source) || !instance.premium) return;
  if (instance.groupOfProject(source).settings.membershipLock) throw refuse(405, '405 Method Not Allowed');
}
