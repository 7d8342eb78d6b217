import type { Secret } from '../domain/secret.ts';
import { NetworkError, QueryTooComplexError, TemporaryError, TokenRejectedError } from './errors.ts';
import { foreignText, messagesOf } from './reasons.ts';
import { AGAIN, type Attempted } from './response-errors.ts';

/** GitLab's words for a query that took more than 30 s, and for an error of its own. Both pass. */
const PASSES = /^(Timeout on |Internal server error)/i;
/** `Query has complexity of 320, which exceeds max complexity of 250`. */
const TOO_COMPLEX = /\bcomplexity\b.{0,200}?\bexceeds\b/i;

/** Whether a GitLab has failed to compute an answer, which less at once may mend as well as another try. */
export function hasFailedToCompute(error: TemporaryError): boolean {
  return error.status === 500 || PASSES.test(error.reason);
}

/** GitLab's words for what is not there, or not to be seen by the token's user. */
const UNKNOWN = /does not exist or you don't have permission/;

/** Whether GraphQL has said that it does not know what was asked for. */
export function isUnknownToGraphql({ reason }: Pick<NetworkError, 'reason'>): boolean {
  return UNKNOWN.test(reason);
}

/** The error for `errors` of a GraphQL response, which has the status 200 whatever they say. */
export function errorOfGraphql(attempted: Attempted, errors: unknown, token: Secret): NetworkError {
  const { instance, operation } = attempted;
  const messages = messagesOf(errors);
  const reason = foreignText(messages.join(', '), token);
  const quoted = reason.replace(/\.+$/, '');
  const request = { ...attempted, status: 200, reason };
  if (messages.some(message => PASSES.test(message))) {
    return new TemporaryError(
      { before: `The ${instance} GitLab could not ${operation}: `, quoted, after: `. ${AGAIN}` },
      { ...request, waitsFor: 'outage' },
    );
  }
  if (messages.includes('Invalid token')) {
    return new TokenRejectedError(
      `The ${instance} GitLab does not accept the ${instance} token any more (${quoted}). Start a new import with a valid token.`,
      request,
    );
  }
  const Kind = messages.some(message => TOO_COMPLEX.test(message)) ? QueryTooComplexError : NetworkError;
  const version = UNKNOWN.test(reason) ? '' : ', and that its version is supported';
  return new Kind(
    {
      before: `The ${instance} GitLab refused to ${operation}: `,
      quoted,
      after: `. Check what the ${instance} token's user may do there${version}.`,
    },
    request,
  );
}
