import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../lambdas/domain/errors.ts';
import { KEY_BYTES } from '../../lambdas/domain/token-sealer.ts';
import { StartError } from './start-error.ts';
import { writeWhole } from './whole-file.ts';

/** What the service keeps in `DATA_DIR`. */
export interface DataFolder {
  /** Folder of the table. */
  table: string;
  /** Folder of the executions. */
  executions: string;
  /** File of the key that seals tokens. */
  key: string;
  /** Folder of the archives of projects on their way. */
  archives: string;
  /** Files that tell a start how the process before it has ended. */
  lastWords: string;
}

/**
 * Makes the folder of the data, for the user of this process only.
 *
 * @throws StartError when it cannot be made, or is open to others and holds what is not the service's
 */
export async function openDataFolder(path: string): Promise<DataFolder> {
  const folder: DataFolder = {
    table: join(path, 'table'),
    executions: join(path, 'executions'),
    key: join(path, 'token.key'),
    // As their keys begin, so that the folder of data is what the keys are relative to.
    archives: join(path, 'archives'),
    lastWords: join(path, 'last-words'),
  };
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const { mode } = await stat(path);
    if ((mode & 0o077) === 0 || process.platform === 'win32') return folder;
    const own = Object.values(folder);
    const foreign = (await readdir(path)).find(name => !own.some(file => join(path, name).startsWith(file)));
    if (foreign !== undefined) {
      throw new StartError(
        `DATA_DIR must be a folder of its own that only you can read: ${path} is open to others and has other files in it (${foreign}). Choose another, which is made if it does not exist.`,
      );
    }
    await chmod(path, 0o700);
    return folder;
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(
      `DATA_DIR cannot be used: ${messageOf(error)}. Choose another folder, or see to its permissions and the space on its disk.`,
    );
  }
}

/**
 * The file of the key that seals tokens; made once, readable by the user of this process only.
 *
 * @param isNeeded whether there are tokens that only the old key opens
 * @throws StartError when the key is damaged, cannot be made, or is needed and gone
 */
export async function keyFile({ key }: DataFolder, isNeeded: boolean): Promise<string> {
  let length: number | undefined;
  try {
    length = (await readFile(key)).length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new StartError(`The key in ${key} cannot be read: ${messageOf(error)}.`);
    }
  }
  if (length === KEY_BYTES) return key;
  const remedy = `Restore ${key} from a copy, or begin anew with another DATA_DIR; what was migrated stays at the destination.`;
  if (length !== undefined && isNeeded) {
    throw new StartError(
      `The key in ${key} is damaged: it has ${length} bytes in the place of ${KEY_BYTES}, and opens the tokens of imports that are running. ${remedy}`,
    );
  }
  if (length !== undefined) {
    throw new StartError(
      `The key in ${key} is damaged: it has ${length} bytes in the place of ${KEY_BYTES}. No import needs it: remove the file, and a new one is made.`,
    );
  }
  if (isNeeded) {
    throw new StartError(
      `The key in ${key} is missing, and opens the tokens of imports that are running. ${remedy}`,
    );
  }
  try {
    await writeWhole(key, randomBytes(KEY_BYTES));
  } catch (error) {
    throw new StartError(`The key in ${key} cannot be written: ${messageOf(error)}.`);
  }
  return key;
}
