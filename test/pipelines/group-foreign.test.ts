import { describe, expect, it } from 'vitest';
import { group } from '../../lambdas/pipelines/group.ts';
import { getEntity, moveEntity } from '../../lambdas/store/entities.ts';
import type { SampleGroup, SampleGroupSeed } from '../../lib/gitlab-simulator/model.ts';
import type { Fault } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { refused, requestsTo, setFault } from '../support/gitlab/gitlab-faults.ts';
import {
  type Bench,
  FINISHED,
  handlerOf,
  type Migration,
  startBench,
} from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';
import { withClock } from '../support/test-run/clock.ts';

const handler = handlerOf(group);

useTableInMemory();

const CREATE = { method: 'POST', path: '/groups' } as const;
/** Asks to be left alone for so long that the run ends and the workflow waits. */
const BAD_GATEWAY: Fault = {
  kind: 'respond',
  status: 502,
  headers: { 'retry-after': '30' },
  body: 'Bad Gateway',
};

/** Runs the pipeline when the GitLab has been left alone for long enough. */
const runLater = (migration: Migration) => withClock(31_000, () => migration.run(handler));

const pathsOf = (bench: Bench) => bench.destination.groups().map(({ fullPath }) => fullPath);

/** Two groups of the source with the same slug, on their way to the same path. */
async function twoOnOnePath(namespace: string): Promise<{ bench: Bench; red: Migration; blue: Migration }> {
  const bench = await startBench();
  if (namespace !== '') bench.addDestinationGroup({ name: 'Target', path: namespace });
  for (const colour of ['red', 'blue']) {
    bench.source.addGroup({ name: colour, path: colour });
    bench.source.addGroup({ name: `Platform ${colour}`, path: 'platform', parent: colour });
  }
  const [red, blue] = await Promise.all(
    ['red', 'blue'].map(colour =>
      bench.migration('group', { from: `${colour}/platform`, destinationNamespace: namespace }),
    ),
  );
  return { bench, red: red as Migration, blue: blue as Migration };
}

/** Ends the run with a request in doubt, after which `seed` stands at the path, as somebody else's hand made it. */
async function afterLostRequest(seed: Partial<SampleGroupSeed>, at = new Date()) {
  const bench = await startBench();
  bench.source.addGroup({ name: 'Acme', path: 'acme' });
  bench.addDestinationGroup({ name: 'Home', path: 'home' });
  setFault(bench.destination, { ...CREATE, nth: 1 }, BAD_GATEWAY);
  const migration = await bench.migration('group', { from: 'acme', destinationNamespace: 'home' });
  await migration.run(handler);
  const foreign = bench.addDestinationGroup({ name: 'Foreign', path: 'acme', parent: 'home', ...seed });
  Object.assign(foreign, { createdAt: at.toISOString() });
  return { bench, migration, foreign };
}

