/**
 * The states of imports, entities and trackers, named as GitLab names them, and the moves between them.
 *
 * An import and an entity share one machine: `created → started → finished`, with `failed` and `timeout` as the
 * other ends; anything may be `canceled`, even what has ended, because GitLab's own state machine allows
 * `any → canceled`.
 */

export const STATUSES = ['created', 'started', 'finished', 'timeout', 'failed', 'canceled'] as const;
export type Status = (typeof STATUSES)[number];

/** The states that nothing but a cancel can leave. */
export const TERMINAL_STATUSES = ['finished', 'timeout', 'failed', 'canceled'] as const satisfies Status[];

/** For each status, the statuses that an import or entity may have just before it. */
export const ALLOWED_FROM: Record<Exclude<Status, 'created'>, readonly Status[]> = {
  started: ['created'],
  finished: ['started'],
  timeout: ['created', 'started'],
  failed: ['created', 'started'],
  canceled: ['created', 'started', 'finished', 'timeout', 'failed'],
};

export const TRACKER_STATUSES = [
  'created',
  'started',
  'finished',
  'timeout',
  'failed',
  'canceled',
  'skipped',
] as const;
export type TrackerStatus = (typeof TRACKER_STATUSES)[number];

/** Whether an import or entity has ended. */
export function isTerminal(status: Status): boolean {
  return (TERMINAL_STATUSES as readonly Status[]).includes(status);
}

/** Whether a tracker has ended. */
export function isTrackerTerminal(status: TrackerStatus): boolean {
  return status !== 'created' && status !== 'started';
}
