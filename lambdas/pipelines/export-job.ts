import { JobFailedError, MigrationError } from '../domain/errors.ts';
import { expired, underWay, watchedSince } from '../engine/jobs.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { removeArchive } from '../engine/remove-archive.ts';
import { exportStatus, startExport } from '../gitlab/api/project-exports.ts';
import { hadNoEffect, isLimit } from '../gitlab/client-errors.ts';
import { TemporaryError } from '../gitlab/errors.ts';
import { adviceOnExport } from '../gitlab/project-refusals.ts';
import { type ArchiveRecord, changeArchive, findArchive, newArchive, putArchive } from '../store/archives.ts';
import { noteSourceCounts } from './counted-project.ts';
import { checkImportPermission } from './import-permission.ts';

/** GitLab keeps exports for a day; one that takes longer than half of it was given up by GitLab. */
const EXPORT_HOURS = 12;
/** For so long GitLab keeps what it has exported. */
const KEPT_HOURS = 24;
const HOUR_MS = 3_600_000;
/** A failure is that of the new export when a queue of workers has not begun it for so long. */
const UNSEEN_MS = 30 * 60_000;
/** After so many looks without a trace of an export, the request for it that had no response was lost. */
const LOOKS_WITHOUT_TRACE = 2;
/**
 * After so many looks (two minutes at least) an export that was under way, and of which there is no trace, is gone. Another
 * one of the same user removes it, and shows soon after; either has what is in the project.
 */
const LOOKS_WHEN_GONE = 6;
/** A project is exported so often at most. */
export const MOST_ORDERS = 3;

/** After so much trouble with counting what the project holds, it is exported without: no archive waits for a count. */
const MOST_COUNTS = 5;

/** What is kept between two looks at an export. */
interface Seen {
  /** Whether the source had an export of this user before, which the request for a new one removes. */
  hadFile?: boolean;
  /** Whether the source has said that it took the request. */
  isAnswered?: boolean;
  /** Whether it was seen at work on it, or done with it. */
  wasAtWork?: boolean;
  /** Looks in a row that found nothing. */
  looks?: number;
  /** Whether one that was under way has gone, and another was ordered in its place. */
  wasReplaced?: boolean;
  /** How often the project was ordered before this attempt. */
  orders?: number;
  /** How often the source was in trouble as what the project holds was counted. */
  countsFailed?: number;
}

/**
 * The export of one project by the source. GitLab removes an earlier export of the same user when it is asked for one, so
 * that it is asked for once, and again only when looks show that the request was lost, or that the export is gone.
 */
export class ExportJob {
  readonly #context: PipelineContext;

  constructor(context: PipelineContext) {
    this.#context = context;
  }