describe('two groups on their way to the same path', () => {
  it('become two inside a parent, when the GitLab is slow for one and fails for the other', async () => {
    const { bench, red, blue } = await twoOnOnePath('target');
    let release: (fault: undefined) => void = () => undefined;
    const until = new Promise<undefined>(resolve => {
      release = resolve;
    });
    let creations = 0;
    bench.destination.onRequest = ({ method, path }) => {
      if (method !== 'POST' || !path.endsWith('/groups')) return undefined;
      creations += 1;
      if (creations === 1) return { kind: 'hold', until };
      return creations === 2 ? BAD_GATEWAY : undefined;
    };

    const slow = red.run(handler);
    await expect.poll(() => creations, { timeout: 10_000 }).toBe(1);
    await blue.run(handler);
    release(undefined);
    expect(await slow).toEqual(FINISHED);
    expect(await runLater(blue)).toEqual(FINISHED);

    expect(pathsOf(bench)).toEqual(['target', 'target/platform', 'target/platform_1']);
    const names = [bench.destination.group('target/platform'), bench.destination.group('target/platform_1')];
    expect(names.map(group => group?.name)).toEqual(['Platform red', 'Platform blue']);
    expect((await red.entity()).destinationFullPath).toBe('target/platform');
    expect((await blue.entity()).destinationFullPath).toBe('target/platform_1');
  });

  it('stay two when the second was begun after the first was made, and its request was lost', async () => {
    const { bench, red, blue } = await twoOnOnePath('target');
    setFault(bench.destination, { ...CREATE, nth: 2 }, BAD_GATEWAY);

    await red.run(handler);
    await blue.run(handler);
    await runLater(blue);

    expect(pathsOf(bench)).toEqual(['target', 'target/platform', 'target/platform_1']);
    expect((await blue.entity()).namespaceId).not.toBe((await red.entity()).namespaceId);
  });

  it('are one and a clear failure at the top level', async () => {
    const { bench, red, blue } = await twoOnOnePath('');
    setFault(bench.destination, CREATE, BAD_GATEWAY);
    await red.run(handler);

    await blue.run(handler);

    expect((await blue.entity()).status).toBe('failed');
    expect(await blue.failures()).toEqual([
      expect.objectContaining({
        exceptionMessage: expect.stringMatching(/^Group exists: another import is creating/),
      }),
    ]);
    bench.destination.onRequest = undefined;
    expect(await runLater(red)).toEqual(FINISHED);
    expect((await red.entity()).destinationFullPath).toBe('platform');
  });

  it('does not keep the path for one whose entity has ended', async () => {
    const { bench, red, blue } = await twoOnOnePath('');
    setFault(bench.destination, { ...CREATE, nth: 1 }, BAD_GATEWAY);
    await red.run(handler);
    await moveEntity(await red.entity(), 'canceled');

    await blue.run(handler);

    expect((await blue.entity()).destinationFullPath).toBe('platform');
  });
});

describe('a group that stands where a request was lost', () => {
  it.each<[string, Partial<SampleGroupSeed>, number]>([
    ['has a label', { labels: [{ title: 'bug' }] }, 0],
    ['has a milestone', { milestones: [{ title: '1.0' }] }, 0],
    ['has a project', { projects: [{ name: 'Site', path: 'site' }] }, 0],
    ['was made days later', {}, 3 * 24 * 3600_000],
    ['was made before', {}, -10 * 60_000],
  ])("is somebody else's when it %s", async (_, seed, ageMs) => {
    const { bench, migration, foreign } = await afterLostRequest(seed, new Date(Date.now() + ageMs));

    expect(await runLater(migration)).toEqual(FINISHED);

    expect(pathsOf(bench)).toEqual(['home', 'home/acme', 'home/acme_1']);
    expect((await migration.entity()).namespaceId).not.toBe(foreign.id);
  });

  it("is somebody else's when another user is in it", async () => {
    const { bench, migration, foreign } = await afterLostRequest({});
    const other = bench.destination.addUser({ username: 'other' });
    const [owner] = foreign.members;
    if (owner !== undefined) foreign.members.push({ ...owner, userId: other.id });

    await runLater(migration);

    expect((await migration.entity()).destinationFullPath).toBe('home/acme_1');
  });

  it("is somebody else's when the importing user is no Owner of it", async () => {
    const { migration, foreign } = await afterLostRequest({});
    for (const member of foreign.members) member.accessLevel = 40;

    await runLater(migration);

    expect((await migration.entity()).destinationFullPath).toBe('home/acme_1');
  });

  it('is ours when everything says so, by the clock of the destination', async () => {
    const ahead = 3 * 3600_000;
    const { bench, migration, foreign } = await afterLostRequest({}, new Date(Date.now() + ahead));
    const date = new Date(Date.now() + ahead).toUTCString();
    bench.destination.onRequest = () => ({ kind: 'add-headers', headers: { date } });

    expect(await runLater(migration)).toEqual(FINISHED);

    expect(pathsOf(bench)).toEqual(['home', 'home/acme']);
    expect((await migration.entity()).namespaceId).toBe(foreign.id);
  });

  it('is waited for when the path is taken and nothing can be seen, and evaded after two minutes', async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme' });
    bench.addDestinationGroup({ name: 'Home', path: 'home' });
    setFault(bench.destination, { ...CREATE, nth: 1 }, BAD_GATEWAY);
    const migration = await bench.migration('group', { from: 'acme', destinationNamespace: 'home' });
    await migration.run(handler);
    // The replica does not show what the primary has.
    const taken = refused(400, 'Failed to save group {:path=>["has already been taken"]}');
    setFault(bench.destination, { ...CREATE, where: ({ body }) => isFor(body, 'acme') }, taken);

    const early = await runLater(migration);
    const { attemptedAt } = await migration.entity();
    const late = await withClock(3 * 60_000, () => migration.run(handler));

    expect(early.status).toBe('wait');
    expect(attemptedAt).not.toBeNull();
    expect(late).toEqual(FINISHED);
    expect((await migration.entity()).destinationFullPath).toBe('home/acme_1');
  });
});

