import type { PipelineContext } from '../engine/relation.ts';
import { runBudgetExceeded, TREE } from '../gitlab/budgets.ts';
import { takeIds } from '../store/counters.ts';
import { countChildren } from '../store/imports.ts';

/** Ids of the entities that are made of subgroups or projects, by their ids at the source. */
type ChildIds = Readonly<Record<string, number>>;

/**
 * So many ids are kept, those of the highest source ids, in whose order they are read: two pages of them. One that
 * slides from one page to the next, since another came before it, is met again there. 200 take 3 KB.
 */
const MOST_KEPT = 200;

/**
 * The ids for the entities of these subgroups or projects of one page, in one block. They are saved before this returns: a
 * run that comes again gets the same ones, and one that was overtaken throws, so that none of them becomes two entities.
 *
 * @returns without those for which the import has no room any more
 * @throws RunOvertakenError when another run has taken over
 */
export async function idsOfChildren(
  sourceIds: number[],
  { entity, state, save }: Pick<PipelineContext, 'entity' | 'state' | 'save'>,
): Promise<ChildIds> {
  const known = (state.get().ids ?? {}) as ChildIds;
  const unknown = sourceIds.filter(id => known[id] === undefined);
  if (unknown.length === 0) return known;
  const counted = await countChildren(entity.importId, unknown.length);
  const room = Math.max(0, TREE.entities() - (counted - unknown.length));
  const some = unknown.slice(0, room);
  if (some.length === 0) return known;
  const first = await takeIds('ENTITY', some.length);
  const all = { ...known, ...Object.fromEntries(some.map((id, index) => [id, first + index])) };
  // Numbers are an object's keys in ascending order.
  state.set({ ids: Object.fromEntries(Object.entries(all).slice(-MOST_KEPT)) });
  await save();
  return all;
}

/** The error of a subgroup or project for which the import has no room any more. */
export function noRoom(): Error {
  return runBudgetExceeded({
    instance: 'source',
    operation: 'list what the group holds',
    what: `the import has more than ${TREE.entities()} groups and projects`,
    setting: 'entitiesPerImport',
  });
}
