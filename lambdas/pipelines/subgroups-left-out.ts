import pLimit from 'p-limit';
import { messageOf } from '../domain/errors.ts';
import { messageText } from '../domain/failure-message.ts';
import { StoreError } from '../domain/store-errors.ts';
import { PageWalk } from '../engine/page-walk.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { listDescendants, type Subgroup } from '../gitlab/api/groups.ts';
import { isGroupGone } from '../gitlab/client-errors.ts';
import { REST_OF_SUBGROUPS, recordLeftOut } from './left-out-failures.ts';

/** More subgroups than this are counted, not named. */
const MOST_NAMED = 1_000;
const PARALLEL_WRITES = 8;

/** What of a run is needed to account for what it leaves out. */
type Failed = Pick<PipelineContext, 'entity' | 'source' | 'recordFailure'>;

interface LeftOut {
  named: Subgroup[];
  /** How many are not named; `undefined` when there are some and nobody says how many. */
  more: number | undefined;
}

/**
 * Accounts by name for the groups below one that could not be created: nothing else ever speaks of them, since their
 * entities are made when their parent is complete. One failure each; repeated, it writes the same ones.
 *
 * @param isWaitedFor whether trouble with listing them is waited for; it is thrown before anything is written
 * @throws StoreError when the table cannot be used
 */
export async function recordSubgroupsLeftOut(
  context: Failed,
  isWaitedFor: (error: unknown) => boolean,
): Promise<void> {
  try {
    const { named, more } = await readDescendants(context);
    const limit = pLimit(PARALLEL_WRITES);
    await Promise.all(named.map(subgroup => limit(() => recordOne(context, subgroup))));
    if (more === 0) return;
    const count = more === undefined ? 'More' : `${more} more`;
    await recordLeftOut(
      context,
      { ...REST_OF_SUBGROUPS, title: `and ${more ?? ''} more subgroups`.replace('  ', ' ') },
      `${count} subgroups below this group were not migrated, since it could not be created. Remove the cause that its failure names, and import it again.`,
    );
  } catch (error) {
    if (error instanceof StoreError || isWaitedFor(error)) throw error;
    // There is nothing below a group that is gone itself, which its own failure says.
    if (isGroupGone(error)) return;
    await recordLeftOut(
      context,
      REST_OF_SUBGROUPS,
      messageText({
        before: 'The subgroups of this group were not migrated, and could not be listed either: ',
        quoted: messageOf(error),
        after: ' Look them up at the source, and import the group again.',
      }),
    );
  }
}

async function readDescendants({ source, entity }: Failed): Promise<LeftOut> {
  const named: Subgroup[] = [];
  const walk = new PageWalk('descendant groups');
  let cursor: string | null = null;
  let total: number | undefined;
  do {
    const page = await listDescendants(source, entity.sourceId, cursor);
    const keys = page.records.map(({ id }) => String(id));
    walk.check(cursor, keys);
    walk.turn(page, keys);
    named.push(...page.records);
    total = page.total ?? total;
    cursor = page.next;
  } while (cursor !== null && named.length < MOST_NAMED);
  const known = cursor === null ? named.length : total;
  const count = Math.min(named.length, MOST_NAMED);
  return { named: named.slice(0, MOST_NAMED), more: known && Math.max(0, known - count) };
}

function recordOne(context: Failed, { id, name, full_path: path }: Subgroup): Promise<void> {
  return recordLeftOut(
    context,
    { key: `descendant:${id}`, title: name },
    messageText({
      before: "'",
      quoted: path,
      after:
        "' was not migrated, since the group above it could not be created. Remove the cause that its failure names, and import it again.",
    }),
  );
}
