import type { MiddlewareObj } from '@middy/core';
import { Secret } from '../../domain/secret.ts';
import { NetworkError, TemporaryError, TokenRejectedError } from '../../gitlab/errors.ts';
import {
  accountRefused,
  insufficientScope,
  invalidToken,
  unauthorized,
  unavailable,
} from '../answers/http-errors.ts';
import { refusalOfAccount } from './account-refusal.ts';
import type { ApiEvent, Caller } from './api-event.ts';
import { readBody } from './parse-input.ts';
import { identify } from './token-checks.ts';

/** Of the time that a request has for both GitLabs, this much may go into its token. */
const CHECK_MS = 8_000;

/** What a token can be made of; GitLab's have 20 to 300 characters. Anything else is nobody's, and is not asked about. */
const WELL_FORMED = /^[\x21-\x7e]{1,1024}$/;

/** What a route asks of a token. */
export interface Access {
  /** Scopes of which one is enough. */
  scopes: string[];
  /** Whether the destination is asked anew, so that a token that was revoked a moment ago does nothing any more. */
  anew: boolean;
}

/**
 * Finds the caller's token where GitLab finds it, asks the destination whose it is, and checks its scope. The body is
 * read only if the token is nowhere else, or when it is good.
 */
export function authenticate({ scopes, anew }: Access): MiddlewareObj<ApiEvent> {
  return {
    before: async ({ event }) => {
      const token = tokenOf(event) ?? (await tokenInBody(event));
      if (token === undefined || !WELL_FORMED.test(token)) throw unauthorized();
      const secret = new Secret(token);
      const until = Math.min(Date.now() + CHECK_MS, event.checksUntil);
      const { user, scopes: granted } = await identify(secret, { anew, until }).catch(error => {
        throw refusal(error, scopes);
      });
      if (granted !== undefined && !scopes.some(scope => granted.includes(scope))) {
        throw insufficientScope(scopes);
      }
      event.caller = {
        id: user.id,
        isAdmin: user.is_admin === true,
        canCreateGroup: user.can_create_group !== false,
        isBot: user.bot === true,
        hasTwoFactor: user.two_factor_enabled ?? undefined,
        gitlabOrigin: URL.canParse(user.web_url ?? '') ? new URL(user.web_url ?? '').origin : undefined,
        token: secret,
      };
    },
  };
}

/** `PRIVATE-TOKEN`, `private_token`, `Authorization: Bearer`, `access_token`: GitLab's order. */
function tokenOf({ headers, input }: ApiEvent): string | undefined {
  const candidates = [
    headers['private-token'],
    input.private_token,
    /^Bearer\s+(.+)$/i.exec(headers.authorization ?? '')?.[1],
    input.access_token,
  ];
  return candidates
    .filter(candidate => typeof candidate === 'string')
    .map(candidate => candidate.trim())
    .find(candidate => candidate !== '');
}

async function tokenInBody(event: ApiEvent): Promise<string | undefined> {
  await readBody(event);
  return tokenOf(event);
}

/**
 * The answer to a caller whose token the destination has just refused, although it was good when it was checked. It is
 * checked again, because not every refusal says why: those of GraphQL do not.
 */
export async function refuseCaller({ token }: Caller, until: number): Promise<unknown> {
  try {
    await identify(token, { anew: true, until });
    return unauthorized();
  } catch (error) {
    return refusal(error, ['api']);
  }
}

function refusal(error: unknown, accepted: string[]): unknown {
  if (error instanceof TokenRejectedError) {
    return /^Token (is expired|was revoked)/.test(error.reason) ? invalidToken(error.reason) : unauthorized();
  }
  if (error instanceof TemporaryError) return unavailable(error.message, error.waitSeconds);
  if (error instanceof NetworkError && error.status === 403) {
    const words = refusalOfAccount(error);
    return words === undefined ? insufficientScope(accepted) : accountRefused(words);
  }
  // Somebody has to repair something first, so there is no time after which to try again.
  if (error instanceof NetworkError) return unavailable(error.message);
  return error;
}
