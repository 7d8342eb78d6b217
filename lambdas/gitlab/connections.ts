import type { Instance } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import { environment } from '../platform/environment.ts';
import { RESPONSE, RunBudget } from './budgets.ts';
import { type ClientOptions, GitLabClient } from './client.ts';
import { Quota } from './quota.ts';
import type { NetworkPolicy } from './url-guard.ts';

/** What the clients of a run have, and those of a caller who waits have not. */
type OfRun = Required<Pick<ClientOptions, 'quota' | 'budget'>>;

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

/** The URL of a destination was chosen by the operator, so only redirects are guarded. */
function clientOfDestination(url: string, token: Secret, deadline?: number, run?: OfRun): GitLabClient {
  return new GitLabClient({
    instance: 'destination',
    baseUrl: url,
    token,
    policy: 'any',
    redirectPolicy: networkPolicy(),
    ...(deadline !== undefined && { deadline }),
    ...(run ?? { maxJsonBytes: RESPONSE.checkBytes() }),
  });
}

/**
 * The clients of one run of a pipeline, for the two GitLabs of its import and no others: a token is never sent to the
 * destination that the service happens to have now. Runs can wait, so they send their requests turn by turn.
 */
export function pipelineClients(
  { sourceUrl, destinationUrl }: { sourceUrl: string; destinationUrl: string },
  tokens: Record<Instance, Secret>,
  deadline: number,
): Record<Instance, GitLabClient> {
  const budget = new RunBudget();
  return {
    source: sourceClient(sourceUrl, tokens.source, deadline, {
      quota: new Quota('source', sourceUrl, tokens.source, deadline),
      budget,
    }),
    destination: clientOfDestination(destinationUrl, tokens.destination, deadline, {
      quota: new Quota('destination', destinationUrl, tokens.destination, deadline),
      budget,
    }),
  };
}
