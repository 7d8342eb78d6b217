import * as z from 'zod/mini';
import { WAITS_FOR } from '../domain/errors.ts';

export const waitingSchema = z.object({
  waitsFor: z.enum(WAITS_FOR),
  /** The GitLab that is waited for. */
  instance: z.enum(['source', 'destination']),
  /** What it said, or what happened to the request. */
  reason: z.string(),
  /** When the first of the waits in a row began. */
  since: z.string(),
  /** Until when nothing is asked of the GitLab; in the past while it is tried again. */
  until: z.string(),
});

/** What a pipeline waits for; times are ISO 8601. */
export type Waiting = z.infer<typeof waitingSchema>;
