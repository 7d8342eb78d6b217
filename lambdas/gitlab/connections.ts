import { environment } from '../shared/environment.ts';
import type { Instance } from '../shared/errors.ts';
import type { Secret } from '../shared/secret.ts';
import { GitLabClient } from './client.ts';
import { Quota } from './quota.ts';
import type { NetworkPolicy } from './url-guard.ts';

/** The policy for URLs that callers and GitLabs supply. */
export function networkPolicy(): NetworkPolicy {
  return environment.allowPrivateNetworks() ? 'private' : 'public';
}

/**
 * A client for the source of an import: its URL came from a caller and is guarded.
 *
 * @param deadline moment (epoch milliseconds) by which the last answer must have come
 */
export function sourceClient(url: string, token: Secret, deadline?: number, quota?: Quota): GitLabClient {
  return new GitLabClient({
    instance: 'source',
    baseUrl: url,
    token,
    policy: networkPolicy(),
    ...(deadline !== undefined && { deadline }),
    ...(quota !== undefined && { quota }),
  });
}

/** A client for this deployment's destination: its operator chose the URL, so only redirects are guarded. */
export function destinationClient(token: Secret, deadline?: number, quota?: Quota): GitLabClient {
  return new GitLabClient({
    instance: 'destination',
    baseUrl: environment.destinationUrl(),
    token,
    policy: 'any',
    redirectPolicy: networkPolicy(),
    ...(deadline !== undefined && { deadline }),
    ...(quota !== undefined && { quota }),
  });
}

/** The clients of one run of a pipeline. Runs can wait, so they send their requests turn by turn. */
export function pipelineClients(
  sourceUrl: string,
  tokens: Record<Instance, Secret>,
  deadline: number,
): Record<Instance, GitLabClient> {
  const destinationUrl = environment.destinationUrl();
  return {
    source: sourceClient(
      sourceUrl,
      tokens.source,
      deadline,
      new Quota('source', sourceUrl, tokens.source, deadline),
    ),
    destination: destinationClient(
      tokens.destination,
      deadline,
      new Quota('destination', destinationUrl, tokens.destination, deadline),
    ),
  };
}
