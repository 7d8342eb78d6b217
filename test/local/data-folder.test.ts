import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { keyFile, openDataFolder } from '../../lib/local/data-folder.ts';
import { StartError } from '../../lib/local/start-error.ts';
import { writeWhole } from '../../lib/local/whole-file.ts';
import { temporaryFolder } from '../support/service/service.ts';

let parent: string;
beforeEach(async () => {
  parent = await temporaryFolder();
});

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

describe('the folder of the data', () => {
  it('is made for the user of the service only', async () => {
    await openDataFolder(join(parent, 'new', 'data'));

    expect(await modeOf(join(parent, 'new', 'data'))).toBe('700');
  });

  it('is closed to others when an earlier version left it open', async () => {
    const data = join(parent, 'data');
    await mkdir(join(data, 'table'), { recursive: true });
    await chmod(data, 0o755);

    await openDataFolder(data);

    expect(await modeOf(data)).toBe('700');
  });

  it('is refused, and left as it is, when it is open to others and has their files in it', async () => {
    await writeFile(join(parent, 'letter.txt'), 'Dear');
    await chmod(parent, 0o755);

    await expect(openDataFolder(parent)).rejects.toThrow(
      `${parent} is open to others and has other files in it (letter.txt)`,
    );
    expect(await modeOf(parent)).toBe('755');
  });

  it('that is a file is a sentence', async () => {
    await writeFile(join(parent, 'file'), '');

    await expect(openDataFolder(join(parent, 'file'))).rejects.toThrow(StartError);
    await expect(openDataFolder(join(parent, 'file', 'data'))).rejects.toThrow(/^DATA_DIR cannot be used: /);
  });
});

describe('the key that seals tokens', () => {
  it('is made once, whole, for the user of the service only', async () => {
    const folder = await openDataFolder(join(parent, 'data'));

    const made = await readFile(await keyFile(folder, false));
    const found = await readFile(await keyFile(folder, true));

    expect(made).toHaveLength(32);
    expect(found).toEqual(made);
    expect(await modeOf(folder.key)).toBe('600');
    expect(await readdir(join(parent, 'data'))).toEqual(['token.key']);
  });

  it.each([0, 31, 33])(
    'of %i bytes is a sentence with file and remedy, and is not replaced',
    async length => {
      const folder = await openDataFolder(join(parent, 'data'));
      await writeFile(folder.key, Buffer.alloc(length));

      await expect(keyFile(folder, true)).rejects.toThrow(
        `The key in ${folder.key} is damaged: it has ${length} bytes in the place of 32`,
      );
      await expect(keyFile(folder, false)).rejects.toThrow('remove the file');
      expect(await readFile(folder.key)).toHaveLength(length);
    },
  );

  it('that is gone is not replaced while imports need it', async () => {
    const folder = await openDataFolder(join(parent, 'data'));

    await expect(keyFile(folder, true)).rejects.toThrow(`The key in ${folder.key} is missing`);
    expect(await readdir(join(parent, 'data'))).toEqual([]);
  });
});

describe('a file that is written whole', () => {
  it('is the old one when the new one cannot be written', async () => {
    const file = join(parent, 'file');
    await writeWhole(file, 'old');
    await mkdir(`${file}.new`);

    await expect(writeWhole(file, 'new')).rejects.toThrow();

    expect(await readFile(file, 'utf8')).toBe('old');
  });

  it('is the new one otherwise, whatever an interrupted write has left', async () => {
    const file = join(parent, 'file');
    await writeFile(`${file}.new`, 'half of a');

    await writeWhole(file, 'new');

    expect(await readFile(file, 'utf8')).toBe('new');
    expect(await readdir(parent)).toEqual(['file']);
  });
});
