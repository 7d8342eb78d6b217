import type { GitLabInstance } from '../instance.ts';
import type { SampleGroup, SampleGroupSettings, SampleUser, Visibility } from '../model.ts';
import { boolean, type declared, file, integer, oneOf, text } from '../params.ts';
import { ValidationErrors } from '../validation-errors.ts';

/** Attributes which creating and changing a group have in common. */
export const GROUP_ATTRIBUTES = {
  description: text,
  visibility: oneOf(['private', 'internal', 'public']),
  avatar: file,
  share_with_group_lock: boolean,
  require_two_factor_authentication: boolean,
  two_factor_grace_period: integer,
  project_creation_level: oneOf(['noone', 'owner', 'maintainer', 'developer', 'administrator']),
  subgroup_creation_level: oneOf(['owner', 'maintainer']),
  emails_enabled: boolean,
  emails_disabled: boolean,
  mentions_disabled: boolean,
  lfs_enabled: boolean,
  request_access_enabled: boolean,
  membership_lock: boolean,
  prevent_sharing_groups_outside_hierarchy: boolean,
} as const;

type GroupParams = ReturnType<typeof declared<typeof GROUP_ATTRIBUTES>>;

/** The settings that a request may change: Premium's are dropped on Free, a top-level group's in a subgroup. */
export function settingsOf(
  instance: GitLabInstance,
  params: GroupParams,
  topLevel: boolean,
): Partial<SampleGroupSettings> {
  const settings: { [K in keyof SampleGroupSettings]: SampleGroupSettings[K] | undefined } = {
    emailsEnabled: params.emails_enabled ?? negated(params.emails_disabled),
    lfsEnabled: params.lfs_enabled,
    mentionsDisabled: params.mentions_disabled,
    projectCreationLevel: params.project_creation_level,
    requestAccessEnabled: params.request_access_enabled,
    requireTwoFactorAuthentication: params.require_two_factor_authentication,
    shareWithGroupLock: params.share_with_group_lock,
    subgroupCreationLevel: params.subgroup_creation_level,
    twoFactorGracePeriod: params.two_factor_grace_period,
    membershipLock: instance.premium ? params.membership_lock : undefined,
    preventSharingGroupsOutsideHierarchy: topLevel
      ? params.prevent_sharing_groups_outside_hierarchy
      : undefined,
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/** The avatar after a request: the new file, none after an empty text, else the present one. */
export function avatarOf(params: GroupParams, existing?: SampleGroup): SampleGroup['avatar'] {
  return params.avatar === '' ? undefined : (params.avatar ?? existing?.avatar);
}

/** Errors for a level that only administrators may use; found before anything else is validated. */
export function restrictionErrors(
  instance: GitLabInstance,
  currentUser: SampleUser,
  visibility: Visibility | undefined,
): ValidationErrors {
  const errors = new ValidationErrors();
  if (visibility && !currentUser.admin && instance.settings.restrictedVisibilityLevels.includes(visibility)) {
    errors.add('visibility_level', `${visibility} has been restricted by your GitLab administrator`);
  }
  return errors;
}

function negated(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}
