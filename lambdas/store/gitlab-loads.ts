import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { keys, TTL_ATTRIBUTE } from './keys.ts';
import { getItems } from './table.ts';
import { updateItem } from './table-updates.ts';

/** What nobody has written for so long says nothing of the GitLab any more. */
const LIFETIME_SECONDS = 600;

const loadSchema = z.object({
  /** Entities of one import that may run at the same time. */
  entities: z.number(),
  /** Whether it has never been too much: then more are tried quickly. */
  isProbing: z.boolean(),
  /** How long a quick request takes while the GitLab is at ease, in milliseconds. */
  calmMs: z.number(),
  /** How long a request takes, and a run, on average, in milliseconds. */
  requestMs: z.number(),
  runMs: z.number(),
  /** Requests per minute that the GitLab allows; 0 when it names no limit. */
  limit: z.number(),
  /** When `entities` was last changed, and when it was last made less; epoch milliseconds. */
  changedAt: z.number(),
  shrunkAt: z.number(),
});

/** How much a GitLab can take, as far as it is known: shared by all processes, written when it changes. */
export type GitLabLoad = z.infer<typeof loadSchema>;

/** What is known of GitLabs, in the order of their base URLs; `undefined` for one of which nothing is. */
export async function findLoads(baseUrls: string[]): Promise<(GitLabLoad | undefined)[]> {
  const wanted = baseUrls.map(url => keys.load(digestOf(url)));
  // An import from a GitLab into itself has one.
  const items = await getItems(
    wanted.filter(({ pk }, index) => wanted.findIndex(key => key.pk === pk) === index),
  );
  const now = Date.now() / 1000;
  return wanted.map(({ pk }) => {
    const item = items.find(one => one.pk === pk);
    return item !== undefined && Number(item[TTL_ATTRIBUTE]) > now ? loadSchema.parse(item) : undefined;
  });
}

/**
 * Writes what is known of a GitLab now, unless somebody else has meanwhile.
 *
 * @param before what it was when it was read; `undefined` when nothing was known
 * @returns whether it was written
 */
export async function saveLoad(
  baseUrl: string,
  load: GitLabLoad,
  before: GitLabLoad | undefined,
): Promise<boolean> {
  const now = Math.floor(Date.now() / 1000);
  const { applied } = await updateItem(keys.load(digestOf(baseUrl)), {
    set: { ...load, [TTL_ATTRIBUTE]: now + LIFETIME_SECONDS },
    when: [
      before === undefined
        ? {
            expression: 'attribute_not_exists(changedAt) OR #ttl < :now',
            names: { '#ttl': TTL_ATTRIBUTE },
            values: { ':now': now },
          }
        : { expression: 'changedAt = :before', values: { ':before': before.changedAt } },
    ],
    create: true,
  });
  return applied;
}

/** One item per GitLab, whoever's token is used: it is one machine. */
function digestOf(baseUrl: string): string {
  return createHash('sha256').update(new URL(baseUrl).origin).digest('hex').slice(0, 16);
}
