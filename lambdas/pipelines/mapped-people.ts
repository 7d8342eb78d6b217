import { UserMappingError } from '../domain/errors.ts';
import { messageText } from '../domain/failure-message.ts';
import { isUser, type MappedUser, type MappingTarget } from '../domain/user-mapping.ts';
import { keptPerImport } from '../engine/kept-per-import.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { getParts, getUserMapping, partOf, type UserMapping } from '../store/user-mappings.ts';
import { findPerson, type Person } from './people.ts';

type Context = Pick<PipelineContext, 'bulkImport' | 'destination'>;

/** By what somebody is looked for at the destination: by both where both are there. */
export interface Sought {
  username?: string;
  email?: string;
  /** Whether a user mapping says so, and not only an address that the source shows. */
  isMapped: boolean;
}

/**
 * Of a mapping what this process has read: its parts by their first users. A mapping of 20,000 takes 4 MB. What is being read
 * is not in it: whoever waited for the read of a run that was killed would wait for ever.
 */
interface Known {
  mapping?: UserMapping;
  parts: Map<number, MappedUser[]>;
}
const knownOf = keptPerImport((): Known => ({ parts: new Map() }), 5);

/**
 * What the import's mapping says of users of the source, by their ids; without those of whom it says nothing. An import
 * without a mapping reads nothing.
 */
export async function findMapped(
  { bulkImport }: Pick<Context, 'bulkImport'>,
  sourceUserIds: readonly number[],
): Promise<Map<number, Exclude<MappingTarget, 'open'>>> {
  const { userMappingId } = bulkImport;
  const found = new Map<number, Exclude<MappingTarget, 'open'>>();
  if (userMappingId === undefined || sourceUserIds.length === 0) return found;
  const at = knownOf(bulkImport);
  at.mapping ??= await getUserMapping(userMappingId);
  const { id, parts: firsts } = at.mapping;
  const needed = new Set(sourceUserIds.flatMap(userId => partOf({ parts: firsts }, userId) ?? []));
  const missing = [...needed].filter(first => !at.parts.has(first));
  const read = missing.length === 0 ? [] : await getParts({ id }, missing);
  for (const first of missing) {
    at.parts.set(
      first,
      read.filter(user => partOf({ parts: firsts }, user.sourceUserId) === first),
    );
  }
  const users = [...needed].flatMap(first => at.parts.get(first) ?? []);
  const wanted = new Set(sourceUserIds);
  for (const { sourceUserId, target } of users) {
    if (wanted.has(sourceUserId) && target !== 'open') found.set(sourceUserId, target);
  }
  return found;
}

/** Who stands for a user of the source: whom the mapping names, or else who has the address that the source shows. */
export function soughtFor(
  target: MappingTarget | undefined,
  publicEmail: string | null | undefined,
): Sought | undefined {
  if (target !== undefined && isUser(target)) return { ...target, isMapped: true };
  return target === 'nobody' || !publicEmail ? undefined : { email: publicEmail, isMapped: false };
}

/** The names by which somebody is looked up. */
export const namesOf = ({ username, email }: Sought): string[] =>
  [username, email].filter(name => name !== undefined);

/**
 * Who somebody is by what was looked up; `undefined` when not all of it was. Whoever is named by a mapping and is nobody,
 * or by user name somebody else than by address, is an error.
 */
export function personOf(sought: Sought, people: ReadonlyMap<string, Person>): Person | undefined {
  const persons: Person[] = [];
  for (const name of namesOf(sought)) {
    const person = people.get(name.toLowerCase());
    if (person === undefined || 'error' in person) return person;
    persons.push(person);
  }
  const ids = new Set(persons.map(person => ('error' in person ? null : person.userId)));
  if (sought.isMapped && ids.has(null)) return { error: nobodyThere(sought) };
  return ids.size > 1 ? { error: twoPeople(sought) } : persons[0];
}

/** Looks somebody up. @throws what the look-up meets, and UserMappingError as `personOf` says */
export async function findSought(context: Context, sought: Sought): Promise<number | null> {
  const people = new Map<string, Person>();
  for (const name of namesOf(sought)) {
    people.set(name.toLowerCase(), { userId: await findPerson(context, name) });
  }
  const person = personOf(sought, people);
  if (person !== undefined && 'error' in person) throw person.error;
  return person?.userId ?? null;
}

/** The same for whoever only wants to know: `null` also for whom a mapping names in vain, as the member's failure says. */
export async function findIfThere(context: Context, sought: Sought): Promise<number | null> {
  try {
    return await findSought(context, sought);
  } catch (error) {
    if (error instanceof UserMappingError) return null;
    throw error;
  }
}

const AGAIN = 'Correct that in a new mapping, and import the members again with it.';

function nobodyThere({ username }: Sought): UserMappingError {
  const message =
    username === undefined
      ? `For this member the user mapping names an e-mail address that no user of the destination shows. ${AGAIN}`
      : messageText({
          before: "For this member the user mapping names '",
          quoted: username,
          after: `', whom the destination does not have. ${AGAIN}`,
        });
  return new UserMappingError(message);
}

const twoPeople = ({ username = '' }: Sought) =>
  new UserMappingError(
    messageText({
      before: "For this member the user mapping names '",
      quoted: username,
      after: `' with an e-mail address that is somebody else's at the destination. ${AGAIN}`,
    }),
  );
