import { BrokenArchiveError, OutOfTimeError } from '../archives/archive-entries.ts';
import type { ArchiveStore, StoredArchive } from '../archives/archive-store.ts';
import { readArchivedFile, storeWithFile } from '../archives/rewritten-archive.ts';
import { JobFailedError } from '../domain/errors.ts';
import { oncePerRun } from '../engine/once-per-run.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { removeArchive } from '../engine/remove-archive.ts';
import { getCurrentUser } from '../gitlab/api/users.ts';
import { TemporaryError } from '../gitlab/errors.ts';
import { type ArchiveRecord, changeArchive, findArchive } from '../store/archives.ts';
import { MEMBERS_FILE, mappedMembers } from './archived-members.ts';

const MIB = 1024 ** 2;
/** Largest archives that are rewritten: it is done in one run, of 15 minutes. */
const MOST_BYTES = 5 * 1024 * MIB;
/** Bytes of an archive, packed, that a slow function rewrites in a millisecond: a third to a half of what one core does. */
const BYTES_PER_MS = (8 * MIB) / 1000;
/** Before a pass begins it takes time to look people up, and after it to complete what was stored. */
const AROUND_MS = 60_000;
/** A pass ends so long before its run does. */
const RESERVED_MS = 15_000;
/** Some 100,000 members. */
const MOST_MEMBERS_BYTES = 64 * MIB;

/** An archive that is complete. */
type Complete = ArchiveRecord & { archive: StoredArchive };

/** Of which user the destination's token is. */
const importer = oncePerRun(({ destination }: PipelineContext) => getCurrentUser(destination));

/**
 * Changes the members in an archive that GitLab would take the wrong people for: those whom a user mapping names otherwise,
 * and all of them where memberships are not migrated. GitLab reads them for an administrator alone, so that every other
 * archive stays as it is, unread.
 *
 * The changed archive is stored under a key of its own, which its record names before that; then the record names it as the
 * archive, and what was downloaded is removed. Whoever dies in between leaves one of both, complete, and nothing that the
 * record does not name.
 *
 * @throws JobFailedError when the archive is broken or too large for it; TemporaryError while it waits for a run with enough
 *   time; what the look-ups of people meet
 */
export async function rewriteMembers(
  context: PipelineContext,
  store: ArchiveStore,
  record: ArchiveRecord,
): Promise<void> {
  if (!isComplete(record)) return;
  const by = wishOf(context);
  // Of an earlier attempt, which nobody has removed yet.
  if (record.rewrite !== null && record.rewrite.by !== by) return startOver(context, record);
  if (by === undefined || (await importer(context)).is_admin !== true) return;
  const { archive, rewrite } = record;
  if (rewrite === null || archive.key !== rewrite.key) {
    const done = (rewrite && (await store.find(rewrite.key))) ?? (await changed(context, store, record, by));
    if (done === undefined) return;
    if ((await changeArchive(record, { archive: done })) === undefined)
      await removedMeanwhile(context, store, done.key);
  }
  await store.remove(record.key);
}

const isComplete = (record: ArchiveRecord): record is Complete => record.archive !== null;
const areLeftOut = ({ entity }: PipelineContext): boolean => entity.relations.members === false;

/** What the members are changed by; `undefined` where they stay. Whoever was nobody in one attempt can be there in the next. */
function wishOf(context: PipelineContext): string | undefined {
  const { userMappingId, attempt } = context.bulkImport;
  if (areLeftOut(context)) return 'nobody';
  return userMappingId === undefined ? undefined : `mapping ${userMappingId}, attempt ${attempt}`;
}

