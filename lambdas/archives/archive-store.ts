import type { Readable } from 'node:stream';

/**
 * Bytes of each part but the last. S3 takes at most 10,000 parts, of 5 MiB at least: these make 156 GiB, four times the
 * largest export of GitLab.com. A run holds one at a time.
 */
export const PART_BYTES = 16 * 1024 * 1024;

/** Parts that an archive may have, in S3 and in a folder alike: what has more is no archive, or from a source without end. */
export const MOST_PARTS = 10_000;

/** An archive that is complete. */
export interface StoredArchive {
  key: string;
  /** The version of the object that was completed; `null` where the store has none. */
  version: string | null;
  bytes: number;
}

/**
 * Where archives of projects are kept on their way from one GitLab to the other. An archive comes in parts, over any
 * number of runs; what is stored of it is asked for, never remembered, so that a run that has died leaves no doubt.
 */
export interface ArchiveStore {
  /** Begins an archive. @returns what the calls about its parts are given */
  begin(key: string): Promise<string>;
  /** How many parts are stored, from the first on without a gap; `undefined` when the upload is not known any more. */
  stored(key: string, upload: string): Promise<{ parts: number; bytes: number } | undefined>;
  /**
   * Stores a part; the first has the number 1. Storing it again replaces it. The memory of the bytes is the caller's again
   * when it returns.
   */
  append(key: string, upload: string, number: number, bytes: Buffer): Promise<void>;
  /** Makes the archive of its parts; called again it is no error. */
  complete(key: string, upload: string): Promise<StoredArchive>;
  /** The archive under a key; `undefined` when there is none that is complete. */
  find(key: string): Promise<StoredArchive | undefined>;
  /** Reads an archive as a stream. Whoever does not read it to its end destroys it. */
  read(archive: StoredArchive): Promise<Readable>;
  /** Removes an archive with all of its versions, and what was begun of it. No error when there is nothing. */
  remove(key: string): Promise<void>;
  /**
   * A URL that anybody can send this request to, for a few minutes. Absent where the store cannot be reached from outside.
   */
  signedUrl?(archive: StoredArchive, method: 'GET' | 'HEAD'): Promise<string>;
}
