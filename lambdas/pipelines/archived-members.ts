import * as z from 'zod/mini';
import { BrokenArchiveError } from '../archives/archive-entries.ts';
import { isUser, type MappingTarget } from '../domain/user-mapping.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { type Account, accountsOf } from './accounts.ts';
import { findIfThere, findMapped, namesOf, soughtFor } from './mapped-people.ts';
import { findPeople } from './people.ts';

/**
 * The members in the archive of a project. Of an administrator's import GitLab takes them for the project's (Maintainers at
 * most), and gives what they have written to them: whoever has the address of a row's user for their own, letter by letter;
 * all else to the importing user (its `lib/gitlab/import_export/members_mapper.rb`). A row without a user is an invitation.
 */

/** Where they are in an archive; each line is one. */
export const MEMBERS_FILE = 'tree/project/project_members.ndjson';

const address = z.optional(z.nullable(z.string()));
const rowSchema = z.looseObject({
  user: z.looseObject({
    id: z.int(),
    /** Empty of somebody who shows none. */
    public_email: address,
    /** In archives of old versions: the user's own, which nobody else is shown. */
    email: address,
  }),
});
type Row = z.infer<typeof rowSchema>;

const NEWLINE = 0x0a;

/**
 * The members of an archive as the import's user mapping says: each is whom it names, by the account at the destination;
 * whom it maps to nobody, or to somebody who is not there, is left out, and so is whoever would be found by an address that
 * they do not show, and each invitation. All others stay as they are. No level and no end of a membership is changed.
 *
 * @throws BrokenArchiveError when it has a line that is no record; what the look-ups meet, but for what is wrong with a row
 *   of the mapping, which is the failure of the relation `members`
 */
export async function mappedMembers(
  file: Buffer,
  context: Pick<PipelineContext, 'bulkImport' | 'destination'>,
): Promise<Buffer> {
  const rows = linesOf(file).map(line => ({ line, row: rowOf(line) }));
  const ids = rows.flatMap(({ row }) => row?.user.id ?? []);
  const mapped = await findMapped(context, ids);
  const accounts = await accountsOfMapped(mapped, context);
  const kept = rows.flatMap(({ line, row }) => {
    if (row === undefined) return [];
    if (!mapped.has(row.user.id)) return asShown(row, line) ?? [];
    const account = accounts.get(row.user.id);
    return account === undefined ? [] : textOf(asAccount(row, account));
  });
  return Buffer.concat(kept.flatMap(line => [line, Buffer.of(NEWLINE)]));
}

/** Who the users of the source are at the destination of whom a mapping says so, by their ids at the source. */
async function accountsOfMapped(
  mapped: ReadonlyMap<number, MappingTarget>,
  context: Pick<PipelineContext, 'bulkImport' | 'destination'>,
): Promise<Map<number, Account>> {
  const sought = [...mapped].flatMap(([id, target]) => {
    const one = isUser(target) ? soughtFor(target, null) : undefined;
    return one === undefined ? [] : [{ id, one }];
  });
  // All together; whoever was not found so for trouble is looked up once more below, and meets it.
  await findPeople(
    context,
    sought.flatMap(({ one }) => namesOf(one)),
  );
  const userIds = new Map<number, number>();
  for (const { id, one } of sought) {
    const userId = await findIfThere(context, one);
    if (userId !== null) userIds.set(id, userId);
  }
  const accounts = await accountsOf(context, userIds.values());
  return new Map(
    [...userIds].flatMap(([id, userId]) => {
      const account = accounts.get(userId);
      return account === undefined ? [] : [[id, account] as const];
    }),
  );
}

/** A row of whom the mapping says nothing; `undefined` for one by whose hidden address somebody could be found. */
function asShown(row: Row, line: Buffer): Buffer | undefined {
  const { public_email: shown, email } = row.user;
  if (!email || email === shown) return line;
  return shown ? textOf({ ...row, user: { ...row.user, email: shown } }) : undefined;
}

function asAccount(row: Row, { username, email }: Account): Row {
  const { user } = row;
  return {
    ...row,
    user: {
      ...user,
      public_email: email,
      ...('email' in user && { email }),
      ...('username' in user && { username }),
    },
  };
}

const textOf = (row: Row): Buffer => Buffer.from(JSON.stringify(row));

function linesOf(file: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0; from < file.length; ) {
    const end = file.indexOf(NEWLINE, from);
    const to = end === -1 ? file.length : end;
    if (to > from) lines.push(file.subarray(from, to));
    from = to + 1;
  }
  return lines;
}

/** A member; `undefined` for an invitation. */
function rowOf(line: Buffer): Row | undefined {
  try {
    return rowSchema.safeParse(JSON.parse(line.toString('utf8'))).data;
  } catch {
    throw new BrokenArchiveError(`a line of '${MEMBERS_FILE}' is no record`);
  }
}