/** Stores the archive with its members changed. @returns `undefined` when there is nothing to change */
async function changed(
  context: PipelineContext,
  store: ArchiveStore,
  record: Complete,
  by: string,
): Promise<StoredArchive | undefined> {
  const { archive } = record;
  if (archive.bytes > MOST_BYTES) throw tooLarge(archive.bytes);
  await waitForTime(context, archive.bytes);
  const until = context.deadline - RESERVED_MS;
  try {
    const limits = { most: MOST_MEMBERS_BYTES, until };
    const members = await readArchivedFile(await store.read(archive), MEMBERS_FILE, limits);
    if (members === undefined) return undefined;
    const content = areLeftOut(context) ? Buffer.alloc(0) : await mappedMembers(members, context);
    if (content.equals(members)) return undefined;
    const key = record.key.replace(/\.tar\.gz$/, '.members.tar.gz');
    if ((await changeArchive(record, { rewrite: { by, key } })) === undefined)
      await removedMeanwhile(context, store, key);
    return await storeChanged(context, store, record, { key, file: { name: MEMBERS_FILE, content }, until });
  } catch (error) {
    if (error instanceof OutOfTimeError) throw tookTooLong(archive.bytes);
    throw error instanceof BrokenArchiveError ? broken(error) : error;
  }
}

/** @throws TemporaryError, once, when this run may have too little time left for an archive of so many bytes */
async function waitForTime({ deadline, state }: PipelineContext, bytes: number): Promise<void> {
  const { hasWaited = false }: { hasWaited?: boolean } = state.get();
  if (hasWaited || deadline - Date.now() > AROUND_MS + bytes / BYTES_PER_MS) return;
  state.set({ ...state.get(), hasWaited: true });
  throw new TemporaryError('The members in the archive are changed in a run of its own.', {
    instance: 'destination',
    method: 'GET',
    reason: 'the archive needs a run of its own',
    waitsFor: 'job',
    // Longer than what is waited for inside of a run.
    retryAfter: 3,
  });
}

/** Stores the changed archive. Of one that is removed meanwhile, with its record, nothing stays. */
async function storeChanged(
  context: PipelineContext,
  store: ArchiveStore,
  record: Complete,
  wanted: Parameters<typeof storeWithFile>[2],
): Promise<StoredArchive> {
  try {
    const archive = await storeWithFile(store, record.archive, wanted);
    // A run that was overtaken does not take what it is made of from under the one that has taken over.
    await context.save();
    return archive;
  } catch (error) {
    const now = await findArchive(record.importId, record.entityId);
    if (now?.attempt !== record.attempt) await removedMeanwhile(context, store, wanted.key);
    throw error;
  }
}

/**
 * Whoever has removed the archive's record did not know of what is stored since under a key.
 *
 * @throws RunOvertakenError when the entity has ended; TemporaryError when the record is gone otherwise
 */
async function removedMeanwhile({ save }: PipelineContext, store: ArchiveStore, key: string): Promise<never> {
  await store.remove(key);
  await save();
  throw again('it was removed meanwhile');
}

/** @throws TemporaryError always: the project is exported anew */
async function startOver({ save }: PipelineContext, { importId, entityId }: ArchiveRecord): Promise<never> {
  await save();
  await removeArchive(importId, entityId);
  throw again('its members are those of an earlier attempt');
}

function again(reason: string): TemporaryError {
  return new TemporaryError(`The archive of the source GitLab cannot be used: ${reason}.`, {
    instance: 'source',
    method: 'GET',
    reason,
    waitsFor: 'outage',
  });
}

const INSTEAD =
  'Import the project with a token of no administrator of the destination, or with its memberships and without a user mapping.';
const gibOf = (bytes: number) => (bytes / 1024 ** 3).toFixed(1);

function tooLarge(bytes: number): JobFailedError {
  return new JobFailedError(
    `The archive of the project has ${gibOf(bytes)} GiB, and the members in an archive can be changed up to ${gibOf(MOST_BYTES)} GiB. ${INSTEAD}`,
  );
}

function tookTooLong(bytes: number): JobFailedError {
  return new JobFailedError(
    `To change the members in the archive of the project (${gibOf(bytes)} GiB) takes longer than the minutes that there are. ${INSTEAD}`,
  );
}

function broken({ message }: BrokenArchiveError): JobFailedError {
  return new JobFailedError(
    `What the source GitLab has exported is no archive of a project that can be read: ${message}. Import the project again, and if it stays so, ask its administrator for the log of the export.`,
  );
}
