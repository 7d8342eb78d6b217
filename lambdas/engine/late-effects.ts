import { TemporaryError } from '../gitlab/errors.ts';

/** A request whose response was lost may take effect as long after it was sent: a proxy waits less than that. */
export const SLOWEST_REQUEST_MS = 5 * 60_000;

/** What is waited for when a request that has had no response may still take effect. */
export function lateEffect(seconds: number): TemporaryError {
  return new TemporaryError('A request that had no response may still take effect.', {
    instance: 'destination',
    method: 'POST',
    reason: 'a request that had no response may still take effect',
    waitsFor: 'job',
    retryAfter: seconds,
  });
}
