import { Secret } from '../../../lambdas/domain/secret.ts';
import type { GitLabClient } from '../../../lambdas/gitlab/client.ts';
import { SampleGitLab, type SampleGitLabOptions } from '../../../lib/gitlab-simulator/sample-gitlab.ts';
import { afterEveryTest } from '../test-run/hooks.ts';
import { clientFor } from './gitlab-client.ts';

const running: SampleGitLab[] = [];
afterEveryTest(() => Promise.all(running.splice(0).map(gitlab => gitlab.stop())));

/** A GitLab with these users, each of whom has `fake-<name>-token`; it stops after the test. */
export async function startedGitLab(
  usernames: readonly string[],
  options: SampleGitLabOptions = {},
): Promise<SampleGitLab> {
  const gitlab = await new SampleGitLab(options).start();
  running.push(gitlab);
  for (const username of usernames) {
    gitlab.addUser({ username, publicEmail: `${username}@public.example` });
    gitlab.addToken(`fake-${username}-token`, { username });
  }
  return gitlab;
}

/** A client of one of them. */
export function clientOf(
  username: string,
  url: string,
  instance: 'source' | 'destination' = 'destination',
): GitLabClient {
  return clientFor(url, { instance, token: new Secret(`fake-${username}-token`) }).client;
}
