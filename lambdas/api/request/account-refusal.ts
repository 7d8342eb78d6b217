import type { NetworkError } from '../../gitlab/errors.ts';

/** What a 403 says that is about the token's scopes, or nothing at all. */
const WITHOUT_WORDS = /^(403\b[\s:-]*)?(forbidden)?[.!]?$/i;
const ABOUT_SCOPES = /requires higher privileges|insufficient_scope/i;

/**
 * What a GitLab says against the user of a token that is good: terms of service that nobody has accepted yet, an
 * account that is blocked or deactivated, a password that has expired (403 with a sentence). `undefined` when the
 * refusal is about the token.
 */
export function refusalOfAccount({ status, reason }: NetworkError): string | undefined {
  if (status !== 403 || WITHOUT_WORDS.test(reason) || ABOUT_SCOPES.test(reason)) return undefined;
  return reason.replace(/^403\s+Forbidden\s*-\s*/i, '');
}