  /**
   * Has the source export the project.
   *
   * @returns the archive's record, when there is an export to download or it was downloaded already
   * @throws TemporaryError while it is under way; MigrationError when it comes to nothing
   */
  async finish(): Promise<ArchiveRecord> {
    const { importId, id } = this.#context.entity;
    const record = (await findArchive(importId, id)) ?? (await this.#begin());
    if (record.archive !== null) return record;
    if (record.requestedAt === null) throw await this.#request(record);
    return (await this.#hasFile(record, record.requestedAt)) ? record : this.finish();
  }

  /** A new attempt. What an earlier one has stored, which has expired, goes first: nothing else would say where it is. */
  async #begin(): Promise<ArchiveRecord> {
    const { importId, id } = this.#context.entity;
    await removeArchive(importId, id);
    return putArchive({ ...newArchive(importId, id), orders: this.#seen.orders ?? 0 });
  }

  get #seen(): Seen {
    return this.#context.state.get();
  }

  #note(seen: Seen): void {
    this.#context.state.set({ ...this.#seen, ...seen });
  }

  /** Asks for the export. @returns what is waited for then */
  async #request(record: ArchiveRecord): Promise<unknown> {
    const { source, entity, save } = this.#context;
    await checkImportPermission(this.#context);
    const { status: before } = await this.#status();
    const requestedAt = new Date().toISOString();
    if (record.orders > 0 && isAtWork(before)) {
      // It is there after all, or another one of the same user, which an order would remove.
      this.#note({ isAnswered: true, wasAtWork: true, looks: 0 });
      await changeArchive(record, { requestedAt });
      return this.#underWay(requestedAt);
    }
    await this.#count();
    // Both before it is sent: a run that dies over it must not ask again for what may be under way.
    this.#note({ hadFile: before === 'finished', isAnswered: false, wasAtWork: false, looks: 0 });
    await save();
    await changeArchive(record, { requestedAt, orders: record.orders + 1 });
    try {
      await startExport(source, entity.sourceId);
    } catch (error) {
      if (hadNoEffect(error) || isLimit(error)) {
        await changeArchive(record, { requestedAt: null, orders: record.orders });
      }
      throw refused(error);
    }
    this.#note({ isAnswered: true });
    return this.#underWay(requestedAt);
  }

  /** Counts what is in the project now, which is what its archive will have. */
  async #count(): Promise<void> {
    const { countsFailed = 0 } = this.#seen;
    if (countsFailed >= MOST_COUNTS) return;
    try {
      await noteSourceCounts(this.#context);
    } catch (error) {
      if (error instanceof TemporaryError && error.waitsFor === 'outage')
        this.#note({ countsFailed: countsFailed + 1 });
      throw error;
    }
  }

  /** Whether the export is there; not when it has to be asked for again. */
  async #hasFile(record: ArchiveRecord, requestedAt: string): Promise<boolean> {
    const { status: now } = await this.#status();
    const { hadFile = true, isAnswered = false, wasAtWork = false, looks = 0 } = this.#seen;
    const isLost = !isAnswered && !wasAtWork;
    if (now === 'finished') {
      // The file of before is still there, so that nobody has asked for another.
      if (isLost && hadFile) return this.#askAgain(record);
      this.#note({ wasAtWork: true, looks: 0 });
      return true;
    }
    const age = Date.now() - Date.parse(requestedAt);
    // Nobody has looked for a day, as on a machine that slept: it has come, and its file has expired.
    const isLongGone = now === 'none' && age > KEPT_HOURS * HOUR_MS && record.orders < MOST_ORDERS;
    if (isLongGone) return this.#askAgain(record);
    const since = watchedSince(this.#context.state, requestedAt);
    const waited = Date.now() - Date.parse(since);
    if (wasAtWork && now === 'none') return this.#gone(record, since);
    if (wasAtWork && now === 'failed') throw ended();
    // Until the source has begun, a failure can be that of an earlier export.
    if (now === 'none' || now === 'failed') {
      if (isLost && looks >= LOOKS_WITHOUT_TRACE) return this.#askAgain(record);
      if (now === 'failed' && waited > UNSEEN_MS) throw ended();
      // Older versions say `none` for as long as it is in a queue.
      if (waited > EXPORT_HOURS * HOUR_MS) throw unseen();
      this.#note({ looks: looks + 1 });
    } else this.#note({ wasAtWork: true, looks: 0 });
    throw this.#underWay(since);
  }

  /** There is no trace of an export that was under way: it has failed, its file has expired, or another has removed it. */
  #gone(record: ArchiveRecord, since: string): Promise<false> {
    const { looks = 0, wasReplaced = false } = this.#seen;
    if (looks < LOOKS_WHEN_GONE) {
      this.#note({ looks: looks + 1 });
      throw this.#underWay(since);
    }
    if (wasReplaced || record.orders >= MOST_ORDERS) throw ended();
    this.#note({ wasReplaced: true });
    return this.#askAgain(record);
  }

  /** What is stored of an archive is of an export that is not there any more: the next one begins anew. */
  async #askAgain(record: ArchiveRecord): Promise<false> {
    await changeArchive(record, { requestedAt: null, upload: null });
    return false;
  }

  async #status(): Promise<{ status: string }> {
    const { source, entity } = this.#context;
    try {
      return await exportStatus(source, entity.sourceId);
    } catch (error) {
      throw refused(error);
    }
  }

  #underWay(since: string): Error {
    return underWay({
      instance: 'source',
      doing: 'exports the project',
      // An order that is lost each time is an outage for as long as that lasts.
      isUnseen: this.#seen.wasAtWork !== true,
      since,
      hours: EXPORT_HOURS,
      advice: 'Ask its administrator to look for the export in its log, and import the project again.',
    });
  }
}

/** Whether the source has begun an export and has not ended it. */
const isAtWork = (status: string) => status === 'queued' || status === 'started';

/** With what an administrator has to do about a refusal, where GitLab's words do not tell. */
function refused(error: unknown): unknown {
  const advice = adviceOnExport(error);
  return advice === undefined ? error : new MigrationError(advice, { cause: error });
}

function ended(): JobFailedError {
  return new JobFailedError(
    'Export from source instance failed. The source has e-mailed the reason to the user of the source token, if it has one. Correct it there, and import the project again.',
  );
}

function unseen(): Error {
  return expired(
    `The source GitLab took the request to export the project and has not begun in ${EXPORT_HOURS} hours. Ask its administrator whether its background jobs run, and import the project again.`,
  );
}
