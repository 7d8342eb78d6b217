import type { SampleProject, SampleProjectSeed } from './project-model.ts';

export type Visibility = 'private' | 'internal' | 'public';

/** GitLab's role numbers, by their English names. */
export const ACCESS_LEVELS = {
  noAccess: 0,
  minimalAccess: 5,
  guest: 10,
  planner: 15,
  reporter: 20,
  securityManager: 25,
  developer: 30,
  maintainer: 40,
  owner: 50,
} as const;

export type AccessLevel = (typeof ACCESS_LEVELS)[keyof typeof ACCESS_LEVELS];

export type ProjectCreationLevel = 'noone' | 'owner' | 'maintainer' | 'developer' | 'administrator';
export type SubgroupCreationLevel = 'owner' | 'maintainer';

export interface SampleUser {
  readonly id: number;
  username: string;
  name: string;
  /** Private address: only administrators and the user see it. */
  email: string;
  publicEmail: string | null;
  /** Whether `email` was confirmed. */
  confirmed: boolean;
  admin: boolean;
  canCreateGroup: boolean;
  twoFactorEnabled: boolean;
  /** Whether it is the user of a project or group access token. */
  bot: boolean;
  state: 'active' | 'blocked' | 'deactivated';
  /** ISO 8601, UTC, with milliseconds, like every `createdAt` below. */
  readonly createdAt: string;
}

export interface SampleToken {
  readonly id: number;
  readonly token: string;
  readonly userId: number;
  scopes: string[];
  state: 'active' | 'expired' | 'revoked';
  kind: 'personal' | 'oauth';
  readonly createdAt: string;
}

export interface SampleGroupSettings {
  emailsEnabled: boolean;
  lfsEnabled: boolean;
  /** GitLab leaves this null until somebody sets it. */
  mentionsDisabled: boolean | null;
  projectCreationLevel: ProjectCreationLevel;
  requestAccessEnabled: boolean;
  requireTwoFactorAuthentication: boolean;
  shareWithGroupLock: boolean;
  subgroupCreationLevel: SubgroupCreationLevel;
  /** Hours. */
  twoFactorGracePeriod: number;
  /** Premium only: requests cannot change it on Free. */
  membershipLock: boolean;
  /** Top-level groups only. */
  preventSharingGroupsOutsideHierarchy: boolean;
}

export interface SampleAvatar {
  filename: string;
  contentType: string;
  bytes: Buffer;
}

export interface SampleLabel {
  readonly id: number;
  title: string;
  /** `#RRGGBB` or `#RGB`. */
  color: string;
  description: string | null;
}

export interface SampleMilestone {
  readonly id: number;
  /** Counts from 1 inside the group. */
  readonly iid: number;
  readonly groupId: number;
  title: string;
  description: string;
  state: 'active' | 'closed';
  /** YYYY-MM-DD. */
  startDate: string | null;
  /** YYYY-MM-DD. */
  dueDate: string | null;
  readonly createdAt: string;
  updatedAt: string;
}

export interface SampleBadge {
  readonly id: number;
  name: string | null;
  linkUrl: string;
  imageUrl: string;
}

export interface SampleWikiPage {
  /** With directories: `guides/first-steps`. */
  slug: string;
  content: string;
  format: 'markdown' | 'rdoc' | 'asciidoc' | 'org';
  frontMatter: Record<string, unknown>;
}

/** Exactly one of label, milestone and assignee is set. */
export interface SampleBoardList {
  readonly id: number;
  /** Counts from 0. */
  position: number;
  label: SampleLabel | null;
  milestone: SampleMilestone | null;
  assignee: SampleUser | null;
}

/** A milestone that GitLab makes up itself, e.g. `Started`. Boards are restricted to it under its id, which is not shown. */
export interface SpecialMilestone {
  /** 0 or negative. */
  readonly id: number;
  readonly title: string;
  readonly isSpecial: true;
}

