import { createHash } from 'node:crypto';
import pLimit from 'p-limit';
import type { Secret } from '../../domain/secret.ts';
import { getTokenScopes } from '../../gitlab/api/instance.ts';
import { type CurrentUser, getCurrentUser } from '../../gitlab/api/users.ts';
import { destinationClient } from '../../gitlab/connections.ts';
import { NetworkError, TemporaryError } from '../../gitlab/errors.ts';
import { unavailable } from '../answers/http-errors.ts';

/** What the destination knows of a token. */
export interface Identity {
  user: CurrentUser;
  /** `undefined` when the destination is too old to tell. */
  scopes: string[] | undefined;
}

/** A revoked token may read here for at most this long. */
const KNOWN_MS = 60_000;
/** Whoever sends a bad token again and again gets its refusal without a request for so long. */
const REFUSED_MS = 30_000;
/** Tokens remembered per process, good ones and bad ones each; the oldest goes first. */
const REMEMBERED_TOKENS = 1_000;
/** Tokens that are checked at the same time, and that wait for it; more callers than that are asked to come back. */
const CHECKS_AT_ONCE = 10;
const MOST_WAITING = 100;
const COME_BACK_SECONDS = 5;

/** What is remembered of tokens, by their digests, for some time. */
class Remembered<Value> {
  readonly #values = new Map<string, { value: Value; until: number }>();
  readonly #ms: number;

  constructor(ms: number) {
    this.#ms = ms;
  }

  get(digest: string): Value | undefined {
    const found = this.#values.get(digest);
    return found !== undefined && found.until > Date.now() ? found.value : undefined;
  }

  set(digest: string, value: Value): void {
    this.#values.delete(digest);
    this.#values.set(digest, { value, until: Date.now() + this.#ms });
    const [oldest] = this.#values.keys();
    if (this.#values.size > REMEMBERED_TOKENS && oldest !== undefined) this.#values.delete(oldest);
  }

  delete(digest: string): void {
    this.#values.delete(digest);
  }

  clear(): void {
    this.#values.clear();
  }
}

const known = new Remembered<Identity>(KNOWN_MS);
const refused = new Remembered<NetworkError>(REFUSED_MS);
const running = new Map<string, Promise<Identity>>();
const limit = pLimit(CHECKS_AT_ONCE);

/**
 * Asks the destination whose token this is, unless it has said so a moment ago. Whoever asks about the same token at
 * the same time gets the same answer; a refusal is remembered, and trouble is not.
 *
 * @param anew whether what is remembered of a good token does not do: it may have been revoked since
 * @param until epoch ms; a check takes no longer
 * @throws NetworkError that says how the destination refused it, or why it could not tell; 503 when too many are checked
 */
export async function identify(
  token: Secret,
  { anew, until }: { anew: boolean; until: number },
): Promise<Identity> {
  const digest = createHash('sha256').update(token.expose()).digest('base64');
  const refusal = refused.get(digest);
  if (refusal !== undefined) throw refusal;
  const identity = known.get(digest);
  if (identity !== undefined && !anew) return identity;
  const shared = running.get(digest);
  if (shared !== undefined) return shared;
  if (limit.pendingCount >= MOST_WAITING) {
    throw unavailable('Too many tokens are being checked. Try again in a few seconds.', COME_BACK_SECONDS);
  }
  const check = limit(() => ask(token, digest, until)).finally(() => {
    if (running.get(digest) === check) running.delete(digest);
  });
  running.set(digest, check);
  return check;
}

/** The user first: one request tells that a token is bad. The scopes of a token never change. */
async function ask(token: Secret, digest: string, until: number): Promise<Identity> {
  const earlier = known.get(digest);
  try {
    const client = destinationClient(token, until);
    const user = await getCurrentUser(client);
    const scopes = earlier === undefined ? await getTokenScopes(client) : earlier.scopes;
    const identity = { user, scopes };
    known.set(digest, identity);
    return identity;
  } catch (error) {
    if (isRefusal(error)) {
      known.delete(digest);
      refused.set(digest, error);
    }
    throw error;
  }
}

function isRefusal(error: unknown): error is NetworkError {
  return (
    error instanceof NetworkError &&
    !(error instanceof TemporaryError) &&
    (error.status === 401 || error.status === 403)
  );
}

/** Forgets all tokens, and the checks that are under way; for tests, whose GitLabs know the same tokens. */
export function forgetTokens(): void {
  known.clear();
  refused.clear();
  running.clear();
}
