import pLimit from 'p-limit';
import { messageOf } from '../domain/errors.ts';
import { messageText } from '../domain/failure-message.ts';
import { StoreError } from '../domain/store-errors.ts';
import { pagesOf } from '../engine/page-walk.ts';
import { isVerification } from '../engine/planned.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { listDescendants } from '../gitlab/api/groups.ts';
import { isAwaitingDeletion, listGroupProjects } from '../gitlab/api/projects.ts';
import type { Page } from '../gitlab/client.ts';
import { isGroupGone } from '../gitlab/client-errors.ts';
import { type Changes, sumChanges } from '../store/changes.ts';
import { REST_OF_PROJECTS, REST_OF_SUBGROUPS, recordLeftOut } from './left-out-failures.ts';

/** More subgroups, or projects, than this are counted, not named. */
const MOST_NAMED = 1_000;
const PARALLEL_WRITES = 8;

/** What of a run is needed to account for what it leaves out. */
type Failed = Pick<PipelineContext, 'bulkImport' | 'entity' | 'source' | 'recordFailure' | 'noteOnEntity'>;

/** A subgroup or project as its list shows it. */
interface Held {
  id: number;
  name: string;
  fullPath: string;
}

/** What can be below a group that could not be created. */
interface Kind {
  /** `subgroups`, for people. */
  inWords: string;
  /** Before the id in the key of a failure. */
  key: string;
  /** The failure that speaks of all that have none of their own. */
  rest: typeof REST_OF_SUBGROUPS;
  list(context: Failed, cursor: string | null): Promise<Page<Held>>;
}

const SUBGROUPS: Kind = {
  inWords: 'subgroups',
  key: 'descendant',
  rest: REST_OF_SUBGROUPS,
  async list({ source, entity }, cursor) {
    const page = await listDescendants(source, entity.sourceId, cursor);
    return {
      ...page,
      records: page.records.map(({ full_path: fullPath, ...group }) => ({ ...group, fullPath })),
    };
  },
};

const PROJECTS: Kind = {
  inWords: 'projects',
  key: 'project',
  rest: REST_OF_PROJECTS,
  async list({ source, entity }, cursor) {
    const page = await listGroupProjects(source, entity.sourceId, cursor, true);
    const records = page.records
      .filter(project => !isAwaitingDeletion(project))
      .map(({ id, name, path_with_namespace: fullPath }) => ({ id, name, fullPath }));
    return { ...page, records };
  },
};

interface LeftOut {
  named: Held[];
  /** How many are not named; `undefined` when there are some and nobody says how many. */
  more: number | undefined;
}

/**
 * Accounts by name for the groups and projects below a group that could not be created: nothing else ever speaks of
 * them, since their entities are made when their parent is complete. One failure each; repeated, it writes the same ones.
 * A verification has them in its figures, too.
 *
 * @param isWaitedFor whether trouble with listing them is waited for; it is thrown before anything of the list is written
 * @throws StoreError when the table cannot be used
 */
export async function recordLeftOutBelow(
  context: Failed,
  isWaitedFor: (error: unknown) => boolean,
): Promise<void> {
  const compared: Record<string, Changes> = {
    subgroup_entities: await recordAll(SUBGROUPS, context, isWaitedFor),
  };
  if (context.entity.relations.project_entities !== false) {
    compared.project_entities = await recordAll(PROJECTS, context, isWaitedFor);
  }
  if (isVerification(context)) context.noteOnEntity({ compared });
}

const NOTHING = sumChanges([]);
/** Of what could not be listed nobody knows how much there is. */
const NOT_COMPARED: Changes = { ...NOTHING, blocked: 1 };
const missing = (count: number): Changes => ({ ...NOTHING, create: count, blocked: count });

async function recordAll(
  kind: Kind,
  context: Failed,
  isWaitedFor: (error: unknown) => boolean,
): Promise<Changes> {
  const { inWords } = kind;
  try {
    const { named, more } = await readAll(kind, context);
    const limit = pLimit(PARALLEL_WRITES);
    await Promise.all(named.map(held => limit(() => recordOne(kind, context, held))));
    if (more === 0) return missing(named.length);
    const count = more === undefined ? 'More' : `${more} more`;
    await recordLeftOut(
      context,
      { ...kind.rest, title: `and ${more ?? ''} more ${inWords}`.replace('  ', ' ') },
      `${count} ${inWords} below this group were not migrated, since it could not be created. Remove the cause that its failure names, and import it again.`,
    );
    return missing(named.length + (more ?? 1));
  } catch (error) {
    if (error instanceof StoreError || isWaitedFor(error)) throw error;
    // There is nothing below a group that is gone itself, which its own failure says.
    if (isGroupGone(error)) return NOTHING;
    await recordLeftOut(
      context,
      kind.rest,
      messageText({
        before: `The ${inWords} of this group were not migrated, and could not be listed either: `,
        quoted: messageOf(error),
        after: ' Look them up at the source, and import the group again.',
      }),
    );
    return NOT_COMPARED;
  }
}

async function readAll(kind: Kind, context: Failed): Promise<LeftOut> {
  const named: Held[] = [];
  const read = (cursor: string | null) => kind.list(context, cursor);
  let next: string | null = null;
  let total: number | undefined;
  for await (const page of pagesOf(kind.inWords, ({ id }) => String(id), read)) {
    named.push(...page.records);
    total = page.total ?? total;
    next = page.next;
    if (named.length >= MOST_NAMED) break;
  }
  const known = next === null ? named.length : total;
  const count = Math.min(named.length, MOST_NAMED);
  return { named: named.slice(0, MOST_NAMED), more: known && Math.max(0, known - count) };
}

function recordOne({ key }: Kind, context: Failed, { id, name, fullPath }: Held): Promise<void> {
  return recordLeftOut(
    context,
    { key: `${key}:${id}`, title: name },
    messageText({
      before: "'",
      quoted: fullPath,
      after:
        "' was not migrated, since the group above it could not be created. Remove the cause that its failure names, and import it again.",
    }),
  );
}
