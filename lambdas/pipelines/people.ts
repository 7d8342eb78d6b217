import { UserMappingError } from '../domain/errors.ts';
import { keptPerImport } from '../engine/kept-per-import.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { type FoundUser, findUsersByEmail } from '../gitlab/api/users.ts';
import { findUsersByUsername } from '../gitlab/api/users-by-name.ts';
import type { GitLabClient } from '../gitlab/client.ts';
import type { Import } from '../store/imports.ts';
import { getPeople, putPerson } from '../store/people.ts';

/** How the look-up of a person ended: with the user's id at the destination, `null` for nobody, or with an error. */
export type Person = { userId: number | null } | { error: unknown };

type People = Map<string, Promise<FoundUser>>;

/** Whom this process has looked up for ten imports. A person takes some 200 bytes. */
const peopleOf = keptPerImport((): People => new Map(), 10);

/**
 * Who has these e-mail addresses or user names at the destination, by name or address in lower case. A person is looked up
 * once per import, by whichever of its groups meets them first: the answer is kept in the table, and in this process.
 * Without those that were not looked up because another look-up met trouble.
 *
 * @throws StoreError when the table cannot be read; when it cannot be written, that is how a look-up ended
 */
export async function findPeople(
  { bulkImport, destination }: Pick<PipelineContext, 'bulkImport' | 'destination'>,
  names: string[],
): Promise<Map<string, Person>> {
  const people = peopleOf(bulkImport);
  const wanted = [...new Set(names.map(name => name.toLowerCase()))];
  const unknown = wanted.filter(name => !people.has(name));
  const stored = await getPeople(bulkImport, unknown);
  // From here to the last entry nothing is waited for: other groups of the import may ask for the same people.
  const missing = unknown.filter(name => !people.has(name) && !stored.has(name));
  for (const [name, userId] of stored) people.set(name, Promise.resolve(userId));
  for (const [name, found] of lookUp(destination, missing)) {
    keep(
      people,
      name,
      found.then(userId => remember(bulkImport, name, userId)),
    );
  }
  const results = wanted.map(async name => [name, await outcomeOf(people.get(name))] as const);
  const outcomes = new Map<string, Person>();
  for (const [name, person] of await Promise.all(results)) if (person) outcomes.set(name, person);
  return outcomes;
}

/** No user name has an @, and every address has one. */
const isAddress = (name: string): boolean => name.includes('@');

function lookUp(destination: GitLabClient, names: string[]): [string, Promise<FoundUser>][] {
  return [
    ...findUsersByEmail(destination, names.filter(isAddress)),
    ...findUsersByUsername(
      destination,
      names.filter(name => !isAddress(name)),
    ),
  ];
}

/** The id of the user who has an e-mail address or user name at the destination; `null` for nobody. */
export async function findPerson(
  context: Pick<PipelineContext, 'bulkImport' | 'destination'>,
  name: string,
): Promise<number | null> {
  const person = (await findPeople(context, [name])).get(name.toLowerCase());
  if (person === undefined) {
    // Somebody else had begun to look and was stopped by trouble with another person.
    const [found] = lookUp(context.destination, [name]);
    return (await found?.[1]) ?? null;
  }
  if ('error' in person) throw person.error;
  return person.userId;
}

async function remember(bulkImport: Import, name: string, userId: FoundUser): Promise<FoundUser> {
  if (userId !== undefined) await putPerson(bulkImport, name, userId);
  return userId;
}

/** Keeps a look-up while it runs and after it, unless it brought nothing. */
function keep(people: People, name: string, found: Promise<FoundUser>): void {
  people.set(name, found);
  const forget = () => void people.delete(name);
  found.then(
    userId => userId === undefined && forget(),
    // Who cannot be used now cannot be so for another group either.
    error => error instanceof UserMappingError || forget(),
  );
}

async function outcomeOf(found: Promise<FoundUser> | undefined): Promise<Person | undefined> {
  try {
    const userId = await found;
    return userId === undefined ? undefined : { userId };
  } catch (error) {
    return { error };
  }
}
