import type { Entity } from '../store/entity.ts';
import { newTracker, type Redone, type Tracker } from '../store/trackers.ts';
import type { EntityRun } from './entity-run.ts';
import type { StagedEntry } from './relation.ts';

/**
 * Begins the first run of an entity that another attempt has opened: what that has selected is moved again, and with it
 * whatever fails the entity as a whole, feeds one of these, or is gone through in each attempt. The first save of the run
 * writes it.
 */
export function openAgain(run: EntityRun, relations: readonly StagedEntry[]): void {
  const { entity } = run;
  if (entity.redo == null) return;
  // Projects that come to be only now need the group open, as in the first attempt.
  const listsAgain = relations.some(
    ({ name, makesEntities }) => makesEntities && ['all', 'failed'].includes(entity.redo?.[name] ?? ''),
  );
  for (const relation of relations) {
    const tracker = entity.trackers[relation.name];
    const isReopened = listsAgain && relation.afterProjects && tracker?.status === 'finished';
    const how = isReopened ? 'all' : tracker && howOf(relation, entity);
    if (how !== undefined) run.replace(relation.name, resetTracker(tracker as Tracker, how));
  }
  // As it was before it was reset: what has arrived once stays what has arrived.
  const isWhole = relations.some(
    ({ name, comesWhole, abortOnFailure }) =>
      comesWhole && abortOnFailure && entity.trackers[name]?.status === 'finished',
  );
  const arrivedBefore = entity.arrivedBefore === true || isWhole;
  run.note({ redo: null, ...(entity.sourceType === 'project_entity' && { arrivedBefore }) });
}

/** How much of a relation that had begun is moved again; `undefined` where it stays as it is. */
function howOf(
  { name, feeds, tellsOf, inRetries, abortOnFailure, comesWhole }: StagedEntry,
  { trackers, redo, namespaceId }: Entity,
): Redone | undefined {
  const selected = redo?.[name];
  const { status, counts } = trackers[name] as Tracker;
  if (status === 'skipped') return undefined;
  // What it has made is there, and its failures are those of that.
  const isCounted = counts.source > 0 && counts.fetched === counts.source;
  if (inRetries === 'check' && namespaceId !== null && isCounted) return 'failed';
  if (inRetries === 'again') return 'all';
  if (abortOnFailure && status !== 'finished') return 'all';
  const isAnew = (other: string) => redo?.[other] === 'all';
  if (feeds !== undefined) return isLeft(trackers[feeds]) || isAnew(feeds) ? 'all' : undefined;
  if (tellsOf !== undefined && isAnew(tellsOf)) return 'all';
  if (comesWhole && selected === 'new') return status === 'finished' ? undefined : 'all';
  return selected;
}

/** Whether a relation has not come to its end, so that it needs what feeds it. */
const isLeft = (tracker: Tracker | undefined) =>
  tracker?.status !== 'finished' && tracker?.status !== 'skipped';

/** How many runs there were goes on, and so does which entities were made of a page that was not saved to its end. */
function resetTracker({ relation, run, counts, state }: Tracker, how: Redone): Tracker {
  const tracker = { ...newTracker(relation), run };
  if (state?.ids !== undefined) tracker.state = { ids: state.ids };
  if (how === 'all') return tracker;
  return { ...tracker, scope: how, ...(how === 'failed' && { counts }) };
}