export interface SampleBoard {
  readonly id: number;
  name: string;
  hideBacklogList: boolean;
  hideClosedList: boolean;
  labels: SampleLabel[];
  milestone: SampleMilestone | SpecialMilestone | null;
  assignee: SampleUser | null;
  weight: number | null;
  lists: SampleBoardList[];
}

export interface SampleMember {
  readonly id: number;
  readonly userId: number;
  accessLevel: AccessLevel;
  /** YYYY-MM-DD. */
  expiresAt: string | null;
  readonly createdById: number | null;
  readonly createdAt: string;
  updatedAt: string;
}

/** A membership of somebody who has no account yet. */
export interface SampleInvitation {
  readonly id: number;
  readonly email: string;
  readonly accessLevel: AccessLevel;
  readonly expiresAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface SampleGroup {
  readonly id: number;
  name: string;
  path: string;
  /** Changes together with the path of the group or of an ancestor. */
  fullPath: string;
  description: string;
  visibility: Visibility;
  parentId: number | null;
  settings: SampleGroupSettings;
  readonly createdAt: string;
  /** YYYY-MM-DD, the day on which somebody deleted it; `null` unless it waits for its deletion. */
  markedForDeletionOn: string | null;
  /** Of a group that a request made at a GitLab with lagging replicas: from when on reads show it, ms since 1970. */
  readonly replicatedAt?: number;
  /** Of a top-level group: whether its subgroups may demand two-factor authentication on their own. */
  readonly allowMfaForSubgroups: boolean;
  avatar: SampleAvatar | undefined;
  labels: SampleLabel[];
  milestones: SampleMilestone[];
  badges: SampleBadge[];
  boards: SampleBoard[];
  wikis: SampleWikiPage[];
  leftOut: SampleGroupLeftOut;
  members: SampleMember[];
  invitations: SampleInvitation[];
  projects: SampleProject[];
}

/** What of a group is not moved, by name. */
export interface SampleGroupLeftOut {
  epics: string[];
  variables: string[];
  hooks: string[];
}

export interface SampleBoardListSeed {
  /** Title of a label of the group or of an ancestor. */
  label?: string;
  /** Title of a milestone of the group or of an ancestor. */
  milestone?: string;
  /** Username. */
  assignee?: string;
}

export interface SampleBoardSeed {
  name: string;
  hideBacklogList?: boolean;
  hideClosedList?: boolean;
  /** Titles. */
  labels?: string[];
  /** Title of a milestone of the group or of an ancestor, else of one that GitLab makes up itself. */
  milestone?: string;
  /** Username. */
  assignee?: string;
  weight?: number;
  /** In order of position. */
  lists?: SampleBoardListSeed[];
}

export interface SampleGroupSeed {
  name: string;
  path: string;
  /** Full path of a group which exists already; absent for a top-level group. */
  parent?: string;
  description?: string;
  /** Default: the parent's; `private` for a top-level group. */
  visibility?: Visibility;
  settings?: Partial<SampleGroupSettings>;
  avatar?: SampleAvatar;
  /** `color` defaults to `#6699cc`. */
  labels?: { title: string; color?: string; description?: string }[];
  milestones?: {
    title: string;
    description?: string;
    state?: 'active' | 'closed';
    startDate?: string;
    dueDate?: string;
  }[];
  badges?: { name?: string; linkUrl: string; imageUrl: string }[];
  boards?: SampleBoardSeed[];
  wikis?: (Pick<SampleWikiPage, 'slug' | 'content'> & Partial<SampleWikiPage>)[];
  leftOut?: Partial<SampleGroupLeftOut>;
  members?: { username: string; accessLevel: AccessLevel; expiresAt?: string }[];
  /** Default true; of a top-level group. */
  allowMfaForSubgroups?: boolean;
  /** Invited by address, not accepted yet. */
  invitations?: { email: string; accessLevel: AccessLevel; expiresAt?: string }[];
  projects?: SampleProjectSeed[];
}
