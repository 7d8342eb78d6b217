import type { Instance } from '../domain/errors.ts';
import type { RateLimitStore } from '../domain/rate-limit-store.ts';
import type { Secret } from '../domain/secret.ts';
import { environment } from '../platform/environment.ts';
import { ActionLimits } from './action-limits.ts';
import { RESPONSE, RunBudget } from './budgets.ts';
import { type ClientOptions, GitLabClient } from './client.ts';
import { RateLimiter } from './rate-limiter.ts';
import type { NetworkPolicy } from './url-guard.ts';

/** What the clients of a run have, and those of a caller who waits have not. */
type OfRun = Required<Pick<ClientOptions, 'limiter' | 'actions' | 'budget'>> &
  Pick<ClientOptions, 'observe' | 'isClosed'>;

/** What is left of a caller's time for a request that had to wait for its turn. */
const LEAST_TIME_OF_CALLER_MS = 2_000;

/** The policy for URLs that callers and GitLabs supply. */
export function networkPolicy(): NetworkPolicy {
  return environment.allowPrivateNetworks() ? 'private' : 'public';
}

/**
 * A client for the source of an import: its URL came from a caller and is guarded.
 *
 * @param deadline moment (epoch milliseconds) by which the last answer must have come
 */
export function sourceClient(url: string, token: Secret, deadline?: number, run?: OfRun): GitLabClient {
  return new GitLabClient({
    instance: 'source',
    baseUrl: url,
    token,
    policy: networkPolicy(),
    ...(deadline !== undefined && { deadline }),
    ...(run ?? { maxJsonBytes: RESPONSE.checkBytes() }),
  });
}

/** A client for this deployment's destination, for what a caller asks for right now. */
export function destinationClient(token: Secret, deadline?: number): GitLabClient {
  return clientOfDestination(environment.destinationUrl(), token, deadline);
}

/**
 * The same for a request that counts against a limit of its own, which the caller's imports need: it has its turn among
 * theirs, or is not sent.
 */
export function pacedDestinationClient(token: Secret, deadline: number, store: RateLimitStore): GitLabClient {
  const baseUrl = environment.destinationUrl();
  const actions = new ActionLimits({
    store,
    instance: 'destination',
    baseUrl,
    token,
    deadline,
    leastTimeMs: LEAST_TIME_OF_CALLER_MS,
  });
  return clientOfDestination(baseUrl, token, deadline, { actions });
}

/** The URL of a destination was chosen by the operator, so only redirects are guarded. */
function clientOfDestination(
  url: string,
  token: Secret,
  deadline?: number,
  run: Partial<OfRun> = {},
): GitLabClient {
  return new GitLabClient({
    instance: 'destination',
    baseUrl: url,
    token,
    policy: 'any',
    redirectPolicy: networkPolicy(),
    ...(deadline !== undefined && { deadline }),
    ...(run.budget === undefined && { maxJsonBytes: RESPONSE.checkBytes() }),
    ...run,
  });
}

/** What a run is given to share a GitLab with other runs. */
export interface Sharing {
  rateLimits: RateLimitStore;
  /** Is told of each request how it ended (`ClientOptions.observe`). */
  observe?: (instance: Instance, status: number | undefined, milliseconds: number) => void;
  /** Whether neither GitLab may be changed. */
  isClosed?: boolean;
}

/** The clients of a run, until it closes them. */
export interface RunClients extends Record<Instance, GitLabClient> {
  /**
   * To be called before anything is read: a run that would only wait in the middle of its work is told at once.
   *
   * @throws RateLimitedError when the run has to come back later
   */
  ready(): Promise<void>;
  /** Requests per minute that a GitLab allows; 0 when it names no limit. */
  limitOf(instance: Instance): number;
  /** To be called at the end of the run, however it ends: what others can use is given back. */
  close(): Promise<void>;
}

/**
 * The clients of one run of a pipeline, for the two GitLabs of its import and no others: a token is never sent to the
 * destination that the service happens to have now. Runs can wait, so they keep to the GitLabs' rate limits.
 */
export function pipelineClients(
  urls: { sourceUrl: string; destinationUrl: string },
  tokens: Record<Instance, Secret>,
  deadline: number,
  { rateLimits, observe, isClosed = false }: Sharing,
): RunClients {
  const budget = new RunBudget();
  const limiterOf = (instance: Instance, baseUrl: string) =>
    new RateLimiter({ store: rateLimits, instance, baseUrl, token: tokens[instance], deadline });
  const source = limiterOf('source', urls.sourceUrl);
  const destination = limiterOf('destination', urls.destinationUrl);
  const ofRun = (instance: Instance, limiter: RateLimiter) => ({
    budget,
    limiter,
    actions: new ActionLimits({
      store: rateLimits,
      instance,
      baseUrl: instance === 'source' ? urls.sourceUrl : urls.destinationUrl,
      token: tokens[instance],
      deadline,
    }),
    isClosed,
    ...(observe && { observe: (...how: [number | undefined, number]) => observe(instance, ...how) }),
  });
  return {
    source: sourceClient(urls.sourceUrl, tokens.source, deadline, ofRun('source', source)),
    destination: clientOfDestination(
      urls.destinationUrl,
      tokens.destination,
      deadline,
      ofRun('destination', destination),
    ),
    async ready() {
      // One after the other: slots of the one are of no use without those of the other.
      await destination.ready();
      await source.ready();
    },
    limitOf: instance => (instance === 'source' ? source : destination).limit ?? 0,
    async close() {
      await Promise.all([destination.close(), source.close()]);
    },
  };
}
