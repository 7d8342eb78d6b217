import { createHash } from 'node:crypto';
import type { MiddlewareObj } from '@middy/core';
import { getTokenScopes } from '../gitlab/api/instance.ts';
import { type CurrentUser, getCurrentUser } from '../gitlab/api/users.ts';
import { destinationClient } from '../gitlab/connections.ts';
import { NetworkError, TemporaryError, TokenRejectedError } from '../shared/errors.ts';
import { Secret } from '../shared/secret.ts';
import { refusalOfAccount } from './account-refusal.ts';
import type { ApiEvent } from './http.ts';
import { accountRefused, insufficientScope, invalidToken, unauthorized, unavailable } from './http-errors.ts';

/** The owner of the token that came with a request, as the destination GitLab knows them. */
export interface Caller {
  id: number;
  isAdmin: boolean;
  canCreateGroup: boolean;
  /** Whether they have two-factor authentication; `undefined` when the destination does not tell. */
  hasTwoFactor: boolean | undefined;
  /** Origin of the destination by its own account, whatever URL it is reached at: `https://gitlab.com`. */
  gitlabOrigin: string | undefined;
  token: Secret;
}

interface Identity {
  user: CurrentUser;
  /** `undefined` when the destination is too old to tell. */
  scopes: string[] | undefined;
}

/** A revoked token works here for at most this long. */
const REMEMBERED_MS = 60_000;
/** Tokens remembered per process; the oldest goes first. */
const REMEMBERED_TOKENS = 1_000;
/** Of the time that a request has for both GitLabs, this much may go into its token. */
const CHECK_MS = 8_000;

const remembered = new Map<string, { identity: Identity; until: number }>();

/** Finds the caller's token where GitLab finds it, asks the destination whose it is, and checks its scope. */
export function authenticate(scopes: string[]): MiddlewareObj<ApiEvent> {
  return {
    before: async ({ event }) => {
      const token = tokenOf(event);
      if (token === undefined) throw unauthorized();
      const until = Math.min(Date.now() + CHECK_MS, event.checksUntil);
      const { user, scopes: granted } = await identify(token, scopes, until);
      if (granted !== undefined && !scopes.some(scope => granted.includes(scope))) {
        throw insufficientScope(scopes);
      }
      event.caller = {
        id: user.id,
        isAdmin: user.is_admin === true,
        canCreateGroup: user.can_create_group !== false,
        hasTwoFactor: user.two_factor_enabled ?? undefined,
        gitlabOrigin: URL.canParse(user.web_url ?? '') ? new URL(user.web_url ?? '').origin : undefined,
        token,
      };
    },
  };
}

/** `PRIVATE-TOKEN`, `private_token`, `Authorization: Bearer`, `access_token`: GitLab's order. */
function tokenOf(event: ApiEvent): Secret | undefined {
  const candidates = [
    event.headers['private-token'],
    event.input.private_token,
    /^Bearer\s+(.+)$/i.exec(event.headers.authorization ?? '')?.[1],
    event.input.access_token,
  ];
  const token = candidates.find(candidate => typeof candidate === 'string' && candidate.trim() !== '');
  return token === undefined ? undefined : new Secret(String(token).trim());
}

async function identify(token: Secret, accepted: string[], until: number): Promise<Identity> {
  const digest = digestOf(token);
  const known = remembered.get(digest);
  if (known !== undefined && known.until > Date.now()) return known.identity;
  try {
    const client = destinationClient(token, until);
    const [user, scopes] = await Promise.all([getCurrentUser(client), getTokenScopes(client)]);
    const identity = { user, scopes };
    remember(digest, identity);
    return identity;
  } catch (error) {
    throw refusal(error, accepted);
  }
}

/**
 * The answer to a caller whose token the destination has just refused, although it was good when it was checked. It is
 * forgotten and checked again, because not every refusal says why: those of GraphQL do not.
 */
export async function refuseCaller({ token }: Caller, until: number): Promise<unknown> {
  remembered.delete(digestOf(token));
  try {
    await getCurrentUser(destinationClient(token, until));
    return unauthorized();
  } catch (error) {
    return refusal(error, ['api']);
  }
}

const digestOf = (token: Secret) => createHash('sha256').update(token.expose()).digest('base64');

function remember(digest: string, identity: Identity): void {
  remembered.delete(digest);
  remembered.set(digest, { identity, until: Date.now() + REMEMBERED_MS });
  const [oldest] = remembered.keys();
  if (remembered.size > REMEMBERED_TOKENS && oldest !== undefined) remembered.delete(oldest);
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

/** Forgets all tokens; for tests. */
export function forgetTokens(): void {
  remembered.clear();
}
