import type { ParamsOf } from '../declarations/declaration.ts';
import type { GROUPS } from '../declarations/groups.ts';
import type { GitLabInstance } from '../instance.ts';
import type { SampleGroup, SampleGroupSettings, SampleUser, Visibility } from '../model.ts';
import { bytesOf } from '../uploaded-file.ts';
import { ValidationErrors } from '../validation-errors.ts';

/** What creating and changing a group have in common, and what only a change may bring. */
type GroupParams = Omit<ParamsOf<typeof GROUPS.create>, 'name' | 'path' | 'parent_id' | 'organization_id'> &
  Partial<Pick<ParamsOf<typeof GROUPS.change>, 'prevent_sharing_groups_outside_hierarchy'>>;

/** The settings that a request may change: Premium's are dropped on Free, a top-level group's in a subgroup. */
export function settingsOf(
  instance: GitLabInstance,
  params: GroupParams,
  topLevel: boolean,
): Partial<SampleGroupSettings> {
  const settings: { [K in keyof SampleGroupSettings]: SampleGroupSettings[K] | null | undefined } = {
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
  // Null leaves a setting as it is; GitLab's own database allows it for `mentions_disabled` only.
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined && value !== null),
  );
}

/** The avatar after a request: the new file, none after null or an empty text, else the present one. */
export function avatarOf(
  { avatar }: Pick<GroupParams, 'avatar'>,
  existing?: Pick<SampleGroup, 'avatar'>,
): SampleGroup['avatar'] {
  if (!avatar) return avatar === null ? undefined : existing?.avatar;
  return { filename: avatar.filename, contentType: avatar.contentType, bytes: bytesOf(avatar) };
}

/** Errors for a level that only administrators may use; found before anything else is validated. */
export function restrictionErrors(
  instance: GitLabInstance,
  currentUser: SampleUser,
  visibility: Visibility | null | undefined,
): ValidationErrors {
  const errors = new ValidationErrors();
  if (visibility && !currentUser.admin && instance.settings.restrictedVisibilityLevels.includes(visibility)) {
    errors.add('visibility_level', `${visibility} has been restricted by your GitLab administrator`);
  }
  return errors;
}

/** The new setting that an old one which says the opposite stands for. */
export function negated(value: boolean | null | undefined): boolean | undefined {
  return value === undefined || value === null ? undefined : !value;
}
