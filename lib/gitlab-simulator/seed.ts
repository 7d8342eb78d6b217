import { addBoard, addBoardList, type BoardListTarget, SPECIAL_MILESTONES } from './boards.ts';
import {
  addBadge,
  addLabel,
  addMilestone,
  labelByTitle,
  milestoneByTitle,
  ownLabelByTitle,
  ownMilestoneByTitle,
} from './group-contents.ts';
import { createGroup, groupErrors } from './group-creation.ts';
import type { GitLabInstance } from './instance.ts';
import { addMember, directMember, isAccessLevel } from './memberships.ts';
import type {
  SampleBoard,
  SampleBoardListSeed,
  SampleBoardSeed,
  SampleGroup,
  SampleGroupSeed,
  SampleToken,
  SampleUser,
} from './model.ts';
import { seedProject } from './project-creation.ts';

const DEFAULT_LABEL_COLOR = '#6699cc';

export interface SampleUserSeed {
  username: string;
  /** Default: the username. */
  name?: string;
  /** Default: `<username>@example.com`. */
  email?: string;
  publicEmail?: string;
  /** Whether the e-mail address was confirmed; default true. */
  confirmed?: boolean;
  admin?: boolean;
  /** Default true. */
  canCreateGroup?: boolean;
  /** Default false. */
  twoFactorEnabled?: boolean;
  /** Of a project or group access token; default false. */
  bot?: boolean;
  state?: SampleUser['state'];
}

export interface SampleTokenSeed {
  username: string;
  /** Default `['api']`. */
  scopes?: string[];
  state?: 'active' | 'expired' | 'revoked';
  kind?: 'personal' | 'oauth';
}

/** Throws when the username is taken by a user or a top-level group. */
export function seedUser(instance: GitLabInstance, seed: SampleUserSeed): SampleUser {
  const { username } = seed;
  if (username === '' || username.includes('/')) throw new Error(`'${username}' is not a username`);
  if (instance.pathTaken(username)) throw new Error(`the username '${username}' is taken`);
  const user: SampleUser = {
    id: instance.nextId(),
    username,
    name: seed.name ?? username,
    email: seed.email ?? `${username}@example.com`,
    publicEmail: seed.publicEmail ?? null,
    confirmed: seed.confirmed ?? true,
    admin: seed.admin ?? false,
    canCreateGroup: seed.canCreateGroup ?? true,
    twoFactorEnabled: seed.twoFactorEnabled ?? false,
    bot: seed.bot ?? false,
    state: seed.state ?? 'active',
    createdAt: new Date().toISOString(),
  };
  instance.insertUser(user);
  return user;
}

/** Throws when the user is unknown or the token is taken. */
export function seedToken(instance: GitLabInstance, token: string, seed: SampleTokenSeed): SampleToken {
  if (token === '' || instance.tokens.has(token)) throw new Error('the token is empty or taken');
  const seeded: SampleToken = {
    id: instance.nextId(),
    token,
    userId: userOf(instance, seed.username).id,
    scopes: seed.scopes ?? ['api'],
    state: seed.state ?? 'active',
    kind: seed.kind ?? 'personal',
    createdAt: new Date().toISOString(),
  };
  instance.tokens.set(token, seeded);
  return seeded;
}

/** Revokes a token. Throws when it is unknown. */
export function revokeToken(instance: GitLabInstance, token: string): void {
  const found = instance.tokens.get(token);
  if (found === undefined) throw new Error('there is no such token');
  found.state = 'revoked';
}

/**
 * Adds a group with all its records. No member is added besides those of the seed. Throws on everything that GitLab
 * would refuse, and on titles, usernames and parents which do not exist.
 */
