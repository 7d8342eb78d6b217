import * as z from 'zod/mini';
import { keys, type Owner, TTL_ATTRIBUTE } from './keys.ts';
import { getItem } from './table.ts';
import { updateItem } from './table-updates.ts';

const VERSION = 1;
/** A day: longer than any client goes on trying. */
const LIFETIME_SECONDS = 24 * 3600;

const claimSchema = z.object({
  v: z.literal(VERSION),
  /** Digest of what was asked for. */
  request: z.string(),
  importId: z.int(),
  firstEntityId: z.int(),
  /** The attempt of the import that it stands for; absent for the first one. */
  attempt: z.optional(z.int()),
  [TTL_ATTRIBUTE]: z.int(),
});

/** The ids that belong to one `Idempotency-Key` of one user. */
export type RequestClaim = Pick<
  z.infer<typeof claimSchema>,
  'request' | 'importId' | 'firstEntityId' | 'attempt'
>;

/** Finds what a user's key was used for during the last day. */
export async function findRequestClaim(owner: Owner, key: string): Promise<RequestClaim | undefined> {
  const item = await getItem(keys.requestClaim(owner, key));
  if (item === undefined) return undefined;
  const { v: _, [TTL_ATTRIBUTE]: until, ...claim } = claimSchema.parse(item);
  return until > Date.now() / 1000 ? claim : undefined;
}

/**
 * Claims ids for a user's key. The first claim stands for its day: whoever comes later gets its ids.
 *
 * @param dead the claim whose import ended before it began, which stands no more
 */
export async function claimRequest(
  owner: Owner,
  key: string,
  claim: RequestClaim,
  dead?: Pick<RequestClaim, 'importId'>,
): Promise<RequestClaim> {
  const now = Math.ceil(Date.now() / 1000);
  const { applied } = await updateItem(keys.requestClaim(owner, key), {
    set: { v: VERSION, ...claim, [TTL_ATTRIBUTE]: now + LIFETIME_SECONDS },
    when: [
      {
        // DynamoDB removes what has expired when it likes.
        expression: 'attribute_not_exists(pk) OR #ttl < :now OR importId = :dead',
        names: { '#ttl': TTL_ATTRIBUTE },
        values: { ':now': now, ':dead': dead?.importId ?? 0 },
      },
    ],
    create: true,
  });
  return applied ? claim : ((await findRequestClaim(owner, key)) ?? claim);
}
