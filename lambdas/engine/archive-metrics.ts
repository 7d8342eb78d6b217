import { measure } from '../platform/invocation.ts';

/** Counts bytes of an archive, when a part of it is stored. */
export function countArchiveBytes(bytes: number): void {
  measure('ArchiveBytes', bytes, {});
}

/** Counts a request for an archive by its link. */
export function countArchiveFetch(method: 'GET' | 'HEAD'): void {
  measure('ArchiveFetches', 1, { Method: method });
}
