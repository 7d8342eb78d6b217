import { type Instance, JobExpiredError } from '../domain/errors.ts';
import { TemporaryError } from '../gitlab/errors.ts';
import { measure } from '../platform/invocation.ts';
import type { RelationState } from './relation.ts';

/** What a GitLab does that takes it from seconds to a day. */
export interface Job {
  instance: Instance;
  /** What it is doing, after `it`: `exports the project`. */
  doing: string;
  /** When it was asked to; ISO 8601. */
  since: string;
  /** For so long it is waited for. */
  hours: number;
  /** What to do when it was waited for so long. */
  advice: string;
  /** Whether nothing is seen of it yet: the request for it may have been lost. */
  isUnseen?: boolean;
}

/** A GitLab answers, and is still at work: no trouble, and the end of any trouble that was before it. */
export class JobUnderWayError extends TemporaryError {}

/**
 * The trouble of a job that has not ended: it is looked for again, by the schedule of jobs.
 *
 * @throws JobExpiredError when it was waited for long enough
 */
export function underWay({ instance, doing, since, hours, advice, isUnseen = false }: Job): TemporaryError {
  if (Date.now() - Date.parse(since) > hours * 3_600_000) {
    throw expired(`For ${hours} hours the ${instance} GitLab has said that it ${doing}. ${advice}`);
  }
  measure('JobWaits', 1, { Instance: instance });
  const Trouble = isUnseen ? TemporaryError : JobUnderWayError;
  return new Trouble(`The ${instance} GitLab ${doing}.`, {
    instance,
    method: 'GET',
    reason: `it ${doing}`,
    waitsFor: 'job',
  });
}

/**
 * A job is looked at every five minutes at least, an outage is waited for two hours. Who has not looked for longer was not
 * running, as on a machine that slept: what became of the job meanwhile the next looks will show.
 */
const LONGEST_GAP_MS = 3 * 3_600_000;

/** What is kept of the looks at a job. */
interface Looks {
  /** When it was looked at last; ISO 8601. */
  lookedAt?: string;
  /** How long nobody looked, in all. */
  unwatchedMs?: number;
}

/**
 * Notes a look at a job, and leaves out of its time what passed without anybody looking.
 *
 * @param since when the job was asked for; ISO 8601
 * @returns since when it would have been waited for, had somebody looked all the time
 */
export function watchedSince(state: RelationState, since: string): string {
  const { lookedAt = since, unwatchedMs: before = 0 }: Looks = state.get();
  const now = Date.now();
  const gap = now - Date.parse(lookedAt);
  const unwatchedMs = before + (gap > LONGEST_GAP_MS ? gap : 0);
  state.set({ ...state.get(), lookedAt: new Date(now).toISOString(), unwatchedMs });
  return new Date(Math.min(now, Date.parse(since) + unwatchedMs)).toISOString();
}

/** The error of a job that was waited for longer than it may take, which is counted. */
export function expired(message: string): JobExpiredError {
  measure('JobDeadlines', 1, {});
  return new JobExpiredError(message);
}
