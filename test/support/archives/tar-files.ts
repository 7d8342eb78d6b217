import { gunzipSync, gzipSync } from 'node:zlib';
import { extract, type Header, pack } from 'tar-stream';

/** What is said of an entry; all else is as usual. */
export type EntryHeader = Partial<Header> & Pick<Header, 'name'>;

/** One entry of a tar file, with what its header says of it. */
export interface TarFile {
  header: Header;
  content: Buffer;
}

/** A tar file in gzip of these entries, as tar-stream writes them. */
export async function tarOf(
  entries: readonly { header: EntryHeader; content?: Buffer | string }[],
): Promise<Buffer> {
  const tar = pack();
  const pieces: Buffer[] = [];
  const reading = (async () => {
    for await (const piece of tar) pieces.push(piece as Buffer);
  })();
  for (const { header, content = '' } of entries) {
    await new Promise<void>((resolve, reject) => {
      const done = (error?: Error | null) => (error ? reject(error) : resolve());
      if (content === '') tar.entry(header, done).end(null);
      else tar.entry(header, content, done);
    });
  }
  tar.finalize();
  await reading;
  return gzipSync(Buffer.concat(pieces));
}

/** The entries of a tar file in gzip, as tar-stream reads them. */
export async function entriesIn(archive: Buffer): Promise<TarFile[]> {
  const tar = extract();
  const found: TarFile[] = [];
  tar.end(gunzipSync(archive));
  for await (const entry of tar) {
    const pieces: Buffer[] = [];
    for await (const piece of entry as AsyncIterable<Buffer>) pieces.push(piece);
    found.push({ header: entry.header, content: Buffer.concat(pieces) });
  }
  return found;
}
