import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { forgetTokens } from '../../lambdas/api/request/token-checks.ts';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import type { WantedEntity } from '../support/service/bulk-imports-client.ts';
import { startDestination, startService, startSource, type TestService } from '../support/service/service.ts';

const MOST_ENTITIES = 1_000;
/** Of each response, as at the other end of a continent: with it, too, a POST has to be done within its time. */
const FAR_MS = 150;

let service: TestService;
let source: SampleGitLab;
let destination: SampleGitLab;
beforeAll(async () => {
  service = await startService();
  // What is started does not run, so that nothing but the checks asks the GitLabs.
  vi.spyOn(service.local.engine, 'start').mockResolvedValue(true);
  [source, destination] = await Promise.all([startSource(), startDestination()]);
  for (let index = 0; index < MOST_ENTITIES; index++) {
    source.addGroup({
      name: `Group ${index}`,
      path: `g${index}`,
      members: [{ username: 'sofia', accessLevel: 50 }],
    });
  }
  source.addGroup({
    name: 'Team',
    path: 'team',
    members: [{ username: 'sofia', accessLevel: 40 }],
    projects: Array.from({ length: MOST_ENTITIES }, (_, index) => ({
      name: `P ${index}`,
      path: `p${index}`,
    })),
  });
  for (let index = 0; index < 60; index++) {
    destination.addGroup({ name: `Namespace ${index}`, path: `n${index}`, parent: 'imported' });
  }
});
beforeEach(() => {
  forgetTokens();
  source.requests.length = 0;
  destination.requests.length = 0;
  source.onRequest = undefined;
  destination.onRequest = undefined;
  vi.stubEnv('DESTINATION_GITLAB_URL', destination.url);
  return () => vi.unstubAllEnvs();
});

async function post(count: number, entityOf: (index: number) => WantedEntity) {
  const entities = Array.from({ length: count }, (_, index) => ({
    source_full_path: `g${index}`,
    ...entityOf(index),
  }));
  const { status, body } = await service.api.call('POST', '/bulk_imports', {
    json: service.api.request(entities, { url: source.url }),
  });
  const requests = source.requests.length + destination.requests.length;
  return { status, body, requests };
}

const asksForTopLevel = (path: string) => path.startsWith('/api/v4/namespaces/');
const topLevelRequests = () => destination.requests.filter(({ path }) => asksForTopLevel(path)).length;

describe('a POST is checked in few requests:', () => {
  it.each([
    ['25 groups for one namespace', 25, () => 'imported', 15, 0],
    ['60 groups for one namespace', 60, () => 'imported', 20, 0],
    ['60 groups for 60 namespaces', 60, (index: number) => `imported/n${index}`, 20, 0],
    ['1,000 groups for one namespace, far away', MOST_ENTITIES, () => 'imported', 100, FAR_MS],
  ])(
    '%s',
    async (_, count, namespaceOf, most, latencyMs) => {
      for (const gitlab of [source, destination]) {
        gitlab.onRequest = () => ({ kind: 'delay', ms: latencyMs });
      }

      const { status, requests } = await post(count, index => ({
        destination_namespace: namespaceOf(index),
        destination_slug: `g${index}`,
      }));

      expect(status).toBe(201);
      expect(requests).toBeLessThan(most);
      expect(topLevelRequests()).toBe(0);
    },
    40_000,
  );
});

it('so are 1,000 projects for 60 namespaces, far away, and each GitLab is asked once whether it moves any', async () => {
  for (const gitlab of [source, destination]) gitlab.onRequest = () => ({ kind: 'delay', ms: FAR_MS });

  const { status, requests } = await post(MOST_ENTITIES, index => ({
    source_type: 'project_entity',
    source_full_path: `team/p${index}`,
    destination_namespace: `imported/n${index % 60}`,
    destination_slug: `p${index}`,
  }));

  expect(status).toBe(201);
  expect(requests).toBeLessThan(100);
  expect(source.requests.filter(({ path }) => path.endsWith('/export'))).toHaveLength(1);
  expect(destination.requests.filter(({ path }) => path.endsWith('/remote-import'))).toHaveLength(1);
}, 40_000);

describe('for the top level the endpoint that GitLab limits is asked', () => {
  const top = (index: number) => ({ destination_namespace: '', destination_slug: `top-${index}` });

  it('ten times at most, however many entities there are', async () => {
    expect((await post(25, top)).status).toBe(201);
    expect(topLevelRequests()).toBe(10);
  });

  it.each([
    ['is limited', { kind: 'respond', status: 429, body: '{"message":{"error":"Try again later."}}' }],
    ['fails', { kind: 'respond', status: 500 }],
    ['does not come back', { kind: 'hang' }],
  ] as const)('and gone on without when it %s', async (_, fault) => {
    destination.onRequest = ({ path }) => (asksForTopLevel(path) ? fault : undefined);

    expect((await post(25, top)).status).toBe(201);
  });

  it('and what it would not have said is found out otherwise', async () => {
    destination.onRequest = ({ path }) =>
      asksForTopLevel(path) ? { kind: 'respond', status: 429 } : undefined;
    const taken = { destination_namespace: '', destination_slug: 'Imported' };

    const { status, body } = await post(12, index => (index === 11 ? taken : top(index)));

    expect([status, body]).toEqual([
      422,
      { message: "Import failed. 'Imported' already exists. Change the destination and try again." },
    ]);
  });
});
