import { type ArchiveStore, MOST_PARTS, PART_BYTES } from '../archives/archive-store.ts';
import { partsOf } from '../archives/parts.ts';
import { JobFailedError } from '../domain/errors.ts';
import { countArchiveBytes } from '../engine/archive-metrics.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { removeArchive } from '../engine/remove-archive.ts';
import { downloadExport } from '../gitlab/api/project-exports.ts';
import type { Download } from '../gitlab/calls.ts';
import { isNotFound } from '../gitlab/client-errors.ts';
import { TemporaryError } from '../gitlab/errors.ts';
import { type ArchiveRecord, changeArchive, findArchive } from '../store/archives.ts';
import { namespaceAtSource } from '../store/entity.ts';
import { ExportJob, MOST_ORDERS } from './export-job.ts';
import { fileOf, isOther, validatorOf } from './source-file.ts';

/** Archives of so many bytes and fewer hold no project: GitLab writes an empty one when its disk is full. */
const EMPTY_BYTES = 42;
/** How a gzip file begins. */
const GZIP = Buffer.from([0x1f, 0x8b]);

/** What GitLab says where the export has ended and its file is on the way: another order would remove it. */
const NOT_YET = /not available yet/i;
/** So often a file may become another one while it is downloaded. */
const MOST_REPLACED = 3;

/** What is stored of an archive; the upload is `null` before it was begun. */
interface Stored {
  upload: string | null;
  parts: number;
  bytes: number;
}

/** The download of one archive. What is stored of it is asked for at the store, so that nothing is stored twice. */
export class ArchiveDownload {
  readonly #context: PipelineContext;
  readonly #store: ArchiveStore;

  constructor(context: PipelineContext, store: ArchiveStore) {
    this.#context = context;
    this.#store = store;
  }

  /**
   * Downloads what is not stored yet.
   *
   * @returns the archive's record, which names it
   * @throws TemporaryError when it was interrupted: what is stored stays
   */
  async finish(): Promise<ArchiveRecord> {
    const record = await this.#exported();
    if (record.archive !== null) return record;
    const complete = await this.#store.find(record.key);
    if (complete !== undefined) return this.#note(record, { archive: complete });
    const stored = await this.#stored(record);
    const before = stored.parts;
    try {
      return await this.#append(record, stored, await this.#open(record, stored.bytes));
    } catch (error) {
      const hasGotOn = stored.parts > before;
      throw hasGotOn && error instanceof TemporaryError ? moreToCome(error) : error;
    }
  }

  /** The export that is to be downloaded. The source keeps it for a day: one that has expired was asked for again here. */
  async #exported(): Promise<ArchiveRecord> {
    const { entity, state } = this.#context;
    const known = await findArchive(entity.importId, entity.id);
    const isAskedForHere = Object.keys(state.get()).length > 0;
    if (known !== undefined && known.requestedAt !== null && !isAskedForHere) return known;
    return new ExportJob(this.#context).finish();
  }

