import { newTracker, type Tracker } from '../store/trackers.ts';
import type { EntityRun } from './entity-run.ts';
import type { StagedEntry } from './relation.ts';
import type { Redone } from './retry-selection.ts';

/** How many runs there were goes on, and so does which entities were made of a page that was not saved to its end. */
export function resetTracker({ relation, run, counts, state }: Tracker, how: Redone): Tracker {
  const tracker = { ...newTracker(relation), run };
  if (state?.ids !== undefined) tracker.state = { ids: state.ids };
  if (how === 'all') return tracker;
  return { ...tracker, scope: how, ...(how === 'failed' && { counts }) };
}

/**
 * What else is moved again of an entity that another attempt has opened, for those that it has selected: whatever fails the
 * entity as a whole, feeds one of these, or is gone through in each attempt. The first save of the run writes it.
 */
export function openFurther(run: EntityRun, relations: readonly StagedEntry[]): void {
  const { entity } = run;
  if (entity.isReopened !== true) return;
  const isOpen = (name: string) => {
    const status = entity.trackers[name]?.status;
    return status !== 'finished' && status !== 'skipped';
  };
  for (const relation of relations) {
    const tracker = entity.trackers[relation.name];
    if (tracker === undefined || tracker.status === 'skipped') continue;
    const how = howOf(relation, tracker, { isOpen, isThere: entity.namespaceId !== null });
    if (how !== undefined) run.replace(relation.name, resetTracker(tracker, how));
  }
  run.note({ isReopened: false });
}

function howOf(
  { feeds, inRetries, abortOnFailure }: StagedEntry,
  { status, counts }: Tracker,
  { isOpen, isThere }: { isOpen: (name: string) => boolean; isThere: boolean },
): Redone | undefined {
  // What it has made is there, and its failures are those of that.
  const isCounted = counts.source > 0 && counts.fetched === counts.source;
  if (inRetries === 'check' && isThere && isCounted) return 'failed';
  if (inRetries === 'again' || (feeds !== undefined && isOpen(feeds))) return 'all';
  return abortOnFailure && status !== 'finished' ? 'all' : undefined;
}
