import * as z from 'zod/mini';

/** What the state machine hands to a lane: ids only. */
export const runEventSchema = z.object({
  importId: z.int(),
  /** The attempt of the import whose execution this is. */
  attempt: z._default(z.int(), 1),
  entityId: z.int(),
  /** Lambda that is called next; a run may name another lane. */
  functionName: z.string(),
  /** The Lambda of each lane, by its name; absent where there is one lane. */
  lanes: z.optional(z.record(z.string(), z.string())),
  /** Whether all projects of the import have ended, so that what waited for them is moved. */
  afterProjects: z.optional(z.boolean()),
  /** The one relation to move, and the run of the entity that has handed it out; absent for all of them. */
  only: z.optional(z.string()),
  run: z.optional(z.int()),
  /** How often in a row the workflow has caught the death of a run, each time after its own retries. */
  crashes: z.optional(z.int()),
  /** How many entities of the import may run at the same time, until the first run of this one has begun. */
  places: z.optional(z.int()),
});
export type RunEvent = z.infer<typeof runEventSchema>;

/** What the state machine does next: run again at once, run again after a wait, run relations apart, or end. */
export type RunStatus = 'continue' | 'wait' | 'split' | 'ended';

/** Handed on to the next call of a lane, which is why it has all of its event. */
export interface RunResult extends RunEvent {
  status: RunStatus;
  /** Seconds; 0 unless the status is `wait`. */
  waitSeconds: number;
  /** The relations to run apart; empty unless the status is `split`. */
  relations: RunEvent[];
}
