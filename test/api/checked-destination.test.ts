import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type Refusable, TOKENS } from '../support/service/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service/service.ts';
import { scanTable } from '../support/table/stored-records.ts';

const BAD_TOKEN =
  'Check that the source instance base URL and the personal access token meet the necessary requirements.';
const notFound = (path: string) => `Import failed. '${path}' not found.`;
const notExportable = (path: string) => `Import failed. You do not have permission to export '${path}'.`;
const badNamespace = (path: string) => `Import failed. '${path}' is invalid, or you do not have permission.`;
const taken = (path: string) =>
  `Import failed. '${path}' already exists. Change the destination and try again.`;
const OWN_SUBGROUP =
  'Validation failed: Import failed. The destination cannot be a subgroup of the source group. Change the destination and try again.';

let service: TestService;
beforeAll(async () => {
  service = await startService();
  const { destination } = service;
  // What is started does not run, so that nothing but the checks asks the GitLabs.
  vi.spyOn(service.local.engine, 'start').mockResolvedValue(true);
  const members = [{ username: 'dora', accessLevel: 50 as const }];
  destination.addGroup({
    name: 'Taken',
    path: 'taken',
    parent: 'imported',
    projects: [{ name: 'App', path: 'app' }],
  });
  destination.addGroup({ name: 'Other', path: 'other', members });
  destination.addGroup({ name: 'Imported too', path: 'imported-too', members });
  destination.addGroup({ name: 'Foreign', path: 'foreign', visibility: 'public' });
  destination.addGroup({ name: 'Hidden', path: 'hidden' });
  destination.addGroup({
    name: 'Strict',
    path: 'strict',
    settings: { subgroupCreationLevel: 'owner' },
    members: [{ username: 'dora', accessLevel: 40 }],
  });
});

describe('a destination is refused', () => {
  it.each([
    ['does not exist', 'nowhere'],
    ['belongs to a user', 'dora'],
    ['cannot be seen by the caller', 'hidden'],
    ['is one in which the caller is nothing', 'foreign'],
    ['lets only owners create subgroups', 'strict'],
  ])('when its namespace %s', async (_, destination_namespace) => {
    expect(await service.api.refusal({ entities: [{ destination_namespace }] })).toBe(
      badNamespace(destination_namespace),
    );
  });

  it('when the caller may only read in its namespace', async () => {
    expect(await service.api.refusal({ token: TOKENS.otto })).toBe(badNamespace('imported'));
  });

  it('when it is the top level and the caller may not create groups there', async () => {
    expect(await service.api.refusal({ entities: [{ destination_namespace: '' }], token: TOKENS.nina })).toBe(
      badNamespace(''),
    );
  });

  it.each([
    ['a group', 'imported', 'taken'],
    ['a group in other letters', 'imported', 'Taken'],
    ['a group at the top level', '', 'foreign'],
    ['a group that the caller cannot see', '', 'hidden'],
    ['a user', '', 'otto'],
  ])('when its path is that of %s', async (_, destination_namespace, destination_slug) => {
    const path = [destination_namespace, destination_slug].filter(Boolean).join('/');

    expect(await service.api.refusal({ entities: [{ destination_namespace, destination_slug }] })).toBe(
      taken(path),
    );
  });

  it('when another entity of the same request goes there', async () => {
    const entities = [{ destination_slug: 'twin' }, { destination_slug: 'Twin' }];

    expect(await service.api.refusal({ entities })).toBe(taken('imported/Twin'));
  });

  it('when it is that of a project', async () => {
    expect(
      await service.api.refusal({
        entities: [{ destination_namespace: 'imported/taken', destination_slug: 'App' }],
      }),
    ).toBe(taken('imported/taken/App'));
  });

  it.each([
    ['under the same name', (url: string) => url],
    ['under another name', (url: string) => url.replace('127.0.0.1', 'localhost')],
  ])('when it lies inside of the source group of the same GitLab %s', async (_, urlOf) => {
    const configuration = { url: urlOf(service.destination.url), access_token: TOKENS.dora };
    const first = { source_full_path: 'other', destination_slug: 'fine' };
    const within = { source_full_path: 'Imported', destination_slug: 'copy' };

    for (const destination_namespace of ['imported', 'imported/taken', 'IMPORTED/Taken']) {
      expect(
        await service.api.refusal({ configuration, entities: [first, { ...within, destination_namespace }] }),
      ).toBe(OWN_SUBGROUP);
    }
  });
});

