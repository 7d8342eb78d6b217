import {
  NetworkError,
  QueryTooComplexError,
  ResponseTooLargeError,
  RunBudgetError,
  TemporaryError,
  TokenRejectedError,
} from './errors.ts';

/** What callers ask about an error of the client. */

/**
 * Whether a GitLab has refused, or responded otherwise than it should, so that the same request would end the same way:
 * not trouble that passes, nor a token that is not accepted or a budget that is spent, with which every request would.
 */
export function isRefusal(error: unknown): error is NetworkError {
  const isOther =
    error instanceof TemporaryError || error instanceof TokenRejectedError || error instanceof RunBudgetError;
  return error instanceof NetworkError && !isOther;
}

/** Whether a GitLab has said that the group itself is not there, and not just what was looked for in it. */
export function isGroupGone(error: unknown): boolean {
  return error instanceof NetworkError && error.status === 404 && /\bGroup Not Found\b/.test(error.reason);
}

/** Whether a GitLab itself has said that something is not there. A firewall's or proxy's page with 404 says nothing. */
export function isNotFound(error: unknown): error is NetworkError {
  return error instanceof NetworkError && error.status === 404;
}

/** Whether a success could not be read: what was asked for is done. */
export function isUnreadableSuccess(error: unknown): boolean {
  return error instanceof NetworkError && error.status !== undefined && error.status < 300;
}

/** Whether it was not our turn, and the request was not looked at, or not even sent. */
export function isLimit(error: unknown): boolean {
  return error instanceof TemporaryError && error.waitsFor === 'limit';
}

/** Whether a GitLab has said that it did not do what was asked; after a 5xx or a lost response it may have. */
export function hadNoEffect(error: unknown): boolean {
  if (error instanceof TemporaryError) return false;
  return error instanceof NetworkError && (error.status ?? 0) >= 300 && (error.status ?? 0) < 500;
}

/** Whether a GitLab has said that there were too many requests, and has not looked at this one. */
export function isThrottled(error: unknown): boolean {
  return error instanceof TemporaryError && error.status === 429;
}

/** Node's codes of a connection that was never made. */
const NEVER_SENT = /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|ENOTFOUND)$/;

/** Whether there was no connection by which a request could have been sent. */
export function wasNeverSent(error: unknown): boolean {
  return error instanceof NetworkError && error.status === undefined && NEVER_SENT.test(error.reason);
}

/** Tells the errors with which a GitLab has answered so: with one of these statuses, and words that match, if any. */
export function status(codes: number | readonly number[], words?: RegExp): (error: unknown) => boolean {
  const all = [codes].flat();
  return error =>
    error instanceof NetworkError &&
    all.includes(error.status ?? 0) &&
    (words === undefined || words.test(error.reason));
}

/**
 * Whether a web page came that a site sends which is no GitLab: one that it has (200), or one that says that it has none
 * (404). Firewalls and proxies send theirs with 403, 429, 503 or the like, but not always.
 */
export function isOtherSite(error: unknown): boolean {
  return error instanceof NetworkError && (error.pageStatus === 200 || error.pageStatus === 404);
}

/**
 * GitLab's sentences about the user and not the request: terms of service not accepted, account blocked, deactivated
 * or pending approval, password expired, e-mail address not confirmed, two-factor authentication missing.
 */
const OF_THE_USER =
  /terms of service|\baccount\b|password|e-?mail address|two-factor|\b2fa\b|not accessible for user/i;

/** Whether a GitLab refuses the user of the token, whatever they ask for. */
export function isAboutUser({ status, reason }: { status: number | undefined; reason: string }): boolean {
  return status === 403 && OF_THE_USER.test(reason);
}

/** Whether a GraphQL query asks for more than the GitLab computes at once (250 points for a user; `first` multiplies). */
export function isTooComplex(error: unknown): error is QueryTooComplexError {
  return error instanceof QueryTooComplexError;
}

/** Whether a response was larger than what is read of one. */
export function isTooLarge(error: unknown): error is ResponseTooLargeError {
  return error instanceof ResponseTooLargeError;
}
