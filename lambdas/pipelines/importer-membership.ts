import { MigrationError, UnsupportedByDestinationError } from '../domain/errors.ts';
import { messageText } from '../domain/failure-message.ts';
import { oncePerRun } from '../engine/once-per-run.ts';
import { pagesOf } from '../engine/page-walk.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { type DirectMember, findDirectMember, LEVEL_NAMES, removeMember } from '../gitlab/api/members.ts';
import { getProject } from '../gitlab/api/projects.ts';
import type { SourceMember } from '../gitlab/api/source-members.ts';
import { type CurrentUser, getCurrentUser, isAddressOf } from '../gitlab/api/users.ts';
import { isRefusal } from '../gitlab/client-errors.ts';
import { findIfThere, findMapped, soughtFor } from './mapped-people.ts';
import { listMembersAtSource } from './members-at-source.ts';

/**
 * GitLab's import of an archive makes the importing user a direct member of the project, with their level in its group
 * and Maintainer at most. Where the source has no such member it is no part of the project, and goes.
 */

/** What GitLab's import gives at most, and what one needs to go on with a project. */
const MAINTAINER = 40;
/** By so much two clocks may differ that have been compared. */
const TOLERANCE_MS = 60_000;

/**
 * Whether the importing user is a member of the project by GitLab's import alone. In doubt they are not: a membership of
 * the source, or of before, or that somebody has given, stays.
 *
 * @throws MigrationError when they are, and need it
 */
export async function isLeftByImport(context: PipelineContext): Promise<boolean> {
  const { destination, entity, target } = context;
  const { permissions } = await getProject(destination, target().id);
  if (permissions?.project_access == null) return false;
  const [user, member] = await Promise.all([
    getCurrentUser(destination),
    findDirectMember(destination, target(), entity.userId),
  ]);
  if (user.id !== entity.userId || member === undefined || !isAsImported(member, context)) return false;
  if (await isMemberAtSource(user, context)) return false;
  const level = permissions.group_access?.access_level ?? 0;
  if (user.is_admin !== true && level < MAINTAINER) throw needed(level);
  return true;
}

/** Removes it. No error when it is gone. @throws UnsupportedByDestinationError when the destination refuses */
export async function removeMembership({ destination, entity, target }: PipelineContext): Promise<void> {
  try {
    await removeMember(destination, target(), entity.userId);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const message = messageText({ ...REFUSED, quoted: error.reason.replace(/\.+$/, '') });
    throw new UnsupportedByDestinationError(message, { cause: error });
  }
}

/** Whether a membership can have come by the import: of its time, by nobody else, for ever, and no higher than it gives. */
function isAsImported(member: DirectMember, { destination, entity }: PipelineContext): boolean {
  const { access_level: level, created_at: createdAt, created_by: createdBy, expires_at: expiresAt } = member;
  const made = Date.parse(createdAt ?? '') - destination.clockAheadMs;
  const isOfNow = made >= Date.parse(entity.createdAt) - TOLERANCE_MS;
  const isOfOthers = createdBy != null && createdBy.id !== entity.userId;
  return isOfNow && !isOfOthers && !expiresAt && level <= MAINTAINER;
}

/** Whether the project at the source has the importing user for a member of its own, whoever the source's token is of. */
async function isMemberAtSource(user: CurrentUser, context: PipelineContext): Promise<boolean> {
  const read = (cursor: string | null) => listMembersAtSource(context, ['DIRECT'], cursor);
  for await (const { records } of pagesOf('members', ({ id }) => id ?? '', read)) {
    for (const member of records) if (await isSamePerson(member, user, context)) return true;
  }
  return false;
}

/** The user of the source's token, to whom it shows their own address: read once per run, and only where it may tell. */
const sourceUser = oncePerRun(({ source }: PipelineContext) => getCurrentUser(source));

/**
 * Whether a member is somebody at the destination, by the addresses by which members are found. Of one who shows none
 * the name tells, or the address that only its owner sees: not enough to give them anything, but enough to leave it.
 */
async function isSamePerson(
  { user: there }: SourceMember,
  here: CurrentUser,
  context: PipelineContext,
): Promise<boolean> {
  if (!there) return false;
  const mapped = soughtFor((await findMapped(context, [there.id])).get(there.id), null);
  if (mapped !== undefined) return (await findIfThere(context, mapped)) === here.id;
  if (there.publicEmail) return isAddressOf(here, there.publicEmail);
  if (there.username === here.username) return true;
  const owner = await sourceUser(context);
  return owner.id === there.id && !!owner.email && isAddressOf(here, owner.email);
}

function needed(level: number): MigrationError {
  const what = level === 0 ? 'no access' : `the level ${LEVEL_NAMES.get(level) ?? level}`;
  return new MigrationError(
    `GitLab's import has made the importing user a member of the project, whom the source does not have. That was left: the group gives them ${what}, less than Maintainer. Give them that in the group, or remove them by hand when all is done.`,
  );
}

const REFUSED = {
  before:
    "GitLab's import has made the importing user a member of the project, whom the source does not have, and the destination refused to remove them: ",
  after: '. Remove them by hand: Manage, Members.',
};
