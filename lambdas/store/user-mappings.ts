import pLimit from 'p-limit';
import * as z from 'zod/mini';
import type { MappedUser } from '../domain/user-mapping.ts';
import { keys, type Owner, TTL_ATTRIBUTE, USER_MAPPING_PART_PREFIX, userMappingPk } from './keys.ts';
import { getItem, getItems, putItem } from './table.ts';
import { queryItems } from './table-queries.ts';

const VERSION = 1;
/** How long a mapping can be named in a request: so long that nobody is surprised that it is gone. */
const LIFETIME_MS = 400 * 24 * 3600 * 1000;
/** It is kept longer, so that no import loses it on its way. */
const KEPT_SECONDS = LIFETIME_MS / 1000 + 60 * 24 * 3600;
/**
 * Users in one item, 5 KB or so. An item for each user would be 20,000 writes for the largest body, and one partition
 * takes 1,000 a second.
 */
const USERS_PER_PART = 50;
const PARALLEL_WRITES = 25;

const mappingSchema = z.object({
  v: z.literal(VERSION),
  id: z.int(),
  /** Of whom it is: nobody else can read or use it. */
  destinationUrl: z.string(),
  userId: z.int(),
  /** As it was given: a base URL, or a host. */
  sourceHost: z.string(),
  rows: z.int(),
  /** Rows that name a user, rows that leave one out, and rows that do neither. */
  assigned: z.int(),
  nobody: z.int(),
  empty: z.int(),
  /** The ids of the users with whom its parts begin, ascending. */
  parts: z.array(z.int()),
  createdAt: z.string(),
  [TTL_ATTRIBUTE]: z.int(),
});

const partSchema = z.object({
  v: z.literal(VERSION),
  users: z.array(
    z.object({
      sourceUserId: z.int(),
      name: z.string(),
      username: z.string(),
      target: z.union([
        z.object({ username: z.optional(z.string()), email: z.optional(z.string()) }),
        z.enum(['nobody', 'open']),
      ]),
    }),
  ),
  [TTL_ATTRIBUTE]: z.int(),
});

/** A user mapping without its users. It never changes, so that its id means the same for ever. */
export type UserMapping = Omit<z.infer<typeof mappingSchema>, 'v' | typeof TTL_ATTRIBUTE>;

/**
 * Writes a new mapping: its users first, so that one that is found is whole. A crash in between leaves users that
 * nobody finds, and that are removed in time.
 *
 * @param id taken from the counter, and never used before
 */
export async function createUserMapping(
  { id, destinationUrl, userId, sourceHost }: Pick<UserMapping, 'id' | 'sourceHost'> & Owner,
  users: readonly MappedUser[],
): Promise<UserMapping> {
  const now = Date.now();
  const until = Math.ceil(now / 1000) + KEPT_SECONDS;
  const sorted = users.toSorted((a, b) => a.sourceUserId - b.sourceUserId);
  const parts: MappedUser[][] = [];
  for (let at = 0; at < sorted.length; at += USERS_PER_PART)
    parts.push(sorted.slice(at, at + USERS_PER_PART));
  const count = (target: MappedUser['target']) => users.filter(user => user.target === target).length;
  const [nobody, empty] = [count('nobody'), count('open')];
  const mapping: UserMapping = {
    id,
    destinationUrl,
    userId,
    sourceHost,
    rows: users.length,
    assigned: users.length - nobody - empty,
    nobody,
    empty,
    parts: parts.map(firstOf),
    createdAt: new Date(now).toISOString(),
  };
  await pLimit(PARALLEL_WRITES).map(parts, part =>
    putItem({
      ...keys.userMappingPart(id, firstOf(part)),
      v: VERSION,
      users: part,
      [TTL_ATTRIBUTE]: until,
    }),
  );
  await putItem({
    ...keys.userMapping(id),
    v: VERSION,
    ...mapping,
    [TTL_ATTRIBUTE]: until,
  });
  return mapping;
}

const firstOf = (part: readonly MappedUser[]): number => part[0]?.sourceUserId ?? 0;

/** Reads a mapping that can still be named. */
export async function findUserMapping(id: number): Promise<UserMapping | undefined> {
  const mapping = await readMapping(id);
  const isOver = mapping !== undefined && Date.parse(mapping.createdAt) + LIFETIME_MS <= Date.now();
  return isOver ? undefined : mapping;
}

/** Reads the mapping of an import, which goes on with it whatever its time. @throws when there is none */
export async function getUserMapping(id: number): Promise<UserMapping> {
  const mapping = await readMapping(id);
  if (mapping === undefined) throw new Error(`The user mapping ${id} does not exist.`);
  return mapping;
}

async function readMapping(id: number): Promise<UserMapping | undefined> {
  const item = await getItem(keys.userMapping(id));
  if (item === undefined) return undefined;
  const { v: _, [TTL_ATTRIBUTE]: __, ...mapping } = mappingSchema.parse(item);
  return mapping;
}

/** All users of a mapping, by their id at the source. */
export async function listMappedUsers({ id }: Pick<UserMapping, 'id'>): Promise<MappedUser[]> {
  const items = await queryItems(userMappingPk(id), { beginsWith: USER_MAPPING_PART_PREFIX });
  return items.flatMap(usersOf);
}

/** The part of a mapping in which a user of the source would be, by its first user; `undefined` for one in none. */
export function partOf({ parts }: Pick<UserMapping, 'parts'>, sourceUserId: number): number | undefined {
  return parts.findLast(first => first <= sourceUserId);
}

/** The users of parts of a mapping. */
export async function getParts(
  { id }: Pick<UserMapping, 'id'>,
  parts: readonly number[],
): Promise<MappedUser[]> {
  return (await getItems(parts.map(first => keys.userMappingPart(id, first)))).flatMap(usersOf);
}

const usersOf = (item: unknown): MappedUser[] => partSchema.parse(item).users as MappedUser[];
