import { environment } from '../shared/environment.ts';
import type { Secret } from '../shared/secret.ts';
import { GitLabClient } from './client.ts';
import type { NetworkPolicy } from './url-guard.ts';

/** The policy for URLs that callers and GitLabs supply. */
export function networkPolicy(): NetworkPolicy {
  return environment.allowPrivateNetworks() ? 'private' : 'public';
}

/** A client for the source of an import: its URL came from a caller and is guarded. */
export function sourceClient(url: string, token: Secret, deadline?: number): GitLabClient {
  return new GitLabClient({
    instance: 'source',
    baseUrl: url,
    token,
    policy: networkPolicy(),
    ...(deadline !== undefined && { deadline }),
  });
}

/** A client for this deployment's destination: its operator chose the URL, so only redirects are guarded. */
export function destinationClient(token: Secret, deadline?: number): GitLabClient {
  return new GitLabClient({
    instance: 'destination',
    baseUrl: environment.destinationUrl(),
    token,
    policy: 'any',
    redirectPolicy: networkPolicy(),
    ...(deadline !== undefined && { deadline }),
  });
}
