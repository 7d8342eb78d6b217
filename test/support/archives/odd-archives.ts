import { randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { tarOf } from './tar-files.ts';

/** One archive of several. */
export const joined = async (...archives: Buffer[]) =>
  gzipSync(Buffer.concat(archives.map(archive => gunzipSync(archive).subarray(0, -1024))));

/** An archive of so many folders, whose names cannot be made much smaller. */
export async function manyFolders(count: number): Promise<Buffer> {
  const header = gunzipSync(await tarOf([{ header: { name: 'f'.repeat(60), type: 'directory' } }]));
  const folders = Array.from({ length: count }, () => {
    const folder = Buffer.from(header.subarray(0, 512));
    folder.write(randomBytes(30).toString('hex'));
    sign(folder);
    return folder;
  });
  return gzipSync(Buffer.concat(folders));
}

/** An archive whose first header is another one. */
export function edited(archive: Buffer, edit: (tar: Buffer) => void): Buffer {
  const tar = gunzipSync(archive);
  edit(tar);
  sign(tar);
  return gzipSync(tar);
}

/** What GNU's tar writes before a header for a name that does not fit into it; tar-stream reads it and does not write it. */
export const gnuHeader = async (type: 'L' | 'K', name: string) =>
  edited(await tarOf([{ header: { name: '././@LongLink' }, content: `${name}\0` }]), tar =>
    tar.write(type, 156),
  );

/** Writes the sum of a header into it. */
function sign(block: Buffer): void {
  block.write('        ', 148);
  const sum = block.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
}
