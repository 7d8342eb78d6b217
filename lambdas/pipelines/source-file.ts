import type { Download } from '../gitlab/calls.ts';
import type { SourceFile } from '../store/archives.ts';

/**
 * Whether the rest of a file is that of the file whose beginning is stored. Another export of the same user takes the place
 * of the one before, and a rest of that one would make an archive of two halves.
 */

type Identity = Omit<SourceFile, 'replaced'>;

/** By what the file of a download is known again. A weak `ETag` says nothing of bytes (RFC 9110, 8.8.1). */
export function fileOf({ headers, bytes }: Download): Identity {
  const { etag, 'last-modified': lastModified } = headers;
  return {
    etag: etag?.startsWith('"') ? etag : null,
    lastModified: lastModified ?? null,
    bytes: bytes ?? null,
  };
}

/** What is sent with the wish for the rest of it, so that the GitLab looks first (`If-Range`); `undefined` for nothing. */
export function validatorOf(file: SourceFile | null): string | undefined {
  return file?.etag ?? file?.lastModified ?? undefined;
}

/** Whether two files differ in anything that is known of both. */
export function isOther(one: Identity, two: Identity): boolean {
  const says = ['etag', 'lastModified', 'bytes'] as const;
  return says.some(what => one[what] !== null && two[what] !== null && one[what] !== two[what]);
}
