import { FIRST_OF_GRAPHQL } from '../gitlab/api/group-connections.ts';
import type { GroupRead } from '../gitlab/api/group-read.ts';
import type { Page } from '../gitlab/client.ts';
import type { Collection } from './collection-declaration.ts';
import { CollectionRecords, NOTED_AT_ONCE } from './collection-records.ts';
import { ONLY_PLANNED } from './planned.ts';
import { Change, type Relation, type RelationEntry } from './relation.ts';
import { knownGroup } from './source-group.ts';

/** How many records are created at the same time. */
const PARALLEL = 4;

/** Makes a relation of a collection. */
export function collection<Source, Wanted extends object, Shown extends { id: number }>(
  of: Collection<Source, Wanted, Shown>,
): Relation<Source, Wanted, Map<string, Shown>> {
  const { createMany, isTakenHere, isTakenTwice, keyOf, part } = of;
  const records = new CollectionRecords(of);
  return {
    ...entryOf(of),
    // One by one where twins are possible: of those in one page only the first may be created.
    parallel: isTakenTwice ? 1 : PARALLEL,
    ...(part !== undefined && {
      part: { ...part, cursor: FIRST_OF_GRAPHQL, page: (group: GroupRead) => ifWhole(part.page(group)) },
    }),
    read: ({ entity, source }, cursor) => of.read(source, knownGroup(entity), cursor),
    existing: context => records.existing(context),
    nothing: () => new Map(),
    nameOf: of.nameOf ?? (record => ({ key: keyOf(of.want(record)), title: keyOf(of.want(record)) })),
    want: of.want,

    decide(wanted, existing, context) {
      const found = existing.get(keyOf(wanted));
      if (found === undefined) return 'create';
      context.sent?.settle(keyOf(wanted));
      const differs = records.missingAfterwards(wanted, found);
      if (differs.length > 0) return new Change(differs);
      records.check(wanted, found, context);
      return 'keep';
    },

    differences: (record, wanted, context, existing) =>
      records.differences(record, wanted, context, existing),

    planned: {
      outlook(wanted, _, __, existing) {
        existing.set(keyOf(wanted), { ...(wanted as unknown as Shown), id: ONLY_PLANNED });
        return { writes: 1 };
      },
    },

    create: (wanted, context, existing) => records.createOne(wanted, context, existing),
    ...(isTakenHere !== undefined && { isTakenHere }),

    async change(wanted, context, existing) {
      const found = existing.get(keyOf(wanted)) as Shown;
      const complete = await records.complete(wanted, found, context);
      existing.set(keyOf(wanted), complete);
      records.check(wanted, complete, context);
    },

    ...(createMany !== undefined && {
      many: {
        size: createMany.size,
        create: (wanted, context, existing) => records.createMany(wanted, context, existing),
      },
    }),

    ...(isTakenTwice && {
      many: {
        size: NOTED_AT_ONCE,
        create: (wanted, context, existing) => records.createNoted(wanted, context, existing),
      },
      isTakenTwice,
    }),
  };
}

/** What a relation is known by, without the rest. */
function entryOf({ name, pipelineClass, relation, optIn, edition }: RelationEntry): RelationEntry {
  return {
    name,
    pipelineClass,
    relation,
    ...(optIn !== undefined && { optIn }),
    ...(edition !== undefined && { edition }),
  };
}

/**
 * A list of several pages is read by REST from its beginning: unlike GraphQL it says how long the list is, by which
 * progress is shown, a long one gets a run of its own, and one that was changed meanwhile is noticed.
 */
function ifWhole<T>(page: Page<T> | undefined): Page<T> | undefined {
  return page?.next === null ? page : undefined;
}
