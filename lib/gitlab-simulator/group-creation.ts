import type { GitLabInstance } from './instance.ts';
import type { SampleAvatar, SampleGroup, SampleGroupSettings, Visibility } from './model.ts';
import { ValidationErrors } from './validation-errors.ts';
import { isAbove } from './visibility.ts';

const MAXIMUM_ANCESTORS = 20;
/** Of names and paths, those of projects as well. */
export const MAXIMUM_LENGTH = 255;
const MAXIMUM_AVATAR_KIB = 200;
const AVATAR_FILENAME = /\.(png|jpe?g|gif|bmp|tiff|ico|webp)$/i;
/** Paths of groups and projects. */
export const PATH = /^[a-zA-Z0-9_.][a-zA-Z0-9_.-]*$/;
const PATH_ENDING = /(\.|\.git|\.atom)$/;
/** Names of groups and projects. */
export const NAME = /^[\p{L}\p{M}\p{N}\u{A9}-\u{1F9FF}_][\p{L}\p{M}\p{N}\p{Pd}\u{A9}-\u{1F9FF}+_(). ]*$/u;
const RESERVED_TOP_LEVEL = new Set(
  (
    '- .well-known 404.html 422.html 500.html 502.html 503.html admin api apple-touch-icon.png assets dashboard ' +
    'deploy.html explore favicon.ico favicon.png files groups health_check help import jwt login oauth profile ' +
    'projects public robots.txt s search sitemap sitemap.xml sitemap.xml.gz slash-command-logo.png snippets ' +
    'unsubscribes uploads users v2'
  ).split(' '),
);
const RESERVED_BELOW = new Set(
  (
    '- badges blame blob builds commits create create_dir edit environments files find_file gitlab-lfs info new ' +
    'preview raw refs tree update wikis'
  ).split(' '),
);

export interface GroupCandidate {
  readonly name: string;
  readonly path: string;
  readonly visibility: Visibility;
  readonly description: string;
  readonly requireTwoFactorAuthentication?: boolean | undefined;
  readonly avatar?: SampleAvatar | undefined;
}

const DEFAULT_SETTINGS: SampleGroupSettings = {
  emailsEnabled: true,
  lfsEnabled: true,
  mentionsDisabled: null,
  projectCreationLevel: 'developer',
  requestAccessEnabled: true,
  requireTwoFactorAuthentication: false,
  shareWithGroupLock: false,
  subgroupCreationLevel: 'maintainer',
  twoFactorGracePeriod: 48,
  membershipLock: false,
  preventSharingGroupsOutsideHierarchy: false,
};

/** Stores a new group; everything has been validated before. */
export function createGroup(
  instance: GitLabInstance,
  parent: SampleGroup | undefined,
  attributes: GroupCandidate & {
    settings: Partial<SampleGroupSettings>;
    allowMfaForSubgroups?: boolean | undefined;
    replicatedAt?: number;
  },
): SampleGroup {
  const group: SampleGroup = {
    id: instance.nextId(),
    name: attributes.name,
    path: attributes.path,
    fullPath: instance.fullPathOf(parent, attributes.path),
    description: attributes.description,
    visibility: attributes.visibility,
    parentId: parent?.id ?? null,
    settings: { ...DEFAULT_SETTINGS, ...attributes.settings },
    createdAt: new Date().toISOString(),
    markedForDeletionOn: null,
    ...(attributes.replicatedAt !== undefined && { replicatedAt: attributes.replicatedAt }),
    allowMfaForSubgroups: attributes.allowMfaForSubgroups ?? true,
    avatar: attributes.avatar,
    labels: [],
    milestones: [],
    badges: [],
    boards: [],
    wikis: [],
    leftOut: { epics: [], variables: [], hooks: [] },
    members: [],
    invitations: [],
    projects: [],
  };
  instance.insertGroup(group);
  return group;
}

