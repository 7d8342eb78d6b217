/** A file of a project. */
export interface SampleFile {
  /** Path below its folder in the archive. */
  path: string;
  bytes: Buffer;
}

/** A file that an archive has brought and that was too large to be kept: it counts and can be compared. */
export interface LargeFile {
  path: string;
  /** Bytes. */
  size: number;
  /** Of the content, hexadecimal. */
  sha256: string;
}

export type StoredFile = SampleFile | LargeFile;

/** How many bytes a file has. */
export function sizeOf(file: StoredFile): number {
  return 'bytes' in file ? file.bytes.length : file.size;
}
