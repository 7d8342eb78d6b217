import type { Context } from 'aws-lambda';

/** The part of Lambda's context that tells how long an invocation may still run. */
export type TimeLeft = Pick<Context, 'getRemainingTimeInMillis'>;

/** Time kept back at the end of an invocation, ms: for what was begun, and for its last writes. */
const RESERVED_MS = 10_000;

/** The moment (epoch ms) until which an invocation begins something new; none for a caller that has no limit. */
export function workUntil(invocation: TimeLeft | undefined): number {
  if (invocation === undefined) return Number.POSITIVE_INFINITY;
  return Date.now() + invocation.getRemainingTimeInMillis() - RESERVED_MS;
}