/** What GitLab's model finds wrong with a new group, or with the changed `existing` one. */
export function groupErrors(
  instance: GitLabInstance,
  parent: SampleGroup | undefined,
  candidate: GroupCandidate,
  existing?: SampleGroup,
): ValidationErrors {
  const errors = new ValidationErrors();
  checkName(instance, parent, candidate, existing, errors);
  checkPath(instance, parent, candidate, existing, errors);
  if (!existing && parent && instance.selfAndAncestors(parent).length > MAXIMUM_ANCESTORS) {
    errors.add('parent_id', 'has too deep level of nesting');
  }
  checkVisibility(instance, parent, candidate.visibility, existing, errors);
  const longest = maximumDescription(instance);
  // Ruby counts characters, not UTF-16 units.
  if ([...candidate.description].length > longest) {
    errors.add('description', `is too long (maximum is ${longest} characters)`);
  }
  if (candidate.requireTwoFactorAuthentication && parent && !mayDemandTwoFactor(instance, parent)) {
    errors.add('require_two_factor_authentication', 'is forbidden by a top-level group');
  }
  if (candidate.avatar) checkAvatar(candidate.avatar, errors);
  return errors;
}

function checkName(
  instance: GitLabInstance,
  parent: SampleGroup | undefined,
  { name }: GroupCandidate,
  existing: SampleGroup | undefined,
  errors: ValidationErrors,
): void {
  // GitLab wants names to be unique among the subgroups of a group, not at the top level.
  const sameName = parent && instance.childByName(parent.id, name);
  if (sameName && sameName !== existing) errors.add('name', 'has already been taken');
  if (name.trim() === '') errors.add('name', "can't be blank");
  else if (!NAME.test(name)) {
    errors.add(
      'name',
      "can contain only letters, digits, emoji, '_', '.', '+', dash, space or parenthesis. " +
        "It must start with letter, digit, emoji or '_'.",
    );
  }
  if (name.length > MAXIMUM_LENGTH)
    errors.add('name', `is too long (maximum is ${MAXIMUM_LENGTH} characters)`);
}

function checkPath(
  instance: GitLabInstance,
  parent: SampleGroup | undefined,
  { path }: GroupCandidate,
  existing: SampleGroup | undefined,
  errors: ValidationErrors,
): void {
  const fullPath = instance.fullPathOf(parent, path);
  const sameGroup = existing !== undefined && instance.groupByPath(fullPath) === existing;
  if (!sameGroup && instance.pathTaken(fullPath)) errors.add('path', 'has already been taken');
  if (path.trim() === '') errors.add('path', "can't be blank");
  else if (!PATH.test(path) || PATH_ENDING.test(path)) {
    errors.add(
      'path',
      "can contain only letters, digits, '_', '-' and '.'. Cannot start with '-' or end in '.', '.git' or '.atom'.",
    );
  } else if ((parent ? RESERVED_BELOW : RESERVED_TOP_LEVEL).has(path.toLowerCase())) {
    errors.add('path', `${path} is a reserved name`);
  }
  if (path.length > MAXIMUM_LENGTH)
    errors.add('path', `is too long (maximum is ${MAXIMUM_LENGTH} characters)`);
}

function checkVisibility(
  instance: GitLabInstance,
  parent: SampleGroup | undefined,
  visibility: Visibility,
  existing: SampleGroup | undefined,
  errors: ValidationErrors,
): void {
  if (parent && isAbove(visibility, parent.visibility)) {
    errors.add(
      'visibility_level',
      `${visibility} is not allowed since the parent group has a ${parent.visibility} visibility.`,
    );
  }
  if (existing && instance.childrenOf(existing.id).some(child => isAbove(child.visibility, visibility))) {
    errors.add(
      'visibility_level',
      `${visibility} is not allowed since there are sub-groups with higher visibility.`,
    );
  }
}

function checkAvatar(avatar: SampleAvatar, errors: ValidationErrors): void {
  if (!AVATAR_FILENAME.test(avatar.filename)) {
    errors.add(
      'avatar',
      'file format is not supported. Please try one of the following supported formats: ' +
        'image/png, image/jpeg, image/gif, image/bmp, image/tiff, image/vnd.microsoft.icon, image/webp',
    );
  }
  if (avatar.bytes.length > MAXIMUM_AVATAR_KIB * 1024) {
    errors.add('avatar', `is too big (should be at most ${MAXIMUM_AVATAR_KIB} KiB)`);
  }
}

/** The boundaries are chosen: known are 255 until about 16.7, 500 after it, and 2,000 in the newest code. */
function maximumDescription(instance: GitLabInstance): number {
  if (instance.versionAtLeast('19.0')) return 2000;
  return instance.versionAtLeast('16.7') ? 500 : 255;
}

function mayDemandTwoFactor(instance: GitLabInstance, parent: SampleGroup): boolean {
  return instance.selfAndAncestors(parent).at(-1)?.allowMfaForSubgroups ?? true;
}
