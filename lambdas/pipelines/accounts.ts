import pLimit from 'p-limit';
import { MigrationError } from '../domain/errors.ts';
import { keptPerImport } from '../engine/kept-per-import.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { getUser } from '../gitlab/api/users.ts';
import { isNotFound } from '../gitlab/client-errors.ts';

/** A user of the destination as only an administrator sees one. */
export interface Account {
  username: string;
  /** Their own address, by which GitLab finds them, and not the one that they may show. */
  email: string;
}

type Accounts = Map<number, Promise<Account | undefined>>;

/** How many are read at the same time. */
const READS_IN_PARALLEL = 6;
/** The accounts that this process has read for ten imports. They are not written down anywhere. */
const accountsAtHand = keptPerImport((): Accounts => new Map(), 10);

/**
 * The accounts of users of the destination, by id, each read once per import and process; without those who are not there.
 * GitLab has no list that shows them to an administrator by their ids, and no limit for one who reads them one by one.
 *
 * @throws MigrationError when the token does not see addresses; what a read meets
 */
export async function accountsOf(
  { bulkImport, destination }: Pick<PipelineContext, 'bulkImport' | 'destination'>,
  userIds: Iterable<number>,
): Promise<Map<number, Account>> {
  const accounts = accountsAtHand(bulkImport);
  const limit = pLimit(READS_IN_PARALLEL);
  const read = async (userId: number): Promise<Account | undefined> => {
    try {
      const { username, email } = await getUser(destination, userId);
      if (!email) throw notShown();
      return { username, email };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  const found = new Map<number, Account>();
  await Promise.all(
    [...new Set(userIds)].map(async userId => {
      const asked = accounts.get(userId) ?? limit(() => read(userId));
      accounts.set(userId, asked);
      asked.catch(() => accounts.delete(userId));
      const account = await asked;
      if (account !== undefined) found.set(userId, account);
    }),
  );
  return found;
}

function notShown(): MigrationError {
  return new MigrationError(
    'The destination GitLab says that the token is of an administrator, and does not show it the e-mail addresses of users. Give the token the scope admin_mode, or use one of no administrator, and import the project again.',
  );
}
