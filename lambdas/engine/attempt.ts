import type { Foreseen } from '../store/changes.ts';
import type { PipelineStep } from '../store/failures.ts';
import type { Change, Skip } from './relation.ts';

/** How a record fared; nothing yet where those before it met trouble. */
export type Attempt = Fared | undefined;

export type Fared = (
  | { outcome: 'imported' | Skip }
  | { outcome: 'failed'; step: PipelineStep; error: unknown }
) & {
  /** What a run that only looks has foreseen of it. */
  foreseen?: Foreseen;
};

/** A record of which is decided that it must be written. */
export interface Pending<Wanted> {
  wanted: Wanted;
  decision: 'create' | Change;
}

/** What was decided about a record: how it fared without a write, or what is to be written. */
export type Decided<Wanted> = (Fared & { wanted?: Wanted }) | Pending<Wanted>;
