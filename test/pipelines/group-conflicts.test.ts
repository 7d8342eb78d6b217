import { describe, expect, it } from 'vitest';
import { group } from '../../lambdas/pipelines/group.ts';
import {
  lowerVisibility,
  normalizeSlug,
  numbered,
  visibilityWithin,
} from '../../lambdas/pipelines/group-rules.ts';
import type { Visibility } from '../../lib/gitlab-simulator/model.ts';
import { refused, requestsTo, setFault, throttled } from '../support/gitlab/gitlab-faults.ts';
import { FINISHED, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(group);

useTableInMemory();

const INTO_HOME = { from: 'acme', destinationNamespace: 'home' };

it('is not blamed for a redirect', async () => {
  const bench = await startBench();
  bench.source.addGroup({ name: 'Acme', path: 'acme' });
  const elsewhere = { location: 'https://gitlab.example/api/v4/groups' };
  setFault(
    bench.destination,
    { method: 'POST', path: '/groups' },
    { kind: 'respond', status: 301, headers: elsewhere },
  );
  const migration = await bench.migration('group', { from: 'acme' });

  await migration.run(handler);

  expect((await migration.failures()).map(({ exceptionMessage }) => exceptionMessage)).toEqual([
    'The destination GitLab refused to create the group: 301. Check its base URL: it redirects to another address.',
  ]);
});

it('is not blamed for what the GitLab has against the user', async () => {
  const bench = await startBench();
  bench.source.addGroup({ name: 'Acme', path: 'acme' });
  const terms = 'You (@importer) must accept the Terms of Service in order to perform this action.';
  setFault(bench.destination, { method: 'POST', path: '/groups' }, refused(403, `403 Forbidden - ${terms}`));
  const migration = await bench.migration('group', { from: 'acme', destinationNamespace: '' });

  await migration.run(handler);

  expect((await migration.failures()).map(({ exceptionMessage }) => exceptionMessage)).toEqual([
    `The destination GitLab refused to create the group: 403 Forbidden - ${terms} Sign in to it as the destination token's user, settle that, and import again.`,
  ]);
});

describe('a name or path that is taken', () => {
  it('gets the first free number inside a parent', async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme' });
    bench.addDestinationGroup({ name: 'Home', path: 'home' });
    bench.addDestinationGroup({ name: 'Acme', path: 'acme', parent: 'home' });
    bench.addDestinationGroup({ name: 'Other', path: 'acme_1', parent: 'home' });
    const migration = await bench.migration('group', INTO_HOME);

    await migration.run(handler);

    expect(bench.destination.group('home/acme_2')?.name).toBe('Acme_1');
    expect((await migration.entity()).destinationFullPath).toBe('home/acme_2');
    expect((await migration.tracker()).counts).toMatchObject({ imported: 1, failed: 0 });
  });

  it('belongs to whoever took it while the rate limit made the import wait', async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme' });
    bench.addDestinationGroup({ name: 'Home', path: 'home' });
    setFault(bench.destination, { method: 'POST', path: '/groups', nth: 1 }, throttled(3));
    const migration = await bench.migration('group', INTO_HOME);

    await migration.run(handler);
    const foreign = bench.addDestinationGroup({ name: 'Foreign', path: 'acme', parent: 'home' });
    await migration.run(handler);

    const { namespaceId, destinationFullPath } = await migration.entity();
    expect(destinationFullPath).toBe('home/acme_1');
    expect(namespaceId).not.toBe(foreign.id);
  });

  it.each([
    ['before it is looked up', { method: 'POST', path: '/api/graphql', nth: 2 }],
    ['while it is created again', { method: 'POST', path: '/groups', nth: 2 }],
  ] as const)('is ours when the lost request of an earlier run makes the group %s', async (_, moment) => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme' });
    bench.addDestinationGroup({ name: 'Home', path: 'home' });
    const migration = await bench.migration('group', INTO_HOME);
    setFault(bench.destination, { method: 'POST', path: '/groups', nth: 1 }, { kind: 'drop-before' });
    await migration.run(handler);
    let seen = 1;
    bench.destination.onRequest = request => {
      if (!request.path.endsWith(moment.path) || request.method !== moment.method || ++seen !== moment.nth)
        return undefined;
      bench.addDestinationGroup({ name: 'Acme', path: 'acme', parent: 'home' });
      return undefined;
    };

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect((await migration.entity()).destinationFullPath).toBe('home/acme');
    expect(bench.destination.groups().map(({ fullPath }) => fullPath)).toEqual(['home', 'home/acme']);
  });

  it('is evaded also when a project has it', async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme' });
    bench.addDestinationGroup({ name: 'Home', path: 'home', projects: [{ name: 'Acme', path: 'acme' }] });
    const migration = await bench.migration('group', INTO_HOME);

    await migration.run(handler);

    expect(bench.destination.group('home/acme_1')?.name).toBe('Acme');
  });

  it.each([
    `Failed to save group {:path=>["has already been taken"]}`,
    `Failed to save group {path: ["has already been taken"]}`,
  ])('is recognised in %s', async message => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme' });
    bench.addDestinationGroup({ name: 'Home', path: 'home' });
    setFault(bench.destination, { method: 'POST', path: '/groups', nth: 1 }, refused(400, message));
    const migration = await bench.migration('group', INTO_HOME);

    await migration.run(handler);

    expect(bench.destination.group('home/acme_1')?.name).toBe('Acme');
  });

  it('is not evaded at the top level: the entity fails', async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme' });
    bench.destination.addUser({ username: 'ACME' });
    const migration = await bench.migration('group', { from: 'acme', destinationNamespace: '' });

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    expect(bench.destination.groups()).toEqual([]);
    expect((await migration.entity()).status).toBe('failed');
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        step: 'loader',
        exceptionClass: 'BulkImports::Groups::Loaders::GroupLoader::GroupCreationError',
        exceptionMessage: expect.stringMatching(/^Group exists/),
      }),
    ]);
  });

  it('is not taken for our own when an earlier run was refused it', async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme' });
    bench.addDestinationGroup({ name: 'Home', path: 'home' });
    // Somebody else is faster, and then the second path's creation meets trouble that passes.
    let creations = 0;
    bench.destination.onRequest = ({ method, path }) => {
      if (method !== 'POST' || !path.endsWith('/groups')) return undefined;
      creations += 1;
      if (creations === 1) bench.addDestinationGroup({ name: 'Foreign', path: 'acme', parent: 'home' });
      return creations === 2 ? { kind: 'drop-before' } : undefined;
    };
    const migration = await bench.migration('group', INTO_HOME);

    await migration.run(handler);
    await migration.run(handler);

    expect((await migration.entity()).destinationFullPath).toBe('home/acme_1');
    expect(bench.destination.group('home/acme')?.name).toBe('Foreign');
  });
});

