import { open, rename } from 'node:fs/promises';

/**
 * Writes a file whole or not at all: under another name first, and to the disk before it gets its own. A crash, a loss
 * of power or a full disk leaves the old file or the new one.
 *
 * @param mode permissions of the file
 */
export async function writeWhole(file: string, data: string | Buffer, mode = 0o600): Promise<void> {
  const handle = await open(`${file}.new`, 'w', mode);
  try {
    await handle.writeFile(data);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}
