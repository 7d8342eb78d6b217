import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { Import } from './imports.ts';
import { keys, TTL_ATTRIBUTE } from './keys.ts';
import { getItems } from './table.ts';
import { updateItem } from './table-updates.ts';

const VERSION = 1;
/** As long as the tokens, whose user's eyes the look-ups were made with. */
const LIFETIME_SECONDS = 15 * 24 * 3600;

const personSchema = z.object({
  v: z.literal(VERSION),
  /** Digest of the address, or of the user name. */
  address: z.string(),
  /** The user at the destination; `null` when nobody has the address. */
  userId: z.nullable(z.int()),
  /** In which attempt of the import that was found out. */
  attempt: z._default(z.int(), 1),
  [TTL_ATTRIBUTE]: z.int(),
});

/** Addresses are kept as digests: who is migrated is nobody's business after the import. */
const digestOf = (email: string): string =>
  createHash('sha256').update(email.toLowerCase()).digest('hex').slice(0, 32);

/**
 * Whom an import has looked up at the destination before, by e-mail address or user name. Who was nobody in an earlier
 * attempt may have been made since.
 *
 * @param names each at most once
 * @returns the users' ids, `null` for a name or address that nobody has; without those that were not looked up yet
 */
export async function getPeople(
  { id, attempt }: Pick<Import, 'id' | 'attempt'>,
  names: string[],
): Promise<Map<string, number | null>> {
  const items = await getItems(names.map(name => keys.person(id, digestOf(name))));
  const people = items.map(item => personSchema.parse(item));
  const live = people
    .filter(({ [TTL_ATTRIBUTE]: until }) => until > Date.now() / 1000)
    .filter(person => person.userId !== null || person.attempt === attempt);
  const byAddress = new Map(live.map(({ address, userId }) => [address, userId]));
  const found = new Map<string, number | null>();
  for (const name of names) {
    const userId = byAddress.get(digestOf(name));
    if (userId !== undefined) found.set(name, userId);
  }
  return found;
}

/** Remembers for the rest of an import who has an address or user name. A later look-up of the same import wins. */
export async function putPerson(
  { id, attempt }: Pick<Import, 'id' | 'attempt'>,
  name: string,
  userId: number | null,
): Promise<void> {
  const address = digestOf(name);
  await updateItem(keys.person(id, address), {
    set: {
      v: VERSION,
      address,
      userId,
      attempt,
      [TTL_ATTRIBUTE]: Math.floor(Date.now() / 1000) + LIFETIME_SECONDS,
    },
    create: true,
  });
}