describe('the visibility of a new group', () => {
  it.each<{ source: Visibility; parent: Visibility; made: Visibility }>([
    { source: 'public', parent: 'public', made: 'public' },
    { source: 'public', parent: 'internal', made: 'internal' },
    { source: 'public', parent: 'private', made: 'private' },
    { source: 'internal', parent: 'public', made: 'internal' },
    { source: 'internal', parent: 'private', made: 'private' },
    { source: 'private', parent: 'public', made: 'private' },
  ])('is $made for a $source one in a $parent parent', async ({ source, parent, made }) => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme', visibility: source });
    bench.addDestinationGroup({ name: 'Home', path: 'home', visibility: parent });
    const migration = await bench.migration('group', INTO_HOME);

    await migration.run(handler);

    expect(bench.destination.group('home/acme')?.visibility).toBe(made);
    expect(requestsTo(bench.destination, { method: 'POST', path: '/groups' })).toHaveLength(1);
  });

  it.each<{ restricted: Visibility[]; made: Visibility }>([
    { restricted: ['public'], made: 'internal' },
    { restricted: ['public', 'internal'], made: 'private' },
    { restricted: [], made: 'public' },
  ])('is $made for a public one where $restricted is restricted', async ({ restricted, made }) => {
    const bench = await startBench({ destination: { restrictedVisibilityLevels: restricted } });
    bench.source.addGroup({ name: 'Acme', path: 'acme', visibility: 'public' });
    const migration = await bench.migration('group', { from: 'acme', destinationNamespace: '' });

    await migration.run(handler);

    expect(bench.destination.group('acme')?.visibility).toBe(made);
    expect(requestsTo(bench.destination, { method: 'POST', path: '/groups' })).toHaveLength(
      restricted.length + 1,
    );
    expect(await migration.failures()).toEqual([]);
  });

  it.each([
    { source: 'secret', parent: 'public', result: undefined },
    { source: undefined, parent: undefined, result: undefined },
    { source: 'public', parent: undefined, result: 'public' },
    { source: 'internal', parent: 'unheard-of', result: 'internal' },
  ])('is $result for $source in $parent', ({ source, parent, result }) => {
    expect(visibilityWithin(source, parent)).toBe(result);
  });

  it.each([
    ['public', 'internal'],
    ['internal', 'private'],
    ['private', undefined],
    [undefined, 'private'],
  ] as const)('goes one down from %s to %s', (from, to) => {
    expect(lowerVisibility(from)).toBe(to);
  });
});

describe('the path of a new group', () => {
  it.each([
    ['platform', 'platform'],
    ['Destination-Project-Path', 'destination-project-path'],
    ['a.b_c-d', 'a.b_c-d'],
    ['My Team!', 'my-team'],
    ['Café Über', 'cafe-uber'],
    ['--edge--', 'edge'],
    ['two--hyphens', 'two-hyphens'],
    ['.hidden.', 'hidden'],
    ['123', '123'],
  ])('is %s -> %s', (slug, path) => {
    expect(normalizeSlug(slug)).toBe(path);
  });

  it('is the normalised slug', async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme' });
    const options = { from: 'acme', destinationNamespace: '', destinationSlug: 'My Platform' };
    const migration = await bench.migration('group', options);

    await migration.run(handler);

    expect((await migration.entity()).destinationFullPath).toBe('my-platform');
  });

  it('is numbered from the second try on', () => {
    const paths = [0, 1, 12].map(suffix => numbered('platform', '_', suffix));

    expect(paths).toEqual(['platform', 'platform_1', 'platform_12']);
  });
});
