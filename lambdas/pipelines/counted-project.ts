import { NotComparedError } from '../domain/errors.ts';
import { messageText } from '../domain/failure-message.ts';
import type { PipelineContext } from '../engine/relation.ts';
import {
  COUNTED_RELATIONS,
  type Count,
  type CountedRelation,
  countProject,
  relationInWords,
} from '../gitlab/api/project-counts.ts';
import { NOTHING_COUNTED } from '../store/counts.ts';
import type { Counts } from '../store/trackers.ts';
import { relationsToBring } from './repairs.ts';

/** What of a relation is at the source and at the destination; `undefined` where nobody can say. */
export interface Compared {
  relation: CountedRelation;
  source: number | undefined;
  there: number | undefined;
}

/** Counts the project at the source and notes that of its entity. What nobody sees there is counted as none. */
export async function noteSourceCounts(
  context: Pick<PipelineContext, 'bulkImport' | 'source' | 'entity' | 'noteOnEntity'>,
): Promise<void> {
  const { source, entity, noteOnEntity } = context;
  const counts = await countProject(source, { id: entity.sourceId, fullPath: entity.sourceFullPath });
  const isRepaired = entity.arrivedBefore === true;
  const brought: readonly string[] = await relationsToBring(context);
  // Of what is repaired only its relations come again: of the others it has what the first archive had.
  const counted: Record<string, Counts> = isRepaired ? { ...entity.counted } : {};
  for (const [relation, count] of counts) {
    if (isRepaired && !brought.includes(relation)) continue;
    // Where the source shows no repository there may be one all the same.
    if (count !== 'missing') {
      counted[relation] = { ...structuredClone(NOTHING_COUNTED), source: count === 'off' ? 0 : count };
    }
  }
  noteOnEntity({ counted });
}

/** Counts the project at the destination, beside what was noted of the source. */
export async function compareCounts({ destination, entity, target }: PipelineContext): Promise<Compared[]> {
  const fullPath = entity.destinationFullPath ?? '';
  const counts = await countProject(destination, { id: target().id, fullPath });
  return COUNTED_RELATIONS.map(relation => ({
    relation,
    source: entity.counted[relation]?.source,
    there: thereOf(counts.get(relation)),
  }));
}

/**
 * The same, with what nobody could count at the source before its archive was made, as it is now: where the destination has
 * as much, nothing is missing. Where it has less, the source may have grown since, so that it stays unknown.
 */
export async function compareAgain(
  compared: Compared[],
  { source, entity }: PipelineContext,
): Promise<Compared[]> {
  if (entity.attempt === 1 || compared.every(one => one.source !== undefined)) return compared;
  const counts = await countProject(source, { id: entity.sourceId, fullPath: entity.sourceFullPath });
  return compared.map(one => {
    const now = thereOf(counts.get(one.relation));
    const isAllThere = now !== undefined && one.there !== undefined && now <= one.there;
    return one.source === undefined && isAllThere ? { ...one, source: now } : one;
  });
}

/** A repository that is not there has nothing in it; what a feature that is off hides may be there. */
export function thereOf(count: Count | undefined): number | undefined {
  if (count === 'missing') return 0;
  return count === 'off' ? undefined : count;
}

/** Whether it is known of a relation that nothing of it is missing, or how much. What the source does not have cannot be. */
export function isCompared({ source, there }: Compared): boolean {
  return source === 0 || (source !== undefined && there !== undefined);
}

/** How many records the destination has fewer than the source; 0 where that is not known. More there is no failure. */
export function shortfallOf({ source = 0, there = source }: Compared): number {
  return Math.max(0, source - there);
}

/** Says of which relations nobody can say whether all has arrived, and who does not tell. */
export function notCompared(left: readonly Compared[]): NotComparedError {
  const names = left.map(({ relation }) => relationInWords(relation)).join(', ');
  return new NotComparedError(
    messageText({
      before: 'Whether all has arrived is not known of: ',
      quoted: names,
      after: `. ${whereOf(left)} does not count them for its token, or not so many. Compare them by hand.`,
    }),
  );
}

function whereOf(left: readonly Compared[]): string {
  const isOfSource = left.some(({ source }) => source === undefined);
  const isOfDestination = left.some(({ source, there }) => source !== undefined && there === undefined);
  if (isOfSource && isOfDestination) return 'The source or the destination';
  return isOfSource ? 'The source' : 'The destination';
}
