import * as z from 'zod/mini';
import { importPk, keys, TTL_ATTRIBUTE, USER_PREFIX } from './keys.ts';
import { putItem } from './table.ts';
import { queryItems } from './table-queries.ts';

const VERSION = 1;
/** As long as what an import remembers of people. A plan is older than any import that is bound to it by then. */
const LIFETIME_SECONDS = 15 * 24 * 3600;

/** What says who the counterpart of a user is; a mapping also says that it is nobody. */
export const FOUND_BY = ['mapping', 'public_email'] as const;

const planUserSchema = z.object({
  v: z.literal(VERSION),
  importId: z.int(),
  /** At the source, as the next three are. */
  sourceUserId: z.int(),
  name: z.string(),
  username: z.string(),
  publicEmail: z.nullable(z.string()),
  /** The user at the destination; `null` for nobody. */
  userId: z.nullable(z.int()),
  foundBy: z.nullable(z.enum(FOUND_BY)),
  [TTL_ATTRIBUTE]: z.int(),
});

/** A member whom a plan has met at the source, and who that would be at the destination. */
export type PlanUser = Omit<z.infer<typeof planUserSchema>, 'v' | typeof TTL_ATTRIBUTE>;

/** Notes a user of a plan; the same again is no error. */
export async function putPlanUser(user: PlanUser): Promise<void> {
  await putItem({
    ...keys.planUser(user.importId, user.sourceUserId),
    v: VERSION,
    ...user,
    [TTL_ATTRIBUTE]: Math.floor(Date.now() / 1000) + LIFETIME_SECONDS,
  });
}

/** The users that a plan has met, by their ids at the source. */
export async function listPlanUsers(importId: number): Promise<PlanUser[]> {
  const items = await queryItems(importPk(importId), { beginsWith: USER_PREFIX });
  const now = Date.now() / 1000;
  return items.flatMap(item => {
    const { v: _, [TTL_ATTRIBUTE]: until, ...user } = planUserSchema.parse(item);
    return until > now ? [user] : [];
  });
}
