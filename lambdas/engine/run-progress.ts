import { isTerminal } from '../domain/statuses.ts';
import type { PipelineEntry } from '../pipelines/stages.ts';
import { measure } from '../platform/invocation.ts';
import { RECORD_OUTCOMES } from '../platform/metrics.ts';
import { showProgress } from '../store/entities.ts';
import { getImport } from '../store/imports.ts';
import { type Counts, saveTracker, type Tracker } from '../store/trackers.ts';
import { endOpenEntities } from './end-import.ts';

/** Writes down how far a run has come: in its tracker, in the entity and in the metrics. */
export class RunProgress {
  readonly #entry: PipelineEntry;
  /** What the metrics have been told of so far. */
  #measured: Counts;
  /** Whether the entity says that this pipeline waits. */
  #isShownWaiting: boolean;

  /** @param started the tracker as the run has found it */
  constructor(entry: PipelineEntry, started: Tracker) {
    this.#entry = entry;
    this.#measured = { ...started.counts };
    this.#isShownWaiting = started.waiting !== null;
  }

  /** Saves progress and copies it to the entity. Returns false when this run must stop: overtaken, or import ended. */
  async save(tracker: Tracker): Promise<boolean> {
    const { importId, entityId: id, counts, waiting } = tracker;
    const isSaved = await saveTracker(tracker);
    if (isSaved) this.#measure(counts);
    if (isSaved && (counts.source > 0 || waiting !== null || this.#isShownWaiting)) {
      await showProgress({ importId, id }, this.#entry.relation, tracker);
      this.#isShownWaiting = waiting !== null;
    }
    const { status } = await getImport(importId);
    // Entities that this page has made after the import ended must not be left open.
    if (isTerminal(status)) await endOpenEntities(importId, { parentId: id });
    return isSaved && !isTerminal(status);
  }

  /** Counts what was saved since the last time; what an overtaken run could not save is counted by its successor. */
  #measure(counts: Counts): void {
    for (const outcome of RECORD_OUTCOMES) {
      const added = counts[outcome] - this.#measured[outcome];
      if (added > 0) measure('Records', added, { Relation: this.#entry.relation, Outcome: outcome });
    }
    this.#measured = { ...counts };
  }
}