describe('a response that was lost', () => {
  it.each<[string, Fault]>([
    ['502', { kind: 'respond-after', status: 502, body: '<html>Bad Gateway</html>' }],
    ['a connection that ends', { kind: 'drop-after' }],
    ['a body that ends in the middle', { kind: 'cut-off' }],
    ['a page', { kind: 'respond-after', status: 200, body: '<html>Welcome</html>' }],
    ['another shape', { kind: 'respond-after', status: 201, body: '{"id":"one"}' }],
  ])('makes no second group: %s', async (_, fault) => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme' });
    bench.addDestinationGroup({ name: 'Home', path: 'home' });
    setFault(bench.destination, { ...CREATE, nth: 1 }, fault);
    const migration = await bench.migration('group', { from: 'acme', destinationNamespace: 'home' });

    const first = await migration.run(handler);
    if (first.status === 'wait') await migration.run(handler);

    expect(pathsOf(bench)).toEqual(['home', 'home/acme']);
    expect((await migration.entity()).namespaceId).toBe(bench.destination.group('home/acme')?.id);
    expect(requestsTo(bench.destination, CREATE)).toHaveLength(1);
    expect(await migration.failures()).toEqual([]);
  });

  it('is looked for at the number that the path had', async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme' });
    bench.addDestinationGroup({ name: 'Home', path: 'home' });
    const first = bench.addDestinationGroup({ name: 'First', path: 'acme', parent: 'home' }) as SampleGroup;
    setFault(bench.destination, { ...CREATE, nth: 2 }, { kind: 'drop-after' });
    const migration = await bench.migration('group', { from: 'acme', destinationNamespace: 'home' });

    await migration.run(handler);
    expect((await getEntity(migration.importId, migration.entityId)).claimedFullPath).toBe('home/acme_1');
    await migration.run(handler);

    expect(pathsOf(bench)).toEqual(['home', first.fullPath, 'home/acme_1']);
    expect((await migration.entity()).destinationFullPath).toBe('home/acme_1');
  });
});

describe('a tree of 60 subgroups', () => {
  it('is made without the endpoint that tells 20 times a minute whether a path is taken', async () => {
    const bench = await startBench();
    bench.addDestinationGroup({ name: 'Home', path: 'home' });
    for (let index = 0; index < 60; index++) {
      bench.source.addGroup({ name: `Team ${index}`, path: `team-${index}` });
      const migration = await bench.migration('group', {
        from: `team-${index}`,
        destinationNamespace: 'home',
      });
      await migration.run(handler);
    }

    expect(bench.destination.groups()).toHaveLength(61);
    expect(requestsTo(bench.destination, { path: /\/exists$/ })).toEqual([]);
  });
});

function isFor(body: unknown, path: string): boolean {
  return typeof body === 'object' && body !== null && 'path' in body && body.path === path;
}
