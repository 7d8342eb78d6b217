import { setImmediate as immediate } from 'node:timers/promises';
import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { forgetTokens } from '../../lambdas/api/request/token-checks.ts';
import type { Fault } from '../../lib/gitlab-simulator/fault.ts';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import type { WantedEntity } from '../support/service/bulk-imports-client.ts';
import { startDestination, startService, startSource, type TestService } from '../support/service/service.ts';

const MOST_ENTITIES = 1_000;
const NAMESPACES = 60;
/** What may be spent on waiting for GitLabs: the checks of a POST have 20 s, and half of them are for a slow minute. */
const MOST_MS = 10_000;
/** Of each response. */
const LATENCY_MS = 100;
/** A round is over when so long nothing more was asked. */
const QUIET_MS = 60;

let service: TestService;
beforeAll(async () => {
  service = await startService();
  // What is started does not run, so that nothing but the checks asks the GitLabs.
  vi.spyOn(service.local.engine, 'start').mockResolvedValue(true);
});
beforeEach(() => {
  forgetTokens();
  // The clock stands still, so that a busy machine does not use up the time of the checks.
  vi.useFakeTimers({ toFake: ['Date'] });
  return () => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  };
});

/** Two GitLabs that answer in rounds: whatever is asked at the same time is answered at the same time. */
async function startInRounds(version?: string) {
  const options = version === undefined ? {} : { version };
  const [source, destination] = await Promise.all([startSource(options), startDestination(options)]);
  for (let index = 0; index < MOST_ENTITIES; index++) {
    const members = [{ username: 'sofia', accessLevel: 50 as const }];
    source.addGroup({ name: `Group ${index}`, path: `g${index}`, members });
  }
  for (let index = 0; index < NAMESPACES; index++) {
    destination.addGroup({ name: `Namespace ${index}`, path: `n${index}`, parent: 'imported' });
  }
  const rounds: number[] = [];
  let asked = 0;
  let round: { until: Promise<undefined>; timer: NodeJS.Timeout } | undefined;
  const onRequest = (): Fault => {
    asked += 1;
    if (round === undefined) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const end = async () => {
        // A busy machine may be late with what was sent before that.
        const before = asked;
        for (let turn = 0; turn < 10; turn++) await immediate();
        if (asked > before) return round?.timer.refresh();
        rounds.push(asked);
        asked = 0;
        round = undefined;
        resolve(undefined);
      };
      round = { until: promise, timer: setTimeout(end, QUIET_MS) };
    } else round.timer.refresh();
    return { kind: 'hold', until: round.until };
  };
  for (const gitlab of [source, destination]) gitlab.onRequest = onRequest;
  return { source, destination, rounds };
}

async function post({ source, destination }: Record<'source' | 'destination', SampleGitLab>, shout: boolean) {
  vi.stubEnv('DESTINATION_GITLAB_URL', destination.url);
  const spelled = (path: string) => (shout ? path.toUpperCase() : path);
  const entities = Array.from({ length: MOST_ENTITIES }, (_, index): WantedEntity => {
    return {
      source_full_path: spelled(`g${index}`),
      destination_namespace: spelled(`imported/n${index % NAMESPACES}`),
      destination_slug: spelled(`g${index}`),
    };
  });
  return service.api.call('POST', '/bulk_imports', {
    json: service.api.request(entities, { url: source.url }),
  });
}

it.each([
  ['of today', undefined, false, 100],
  ['of today, in another spelling of their paths', undefined, true, 150],
  ['that do not tell roles', '16.2.0', false, 120],
  ['that know one spelling, in another one', '14.10.0', true, 1_300],
] as const)('1,000 groups pass the checks of GitLabs %s in few rounds', async (_, version, shout, most) => {
  const gitlabs = await startInRounds(version);

  const { status } = await post(gitlabs, shout);

  expect(status).toBe(201);
  const requests = gitlabs.rounds.reduce((sum, asked) => sum + asked, 0);
  expect(requests).toBeLessThan(most);
  expect(gitlabs.rounds.length * LATENCY_MS).toBeLessThan(MOST_MS);
});
