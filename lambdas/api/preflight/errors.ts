import { BlockedUrlError, NetworkError, TemporaryError } from '../../gitlab/errors.ts';
import { unprocessable } from '../answers/http-errors.ts';
import { refusalOfAccount } from '../request/account-refusal.ts';
import { MESSAGES } from './messages.ts';

/**
 * What the caller is told about an error of the checks. Messages of ours are passed on whole, because the advice is at
 * their end; GitLab's words in them have been cut where they were read. Only what passes by itself is worth another try.
 */
export function asUnprocessable(error: unknown): unknown {
  if (error instanceof BlockedUrlError) {
    return unprocessable(`Validation failed: ${error.message.replace(/^URL/, 'Url')}`);
  }
  if (!(error instanceof NetworkError)) return error;
  if (error.reason === 'timeout') return unprocessable(MESSAGES.tooSlow);
  const message = error.wholeMessage;
  const isAdvised = !(error instanceof TemporaryError) || /\btry again\b/i.test(message);
  return unprocessable(isAdvised ? message : `${message} Try again later.`);
}

/** The same for the first requests to the source, which tell whether its token is any good. */
export function asBadToken(error: unknown): unknown {
  const isRefused =
    error instanceof NetworkError &&
    !(error instanceof TemporaryError) &&
    [401, 403].includes(error.status ?? 0);
  if (!isRefused) return error;
  return refusalOfAccount(error) === undefined ? unprocessable(MESSAGES.badToken) : error;
}
