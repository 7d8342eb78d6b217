import type { MiddlewareObj } from '@middy/core';
import type { ApiEvent } from './api-event.ts';

/**
 * Both GitLabs together may take this long, from the arrival of the request on. API Gateway gives up after 30 s; the
 * rest is for the writes and the start of the workflow, so that no import runs of which its caller was not told.
 */
const CHECKS_MS = 20_000;
/** Lambda lets a function take this long to load, before the clock of its time-out begins. */
const LONGEST_START_MS = 10_000;

/** Notes until when the GitLabs may be asked for this request. The first of the middlewares that take time. */
export function timeForChecks(): MiddlewareObj<ApiEvent> {
  return {
    before: ({ event }) => {
      const now = Date.now();
      // API Gateway's clock; a little off from ours, it must neither give time nor take all of it.
      const arrived = event.requestContext?.timeEpoch ?? now;
      event.checksUntil = Math.min(now, Math.max(arrived, now - LONGEST_START_MS)) + CHECKS_MS;
    },
  };
}
