import { beforeAll, describe, expect, it, vi } from 'vitest';
import { forgetTokens } from '../../lambdas/api/request/token-checks.ts';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { TOKENS, type WantedEntity } from '../support/service/bulk-imports-client.ts';
import { startDestination, startService, startSource, type TestService } from '../support/service/service.ts';

const notExportable = (path: string) => `Import failed. You do not have permission to export '${path}'.`;
/** More than are asked for one by one where GraphQL does not tell a role. */
const MANY = 45;

let service: TestService;
let slugs = 0;
beforeAll(async () => {
  service = await startService();
  vi.spyOn(service.local.engine, 'start').mockResolvedValue(true);
});

/** A source in which sofia owns `top` and what is below, mara maintains it, and adam is an administrator. */
async function startTree(version: string): Promise<SampleGitLab> {
  const source = await startSource({ version });
  source.addUser({ username: 'mara' });
  source.addUser({ username: 'adam', admin: true });
  for (const username of ['mara', 'adam']) source.addToken(`sample-${username}-token`, { username });
  source.addGroup({
    name: 'Top',
    path: 'top',
    members: [
      { username: 'sofia', accessLevel: 50 },
      { username: 'mara', accessLevel: 40 },
      { username: 'rita', accessLevel: 30 },
    ],
    projects: [{ name: 'App', path: 'app' }],
  });
  for (let index = 0; index < MANY; index++) {
    source.addGroup({ name: `Group ${index}`, path: `g${index}`, parent: 'top' });
  }
  source.addGroup({
    name: 'Own',
    path: 'own',
    parent: 'top',
    members: [{ username: 'mara', accessLevel: 50 }],
  });
  source.addGroup({ name: 'Other', path: 'other', visibility: 'public' });
  return source;
}

async function post(source: SampleGitLab, access_token: string, entities: WantedEntity[]) {
  const json = service.api.request(
    entities.map(entity => ({ destination_slug: `slug-${slugs++}`, ...entity })),
    { url: source.url, access_token },
  );
  const { status, body } = await service.api.call('POST', '/bulk_imports', { json });
  return status === 422 ? (body as { message: string }).message : status;
}

const groups = (...paths: string[]) => paths.map(source_full_path => ({ source_full_path }));
const many = Array.from({ length: MANY }, (_, index) => `top/g${index}`);
const APP = [{ source_type: 'project_entity', source_full_path: 'top/app' }];

describe.each(['14.0.0', '16.2.0-ee', '19.0.0-ee'])('at a source of version %s', version => {
  let source: SampleGitLab;
  beforeAll(async () => {
    source = await startTree(version);
  });

  it('an owner may migrate a group, also by inheritance', async () => {
    expect(await post(source, TOKENS.source, groups('top', 'top/g0'))).toBe(201);
    expect(await post(source, 'sample-mara-token', groups('top/own'))).toBe(201);
  });

  it('an administrator may migrate what they are no member of', async () => {
    expect(await post(source, 'sample-adam-token', [...groups('other', 'top'), ...APP])).toBe(201);
  });

  it('a maintainer may migrate a project and no group', async () => {
    expect(await post(source, 'sample-mara-token', APP)).toBe(201);
    expect(await post(source, 'sample-mara-token', groups('top/own', 'top/g7'))).toBe(
      notExportable('top/g7'),
    );
  });

  it('a developer may migrate neither', async () => {
    expect(await post(source, TOKENS.sourceReporter, APP)).toBe(notExportable('top/app'));
    expect(await post(source, TOKENS.sourceReporter, groups('top'))).toBe(notExportable('top'));
  });

  it('the first entity that may not be migrated is named, whatever its kind', async () => {
    const token = TOKENS.sourceReporter;

    expect(await post(source, token, [...APP, ...groups('top')])).toBe(notExportable('top/app'));
    expect(await post(source, token, [...groups('top'), ...APP])).toBe(notExportable('top'));
    expect(await post(source, token, groups('top', 'nobody'))).toBe(notExportable('top'));
  });

  it('many groups are checked in few requests, and one that is not owned is found among them', async () => {
    source.requests.length = 0;

    expect(await post(source, TOKENS.source, groups(...many))).toBe(201);
    expect(source.requests.length).toBeLessThan(10);
    expect(await post(source, TOKENS.source, groups(...many, 'other'))).toBe(notExportable('other'));
  });
});

describe.each(['14.0.0', '19.0.0-ee'])('at a destination of version %s', version => {
  let destination: SampleGitLab;
  beforeAll(async () => {
    forgetTokens();
    destination = await startDestination({ version });
    service.source.addGroup({
      name: 'From',
      path: `from-${version}`,
      members: [{ username: 'sofia', accessLevel: 50 }],
    });
    for (let index = 0; index < MANY; index++) {
      destination.addGroup({ name: `Into ${index}`, path: `into-${index}`, parent: 'imported' });
    }
    destination.addGroup({ name: 'Foreign', path: 'foreign', visibility: 'public' });
  });

  const wanted = (namespaces: string[]) =>
    namespaces.map(destination_namespace => ({ source_full_path: `from-${version}`, destination_namespace }));
  const namespaces = Array.from({ length: MANY }, (_, index) => `imported/into-${index}`);

  it.each([
    ['an owner', TOKENS.dora, [], 201],
    ['an administrator', TOKENS.admin, [], 201],
    [
      'a developer',
      TOKENS.otto,
      [],
      "Import failed. 'imported/into-0' is invalid, or you do not have permission.",
    ],
    [
      'an owner of all but one',
      TOKENS.dora,
      ['foreign'],
      "Import failed. 'foreign' is invalid, or you do not have permission.",
    ],
  ])('many namespaces are checked in few requests for %s', async (_, token, others, expected) => {
    vi.stubEnv('DESTINATION_GITLAB_URL', destination.url);
    destination.requests.length = 0;
    const json = service.api.request(
      wanted([...namespaces, ...others]).map(entity => ({ ...entity, destination_slug: `slug-${slugs++}` })),
    );

    const { status, body } = await service.api.call('POST', '/bulk_imports', { json, token });

    expect(status === 422 ? (body as { message: string }).message : status).toBe(expected);
    expect(destination.requests.length).toBeLessThan(20);
    vi.unstubAllEnvs();
  });
});