it('a group goes into one that has its path at another GitLab', async () => {
  const into = { destination_namespace: 'imported', destination_slug: 'imported-of-old' };
  service.source.addGroup({
    name: 'Imported',
    path: 'imported',
    members: [{ username: 'sofia', accessLevel: 50 }],
  });
  const json = service.api.request([{ source_full_path: 'imported', ...into }]);

  expect((await service.api.call('POST', '/bulk_imports', { json })).status).toBe(201);
});

it.each([
  ['beside it', { source_full_path: 'imported/taken', destination_namespace: 'imported' }],
  [
    'into one whose path begins alike',
    { source_full_path: 'imported', destination_namespace: 'imported-too' },
  ],
])('a group is copied inside of one GitLab %s', async (_, paths) => {
  const { url } = service.destination;
  const json = service.api.request([{ destination_slug: 'a-copy', ...paths }], {
    url,
    access_token: TOKENS.dora,
  });

  expect((await service.api.call('POST', '/bulk_imports', { json })).status).toBe(201);
});

describe("problems are reported in GitLab's order:", () => {
  const wrongEntity = {
    source_full_path: 'nobody',
    destination_namespace: 'nowhere',
    destination_slug: 'foreign',
  };

  it.each<[string, () => Refusable, string]>([
    [
      'the token before the entity',
      () => ({ configuration: { access_token: TOKENS.sourceReadApi }, entities: [wrongEntity] }),
      BAD_TOKEN,
    ],
    ['the entity before its destination', () => ({ entities: [wrongEntity] }), notFound('nobody')],
    [
      'the right to export before the destination',
      () => ({
        configuration: { access_token: TOKENS.sourceReporter },
        entities: [{ destination_slug: 'taken' }],
      }),
      notExportable('acme'),
    ],
    [
      'the namespace before the path',
      () => ({ entities: [{ destination_slug: 'taken' }], token: TOKENS.otto }),
      badNamespace('imported'),
    ],
    [
      'the first entity before the second',
      () => ({
        entities: [
          { source_full_path: 'first', destination_slug: 'a' },
          { source_full_path: 'second', destination_slug: 'b' },
        ],
      }),
      notFound('first'),
    ],
    [
      'the namespace before the check for an own subgroup',
      () => ({
        configuration: { url: service.destination.url, access_token: TOKENS.dora },
        entities: [{ source_full_path: 'imported', destination_namespace: 'imported/none' }],
      }),
      badNamespace('imported/none'),
    ],
  ])('%s', async (_, wanted, message) => {
    expect(await service.api.refusal(wanted())).toBe(message);
  });
});

it('nothing is written for a request that was refused', async () => {
  const imports = (await scanTable()).filter(item => item.sk === 'IMPORT').length;
  const before = service.destination.groups().length;

  await service.api.refusal({ entities: [{}, { source_full_path: 'nobody', destination_slug: 'x' }] });
  await service.api.refusal({ entities: [{ destination_slug: 'free' }, { destination_slug: 'taken' }] });

  expect((await scanTable()).filter(item => item.sk === 'IMPORT')).toHaveLength(imports);
  expect(service.destination.groups()).toHaveLength(before);
});

it('the checks write nothing to either GitLab', async () => {
  const { source, destination } = service;
  source.requests.length = 0;
  destination.requests.length = 0;

  await service.api.refusal({ entities: [{ destination_slug: 'taken' }] });

  const writes = [...source.requests, ...destination.requests].filter(
    ({ method, path }) => method !== 'GET' && path !== '/api/graphql',
  );
  expect(writes).toEqual([]);
});