  /** What is stored already. */
  async #stored({ key, upload }: ArchiveRecord): Promise<Stored> {
    const known = upload === null ? undefined : await this.#store.stored(key, upload);
    return known === undefined ? { upload: null, parts: 0, bytes: 0 } : { upload, ...known };
  }

  async #open(record: ArchiveRecord, from: number): Promise<Download> {
    const { source, entity } = this.#context;
    try {
      return await downloadExport(source, entity.sourceId, namespaceAtSource(entity), {
        from,
        ifRange: validatorOf(record.file),
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      if (NOT_YET.test(error.reason)) throw again('its file is not there yet');
      await this.#startOver(record);
      throw again('its export is not there any more, and is asked for again');
    }
  }

  async #append(record: ArchiveRecord, stored: Stored, download: Download): Promise<ArchiveRecord> {
    const { bytes: whole, body } = download;
    try {
      if (whole !== undefined && whole > MOST_BYTES) throw tooLarge();
      const upload = await this.#uploadFor(record, stored, download);
      let isFirst = true;
      for await (const part of partsOf(body)) {
        if (stored.parts === MOST_PARTS) throw tooLarge();
        if (stored.parts === 0 && !part.subarray(0, 2).equals(GZIP)) throw notAnArchive('it is no gzip file');
        await this.#store.append(record.key, upload, stored.parts + 1, part);
        stored.parts += 1;
        stored.bytes += part.length;
        countArchiveBytes(part.length);
        if (isFirst) await this.#gotOn();
        isFirst = false;
      }
      if (stored.bytes <= EMPTY_BYTES) throw notAnArchive(`it has ${stored.bytes} bytes`);
      if (whole !== undefined && stored.bytes !== whole) {
        await this.#startOver(record);
        throw again(`${stored.bytes} of ${whole} bytes came`);
      }
      return await this.#note(record, { archive: await this.#store.complete(record.key, upload) });
    } finally {
      body.destroy();
    }
  }

  /**
   * The upload that a download goes on with; a new one for a file that comes whole.
   *
   * @throws TemporaryError when it goes on with another file than the one whose parts are stored, which are given up
   */
  async #uploadFor(record: ArchiveRecord, stored: Stored, download: Download): Promise<string> {
    const isBegun = stored.parts > 0;
    const identity = fileOf(download);
    const hasChanged = isBegun && record.file !== null && isOther(record.file, identity);
    const replaced = (record.file?.replaced ?? 0) + (hasChanged ? 1 : 0);
    if (replaced > MOST_REPLACED) throw replacedTooOften();
    const file = { ...identity, replaced };
    if (isBegun && download.status === 206) {
      if (!hasChanged && stored.upload !== null) return stored.upload;
      await this.#note(record, { upload: null, file });
      throw again('its export is another one now, and is downloaded from its beginning');
    }
    // It comes whole: also where the source cannot send the rest alone.
    const upload = (isBegun ? null : stored.upload) ?? (await this.#store.begin(record.key));
    await this.#note(record, { upload, file });
    Object.assign(stored, { upload, parts: 0, bytes: 0 });
    return upload;
  }

  /** However often a large download is killed, it has got on: that is no run that dies of it. */
  async #gotOn(): Promise<void> {
    const { noteOnEntity, save } = this.#context;
    noteOnEntity({ deaths: 0 });
    await save();
  }

  /**
   * Notes what is stored. Where the record is gone, its entity was ended meanwhile, and its archive removed: what was
   * stored since is removed too, for nobody else would find it.
   *
   * @throws RunOvertakenError when the record is gone with the entity's end; TemporaryError when it is gone otherwise, so
   *   that the archive is begun anew
   */
  async #note(record: ArchiveRecord, change: Parameters<typeof changeArchive>[1]): Promise<ArchiveRecord> {
    const noted = await changeArchive(record, change);
    if (noted !== undefined) return noted;
    await this.#store.remove(record.key);
    await this.#context.save();
    throw again('it was removed meanwhile');
  }

  /**
   * Forgets the archive and its export, but not how often there was one: a run that dies over it must not, either.
   *
   * @throws JobFailedError when it was exported too often
   */
  async #startOver({ importId, entityId, orders }: ArchiveRecord): Promise<void> {
    if (orders >= MOST_ORDERS) throw exportedTooOften();
    this.#context.state.set({ orders });
    await this.#context.save();
    await removeArchive(importId, entityId);
  }
}

const MOST_BYTES = MOST_PARTS * PART_BYTES;

function tooLarge(): JobFailedError {
  const most = Math.floor(MOST_BYTES / 1024 ** 3);
  return new JobFailedError(
    `The source GitLab sends an archive of more than ${most} GiB, which is as much as can be stored. Make the project smaller, or move it by hand.`,
  );
}

function notAnArchive(why: string): JobFailedError {
  return new JobFailedError(
    `What the source GitLab has exported is no archive of a project: ${why}. Ask its administrator whether its disk is full, and import the project again.`,
  );
}

function exportedTooOften(): JobFailedError {
  return new JobFailedError(
    `The source GitLab has exported the project ${MOST_ORDERS} times, and each time its file was gone or cut off before it was downloaded. Ask its administrator where exports are kept, and import the project again.`,
  );
}

function replacedTooOften(): JobFailedError {
  return new JobFailedError(
    'The export of the project became another one again and again while it was downloaded. End what else exports it with the user of the source token, and import the project again.',
  );
}

/** The trouble of a download that has got on: however long it takes in all, that is no outage. */
function moreToCome({ message, instance, reason }: TemporaryError): TemporaryError {
  return new TemporaryError(message, { instance, method: 'GET', reason, waitsFor: 'job', retryAfter: 1 });
}

function again(reason: string): TemporaryError {
  return new TemporaryError(`The archive of the source GitLab could not be downloaded: ${reason}.`, {
    instance: 'source',
    method: 'GET',
    reason,
    waitsFor: 'outage',
  });
}
