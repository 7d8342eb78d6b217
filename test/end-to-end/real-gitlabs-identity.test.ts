import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { handler as reconcile } from '../../lambdas/workflow/reconcile.ts';
import type { SampleGroup } from '../../lib/gitlab-simulator/model.ts';
import type { Fault, SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { TOKENS } from '../support/service/bulk-imports-client.ts';
import { collectMetrics } from '../support/service/emitted-metrics.ts';
import { isRest, migrate, outcomeOf, startPair } from '../support/service/gitlab-pair.ts';
import { type ServiceInMemory, startServiceInMemory } from '../support/service/service-in-memory.ts';

let service: ServiceInMemory;
beforeAll(async () => {
  service = await startServiceInMemory();
});

const OWNER = { username: 'sofia', accessLevel: 50 } as const;
const HOUR_SECONDS = 3600;
const POST_GROUPS = isRest('POST', '/groups');
const titles = (group: SampleGroup | undefined) => group?.labels.map(({ title }) => title).sort();

describe('one GitLab under two names', () => {
  it('is known as one: no group goes into itself', async () => {
    const { destination } = await startPair(service);
    const gitlab = destination;
    gitlab.addGroup({ name: 'Acme', path: 'acme', members: [{ username: 'dora', accessLevel: 50 }] });
    gitlab.addGroup({ name: 'Copy', path: 'copy', parent: 'acme' });
    const api = service.between(gitlab, gitlab);
    const configuration = {
      url: gitlab.url.replace('127.0.0.1', 'localhost'),
      access_token: TOKENS.dora,
    };
    const own = 'The destination cannot be a subgroup of the source group';

    for (const destination_namespace of ['acme/copy', 'acme', 'Acme/Copy']) {
      const entities = [{ destination_namespace, destination_slug: 'again' }];
      expect(await api.refusal({ configuration, entities })).toContain(own);
    }
    const aside = api.request([{ destination_namespace: 'imported' }], configuration);
    const { status, body } = await api.call('POST', '/bulk_imports', { json: aside });
    expect(status).toBe(201);
    expect((await outcomeOf(api, (body as { id: number }).id)).failures).toEqual([]);
  });
});

/** What can become of a request that makes a group. */
const FATES: Record<string, () => Fault | undefined> = {
  well: () => undefined,
  'lost before': () => ({ kind: 'drop-before' }),
  'lost after': () => ({ kind: 'drop-after' }),
  'cut off': () => ({ kind: 'cut-off' }),
  '502 before': () => page(502, 'respond'),
  '502 after': () => page(502, 'respond-after'),
  '524 after': () => page(524, 'respond-after'),
  '429': () => ({
    kind: 'respond',
    status: 429,
    headers: { 'content-type': 'text/plain' },
    body: 'Retry later\n',
  }),
  'slow and lost': () => ({ kind: 'hold', until: sleep(60).then(() => ({ kind: 'drop-after' }) as const) }),
  'slow and 502': () => ({ kind: 'hold', until: sleep(60).then(() => page(502, 'respond')) }),
  empty: () => ({ kind: 'respond-after', status: 201 }),
};
const page = (status: number, kind: 'respond' | 'respond-after'): Fault => ({
  kind,
  status,
  headers: { 'content-type': 'text/html' },
  body: `<html><title>${status}</title></html>`,
});

function addColors(source: SampleGitLab): void {
  for (const color of ['red', 'blue']) {
    source.addGroup({ name: color, path: color, members: [OWNER] });
    source.addGroup({ name: 'Platform', path: 'platform', parent: color, labels: [{ title: color }] });
  }
}

describe('two imports at once into one path make two groups, whatever becomes of their requests:', () => {
  const names = Object.keys(FATES);
  const pairs = names.map((first, at) => [first, names[(at + 2) % names.length] ?? '']);

  it.each(pairs)('%s and %s', async (first = '', second = '') => {
    const { source, destination, api } = await startPair(service);
    addColors(source);
    let posts = 0;
    destination.onRequest = request => {
      if (!POST_GROUPS(request)) return undefined;
      posts += 1;
      return posts === 1 ? FATES[first]?.() : posts === 2 ? FATES[second]?.() : undefined;
    };
    const start = (color: string) =>
      api.start([{ source_full_path: `${color}/platform`, destination_slug: 'platform' }]);

    const outcomes = await Promise.all(
      ['red', 'blue'].map(async color => outcomeOf(api, await start(color))),
    );

    const made = destination.groups().filter(({ fullPath }) => fullPath.startsWith('imported/'));
    const finished = outcomes.filter(({ record }) => record.status === 'finished');
    expect(finished).toHaveLength(2);
    expect(made.map(titles).sort()).toEqual([['blue'], ['red']]);
    const ids = outcomes.flatMap(({ entities }) => entities.map(({ namespace_id }) => namespace_id));
    expect(ids.sort()).toEqual(made.map(({ id }) => id).sort());
  });
});

describe("a stranger's group at the path", () => {
  it.each([
    ['refused by GitLab', undefined],
    ['lost', { kind: 'drop-before' }],
    ['answered with 502', page(502, 'respond')],
    ['answered with 524', page(524, 'respond')],
  ] as const)('is left alone when it came just before our request, which is %s', async (_, fault) => {
    const { source, destination, api } = await startPair(service);
    source.addGroup({ name: 'Acme', path: 'acme', members: [OWNER], labels: [{ title: 'ours' }] });
    let stranger: SampleGroup | undefined;
    destination.onRequest = request => {
      if (!POST_GROUPS(request) || stranger !== undefined) return undefined;
      stranger = destination.addGroup({
        name: 'Acme',
        path: 'acme',
        parent: 'imported',
        members: [{ username: 'otto', accessLevel: 50 }],
      });
      return fault;
    };

    const { record, failures } = await migrate(api);

    expect(titles(stranger)).toEqual([]);
    expect(stranger?.members).toHaveLength(1);
    expect(titles(destination.group('imported/acme_1'))).toEqual(['ours']);
    expect(failures).toEqual([]);
    expect(record.status).toBe('finished');
  });

  it('is left alone at the top level, where the import fails and says so', async () => {
    const { source, destination, api } = await startPair(service);
    source.addGroup({ name: 'Acme', path: 'acme', members: [OWNER], labels: [{ title: 'ours' }] });
    let stranger: SampleGroup | undefined;
    destination.onRequest = request => {
      if (!POST_GROUPS(request) || stranger !== undefined) return undefined;
      stranger = destination.addGroup({
        name: 'Acme',
        path: 'acme',
        members: [{ username: 'otto', accessLevel: 50 }],
      });
      return { kind: 'drop-before' };
    };

    const { record, failures } = await migrate(api, [{ destination_namespace: '' }]);

    expect(titles(stranger)).toEqual([]);
    expect(failures[0]?.exception_message).toMatch(/^Group exists/);
    expect(record.status).toBe('failed');
  });
});

describe('a wait', () => {
  const lines = collectMetrics('sample');

  it('an import that waits 25 hours before its first page is neither stale nor standing still', async () => {
    const { source, destination, api } = await startPair(service);
    source.addGroup({ name: 'Acme', path: 'acme', members: [OWNER], labels: [{ title: 'bug' }] });
    const end = Date.now() + 25 * HOUR_SECONDS * 1000;
    const sixHours: Fault = {
      kind: 'respond',
      status: 429,
      headers: { 'retry-after': String(6 * HOUR_SECONDS) },
    };
    const looks: { closed: number[] }[] = [];
    destination.onRequest = request => (POST_GROUPS(request) && Date.now() < end ? sixHours : undefined);
    service.afterWait = async () => void looks.push(await reconcile({}));
    onTestFinished(() => {
      service.afterWait = undefined;
    });

    const { record, failures, seconds } = await migrate(api);

    expect(seconds).toBeGreaterThanOrEqual(25 * HOUR_SECONDS);
    expect(looks.length).toBeGreaterThan(3);
    expect(looks.flatMap(({ closed }) => closed)).toEqual([]);
    const standstills = lines.map(line => line.LongestStandstill).filter(value => typeof value === 'number');
    expect(standstills).toHaveLength(looks.length);
    expect(Math.max(...standstills)).toBeLessThan(60);
    expect(failures).toEqual([]);
    expect(record.status).toBe('finished');
  });
});
