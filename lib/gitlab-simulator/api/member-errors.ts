import type { GitLabInstance } from '../instance.ts';
import { highestInheritedMembership, isAccessLevelIn, type MemberSource } from '../memberships.ts';
import type { AccessLevel, SampleMember } from '../model.ts';
import { ValidationErrors } from '../validation-errors.ts';

const ROLE_NAMES: Record<AccessLevel, string> = {
  0: 'No access',
  5: 'Minimal Access',
  10: 'Guest',
  15: 'Planner',
  20: 'Reporter',
  25: 'Security Manager',
  30: 'Developer',
  40: 'Maintainer',
  50: 'Owner',
};

/** What GitLab's model finds wrong with a new or changed membership. */
export function memberErrors(
  instance: GitLabInstance,
  source: MemberSource,
  { userId, accessLevel, expiresAt }: Pick<SampleMember, 'userId' | 'accessLevel' | 'expiresAt'>,
): ValidationErrors {
  const errors = new ValidationErrors();
  if (!isAccessLevelIn(instance, source, accessLevel))
    errors.add('access_level', 'is not included in the list');
  const inherited = highestInheritedMembership(instance, source, userId);
  if (inherited && inherited.member.accessLevel > accessLevel) {
    const role = ROLE_NAMES[inherited.member.accessLevel];
    errors.add(
      'access_level',
      `should be greater than or equal to ${role} inherited membership from group ${inherited.group.name}`,
    );
  }
  if (expiresAt !== null && expiresAt < new Date().toISOString().slice(0, 10)) {
    errors.add('expires_at', 'cannot be a date in the past');
  }
  return errors;
}
