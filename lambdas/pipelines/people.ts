import type { PipelineContext } from '../engine/relation.ts';
import { type FoundUser, findUsersByEmail } from '../gitlab/api/users.ts';
import type { Import } from '../store/imports.ts';
import { getPeople, putPerson } from '../store/people.ts';

/** How the look-up of a person ended: with the user's id at the destination, `null` for nobody, or with an error. */
export type Person = { userId: number | null } | { error: unknown };

type People = Map<string, Promise<FoundUser>>;

/** Imports whose people this process has at hand, the latest used last. A person takes some 200 bytes. */
const known = new Map<string, People>();
const IMPORTS_AT_HAND = 10;

/** Forgets whom this process has looked up, as a new one does not know it. For tests. */
export function forgetPeople(): void {
  known.clear();
}

/**
 * Who has these e-mail addresses at the destination, by lower-case address. A person is looked up once per import, by
 * whichever of its groups meets them first: the answer is kept in the table, and in this process. Without the
 * addresses that were not looked up because another look-up met trouble.
 *
 * @throws StoreError when the table cannot be read; when it cannot be written, that is how a look-up ended
 */
export async function findPeople(
  { bulkImport, destination }: Pick<PipelineContext, 'bulkImport' | 'destination'>,
  emails: string[],
): Promise<Map<string, Person>> {
  const people = peopleOf(bulkImport);
  const wanted = [...new Set(emails.map(email => email.toLowerCase()))];
  const unknown = wanted.filter(email => !people.has(email));
  const stored = await getPeople(bulkImport.id, unknown);
  // From here to the last entry nothing is waited for: other groups of the import may ask for the same people.
  const missing = unknown.filter(email => !people.has(email) && !stored.has(email));
  for (const [email, userId] of stored) people.set(email, Promise.resolve(userId));
  for (const [email, found] of findUsersByEmail(destination, missing)) {
    keep(
      people,
      email,
      found.then(userId => remember(bulkImport, email, userId)),
    );
  }
  const results = wanted.map(async email => [email, await outcomeOf(people.get(email))] as const);
  const outcomes = new Map<string, Person>();
  for (const [email, person] of await Promise.all(results)) if (person) outcomes.set(email, person);
  return outcomes;
}

/** The id of the user who has an e-mail address at the destination; `null` for nobody. */
export async function findPerson(
  context: Pick<PipelineContext, 'bulkImport' | 'destination'>,
  email: string,
): Promise<number | null> {
  const person = (await findPeople(context, [email])).get(email.toLowerCase());
  if (person === undefined) {
    // Somebody else had begun to look and was stopped by trouble with another person.
    return (await findUsersByEmail(context.destination, [email]).get(email)) ?? null;
  }
  if ('error' in person) throw person.error;
  return person.userId;
}

function peopleOf({ id, createdAt }: Import): People {
  // Ids begin anew in another table, which a process of the tests may meet.
  const key = `${id} ${createdAt}`;
  const people = known.get(key) ?? new Map();
  known.delete(key);
  known.set(key, people);
  const [oldest] = known.keys();
  if (known.size > IMPORTS_AT_HAND && oldest !== undefined) known.delete(oldest);
  return people;
}

async function remember({ id }: Import, email: string, userId: FoundUser): Promise<FoundUser> {
  if (userId !== undefined) await putPerson(id, email, userId);
  return userId;
}

/** Keeps a look-up while it runs and after it, unless it brought nothing. */
function keep(people: People, email: string, found: Promise<FoundUser>): void {
  people.set(email, found);
  const forget = () => void people.delete(email);
  found.then(userId => userId === undefined && forget(), forget);
}

async function outcomeOf(found: Promise<FoundUser> | undefined): Promise<Person | undefined> {
  try {
    const userId = await found;
    return userId === undefined ? undefined : { userId };
  } catch (error) {
    return { error };
  }
}
