import { beforeEach, expect, it } from 'vitest';
import { Secret } from '../../lambdas/domain/secret.ts';
import { findUsersByUsername } from '../../lambdas/gitlab/api/users-by-name.ts';
import { GitLabClient } from '../../lambdas/gitlab/client.ts';
import { setFault, throttled } from '../support/gitlab/gitlab-faults.ts';
import { type Bench, DESTINATION_TOKEN, startBench } from '../support/service/pipeline-bench.ts';

let bench: Bench;
let client: GitLabClient;
beforeEach(async () => {
  bench = await startBench({ destination: { version: '14.0.0' } });
  const token = new Secret(DESTINATION_TOKEN);
  client = new GitLabClient({
    instance: 'destination',
    baseUrl: bench.destination.url,
    token,
    policy: 'any',
  });
  bench.destination.requests.length = 0;
});

const NAMES = Array.from({ length: 150 }, (_, index) => `user-${index}`);

it('a hundred names are asked for at once, in any letter case, and of GitLab 14.0, too', async () => {
  const ids = NAMES.map(username => bench.destination.addUser({ username }).id);

  const found = findUsersByUsername(client, ['nobody', ...NAMES.map(name => name.toUpperCase())]);

  expect(await Promise.all(found.values())).toEqual([null, ...ids]);
  expect(bench.destination.requests).toHaveLength(2);
});

it('after trouble no more are asked for', async () => {
  setFault(bench.destination, { path: '/graphql' }, throttled(7));

  const found = await Promise.allSettled(findUsersByUsername(client, NAMES).values());

  expect(found.slice(0, 100).every(({ status }) => status === 'rejected')).toBe(true);
  expect(found.slice(100)).toEqual(NAMES.slice(100).map(() => ({ status: 'fulfilled', value: undefined })));
  expect(bench.destination.requests).toHaveLength(1);
});

it('who is blocked or a bot is refused with what to do, however long the name is', async () => {
  const long = `b${'o'.repeat(250)}t`;
  bench.destination.addUser({ username: long, bot: true });
  bench.destination.addUser({ username: 'gone', state: 'blocked' });

  const [bot, blocked] = await Promise.allSettled(findUsersByUsername(client, [long, 'gone']).values());

  for (const [end, what] of [
    [bot, 'is a bot'],
    [blocked, 'is blocked'],
  ] as const) {
    const { message } = (end as PromiseRejectedResult).reason as Error;
    expect(message).toContain(what);
    expect(message).toMatch(/Name somebody else in a new mapping, and import the members again\.$/);
    expect(message.length).toBeLessThanOrEqual(255);
  }
});