export function seedGroup(instance: GitLabInstance, seed: SampleGroupSeed): SampleGroup {
  const parent = seed.parent === undefined ? undefined : instance.groupByPath(seed.parent);
  if (seed.parent !== undefined && !parent) throw new Error(`there is no group '${seed.parent}'`);
  const candidate = {
    name: seed.name,
    path: seed.path,
    visibility: seed.visibility ?? parent?.visibility ?? 'private',
    description: seed.description ?? '',
    avatar: seed.avatar,
  };
  const errors = groupErrors(instance, parent, candidate);
  if (errors.any) throw new Error(`cannot seed the group '${seed.path}': ${JSON.stringify(errors)}`);
  const group = createGroup(instance, parent, {
    ...candidate,
    settings: seed.settings ?? {},
    allowMfaForSubgroups: seed.allowMfaForSubgroups,
  });
  seedMembers(instance, group, seed.members ?? []);
  seedInvitations(instance, group, seed.invitations ?? []);
  for (const label of seed.labels ?? []) {
    if (ownLabelByTitle(group, label.title)) throw new Error(`the label '${label.title}' exists already`);
    addLabel(instance, group, {
      title: label.title,
      color: label.color ?? DEFAULT_LABEL_COLOR,
      description: label.description ?? null,
    });
  }
  for (const milestone of seed.milestones ?? []) {
    if (ownMilestoneByTitle(group, milestone.title)) {
      throw new Error(`the milestone '${milestone.title}' exists already`);
    }
    addMilestone(instance, group, {
      title: milestone.title,
      description: milestone.description ?? '',
      state: milestone.state ?? 'active',
      startDate: milestone.startDate ?? null,
      dueDate: milestone.dueDate ?? null,
    });
  }
  for (const badge of seed.badges ?? []) addBadge(instance, group, { ...badge, name: badge.name ?? null });
  for (const page of seed.wikis ?? []) group.wikis.push({ format: 'markdown', frontMatter: {}, ...page });
  Object.assign(group.leftOut, seed.leftOut);
  for (const board of seed.boards ?? []) seedBoard(instance, group, board);
  for (const project of seed.projects ?? []) seedProject(instance, group, project);
  return group;
}

function seedMembers(
  instance: GitLabInstance,
  group: SampleGroup,
  seeds: NonNullable<SampleGroupSeed['members']>,
): void {
  for (const seed of seeds) {
    const user = userOf(instance, seed.username);
    requireLevel(instance, seed.accessLevel);
    if (directMember(group, user.id)) throw new Error(`'${seed.username}' is a member already`);
    addMember(instance, group, {
      userId: user.id,
      accessLevel: seed.accessLevel,
      expiresAt: seed.expiresAt ?? null,
      createdById: null,
    });
  }
}

function seedInvitations(
  instance: GitLabInstance,
  group: SampleGroup,
  seeds: NonNullable<SampleGroupSeed['invitations']>,
): void {
  const now = new Date().toISOString();
  for (const { email, accessLevel, expiresAt = null } of seeds) {
    requireLevel(instance, accessLevel);
    const id = instance.nextId();
    group.invitations.push({ id, email, accessLevel, expiresAt, createdAt: now, updatedAt: now });
  }
}

function requireLevel(instance: GitLabInstance, level: number): void {
  if (!isAccessLevel(instance, level)) {
    throw new Error(`GitLab ${instance.settings.version} has no access level ${level}`);
  }
}

function seedBoard(instance: GitLabInstance, group: SampleGroup, seed: SampleBoardSeed): void {
  const board = addBoard(instance, group, {
    name: seed.name,
    hideBacklogList: seed.hideBacklogList ?? false,
    hideClosedList: seed.hideClosedList ?? false,
  });
  board.labels = (seed.labels ?? []).map(title => labelOf(instance, group, title));
  board.milestone = seed.milestone === undefined ? null : scopeOf(instance, group, seed.milestone);
  board.assignee = seed.assignee === undefined ? null : userOf(instance, seed.assignee);
  board.weight = seed.weight ?? null;
  for (const list of seed.lists ?? []) addBoardList(instance, board, targetOf(instance, group, list));
}

function targetOf(instance: GitLabInstance, group: SampleGroup, seed: SampleBoardListSeed): BoardListTarget {
  if (Object.keys(seed).length !== 1)
    throw new Error('a board list has one of label, milestone and assignee');
  if (seed.label !== undefined) return { label: labelOf(instance, group, seed.label) };
  if (seed.milestone !== undefined) return { milestone: milestoneOf(instance, group, seed.milestone) };
  return { assignee: userOf(instance, seed.assignee ?? '') };
}

function labelOf(instance: GitLabInstance, group: SampleGroup, title: string) {
  const label = labelByTitle(instance, group, title);
  if (!label) throw new Error(`there is no label '${title}' for '${group.fullPath}'`);
  return label;
}

function scopeOf(instance: GitLabInstance, group: SampleGroup, title: string): SampleBoard['milestone'] {
  const special = SPECIAL_MILESTONES.find(milestone => milestone.title === title);
  return milestoneByTitle(instance, group, title) ?? special ?? milestoneOf(instance, group, title);
}

function milestoneOf(instance: GitLabInstance, group: SampleGroup, title: string) {
  const milestone = milestoneByTitle(instance, group, title);
  if (!milestone) throw new Error(`there is no milestone '${title}' for '${group.fullPath}'`);
  return milestone;
}

function userOf(instance: GitLabInstance, username: string): SampleUser {
  const user = instance.userByUsername(username);
  if (!user) throw new Error(`there is no user '${username}'`);
  return user;
}
