import { TemporaryError } from '../gitlab/errors.ts';

/** A request whose response was lost may take effect as long after it was sent: a proxy waits less than that. */
export const SLOWEST_REQUEST_MS = 5 * 60_000;

/**
 * A request that has had no response may still take effect, for so many seconds. It is part of the outage that has taken
 * the response, and of the two hours for which that is waited for.
 */
export class LateEffectError extends TemporaryError {
  constructor(seconds: number) {
    super(
      'The destination GitLab gave no response to the request that creates it, which may still take effect. Look for it there, and add it by hand if it is missing.',
      {
        instance: 'destination',
        method: 'POST',
        reason: 'a request that had no response may still take effect',
        waitsFor: 'outage',
        retryAfter: seconds,
      },
    );
  }
}
