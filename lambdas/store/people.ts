import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { keys, TTL_ATTRIBUTE } from './keys.ts';
import { getItems } from './table.ts';
import { updateItem } from './table-updates.ts';

const VERSION = 1;
/** As long as the tokens, whose user's eyes the look-ups were made with. */
const LIFETIME_SECONDS = 15 * 24 * 3600;

const personSchema = z.object({
  v: z.literal(VERSION),
  /** Digest of the address. */
  address: z.string(),
  /** The user at the destination; `null` when nobody has the address. */
  userId: z.nullable(z.int()),
  [TTL_ATTRIBUTE]: z.int(),
});

/** Addresses are kept as digests: who is migrated is nobody's business after the import. */
const digestOf = (email: string): string =>
  createHash('sha256').update(email.toLowerCase()).digest('hex').slice(0, 32);

/**
 * Whom an import has looked up at the destination before, by e-mail address.
 *
 * @param emails each at most once
 * @returns the users' ids, `null` for an address that nobody has; without those that were not looked up yet
 */
export async function getPeople(importId: number, emails: string[]): Promise<Map<string, number | null>> {
  const items = await getItems(emails.map(email => keys.person(importId, digestOf(email))));
  const people = items.map(item => personSchema.parse(item));
  const live = people.filter(({ [TTL_ATTRIBUTE]: until }) => until > Date.now() / 1000);
  const byAddress = new Map(live.map(({ address, userId }) => [address, userId]));
  const found = new Map<string, number | null>();
  for (const email of emails) {
    const userId = byAddress.get(digestOf(email));
    if (userId !== undefined) found.set(email, userId);
  }
  return found;
}

/** Remembers for the rest of an import who has an address. A later look-up of the same import wins. */
export async function putPerson(importId: number, email: string, userId: number | null): Promise<void> {
  const address = digestOf(email);
  await updateItem(keys.person(importId, address), {
    set: {
      v: VERSION,
      address,
      userId,
      [TTL_ATTRIBUTE]: Math.floor(Date.now() / 1000) + LIFETIME_SECONDS,
    },
    create: true,
  });
}
