import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SampleGitLab, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { isLabelWrite } from '../support/gitlab/label-writes.ts';
import { type ApiClient, TOKENS } from '../support/service/bulk-imports-client.ts';
import { migrate, type Outcome, retry, startPair } from '../support/service/gitlab-pair.ts';
import { ACME } from '../support/service/service.ts';
import { type ServiceInMemory, startServiceInMemory } from '../support/service/service-in-memory.ts';

let service: ServiceInMemory;
let source: SampleGitLab;
let destination: SampleGitLab;
let api: ApiClient;
beforeAll(async () => {
  service = await startServiceInMemory();
});
beforeEach(async () => {
  ({ source, destination, api } = await startPair(service));
});

const REFUSED = {
  kind: 'respond',
  status: 400,
  headers: { 'content-type': 'application/json' },
  body: '{"message":"Not today"}',
} as const;

/** Two groups side by side, each with a label that the destination refuses at first. */
async function migrateTwo(): Promise<Outcome> {
  const members = [...ACME.members];
  for (const path of ['acme', 'other'])
    source.addGroup({ name: path, path, members, labels: [{ title: `${path}-label` }] });
  destination.onRequest = request => (isLabelWrite(request) ? REFUSED : undefined);
  const outcome = await migrate(api, [{}, { source_full_path: 'other', destination_slug: 'other' }]);
  destination.onRequest = undefined;
  expect(outcome.failures).toHaveLength(2);
  return outcome;
}

const labelsOf = (path: string) => destination.group(path)?.labels.map(({ title }) => title);

/** Does something with a group of the destination, as its owner does. */
async function send(method: string, path: string, json: object = {}): Promise<void> {
  const id = destination.group(path)?.id;
  const response = await fetch(`${destination.url}/api/v4/groups/${id}`, {
    method,
    headers: { 'private-token': TOKENS.dora, 'content-type': 'application/json' },
    ...(method !== 'DELETE' && { body: JSON.stringify(json) }),
  });
  expect(response.ok).toBe(true);
}

const creations = (requests: SampleRequest[]) =>
  requests.filter(({ method, path }) => method === 'POST' && /\/groups$|\/projects\/import$/.test(path));

describe('a group of an earlier attempt', () => {
  it.each<[string, () => Promise<void>, RegExp]>([
    ['was deleted', () => send('DELETE', 'imported/acme'), /is gone at the destination.*start a new import/],
    ['was renamed', () => send('PUT', 'imported/acme', { path: 'elsewhere' }), /was moved or renamed/],
    [
      'waits for its deletion',
      async () => {
        const record = destination.group('imported/acme');
        if (record) destination.byHand.scheduleDeletion({ kind: 'group', record });
      },
      /waits for its deletion/,
    ],
  ])('that %s is the failure of its entity, and the others go on', async (_, change, words) => {
    const { record } = await migrateTwo();
    await change();
    const before = destination.requests.length;

    const { entities, record: again } = await retry(api, record.id);

    expect(entities.map(({ status }) => status)).toEqual(['failed', 'finished']);
    expect(entities[0]?.failures.map(({ exception_message: message }) => message)).toContainEqual(
      expect.stringMatching(words),
    );
    expect(again).toMatchObject({ status: 'finished', has_failures: true });
    expect(labelsOf('imported/other')).toEqual(['other-label']);
    expect(creations(destination.requests.slice(before))).toEqual([]);
  });

  it('that is back where it was is written into', async () => {
    const { record } = await migrateTwo();
    await send('PUT', 'imported/acme', { path: 'elsewhere' });
    await retry(api, record.id);
    await send('PUT', 'imported/elsewhere', { path: 'acme' });

    const { failures } = await retry(api, record.id);

    expect(failures).toEqual([]);
    expect(labelsOf('imported/acme')).toEqual(['acme-label']);
  });

  it('that is back where it was gets what had failed, and what people have changed in it stays', async () => {
    const milestones = [{ title: 'done', state: 'closed' as const }, { title: 'next' }];
    source.addGroup({ ...ACME, members: [...ACME.members], milestones });
    destination.onRequest = ({ method, path, body }) =>
      method === 'POST' && path.endsWith('/milestones') && JSON.stringify(body).includes('next')
        ? REFUSED
        : undefined;
    const { record } = await migrate(api);
    destination.onRequest = undefined;
    const milestonesOf = () => destination.group('imported/acme')?.milestones ?? [];
    expect(milestonesOf()).toMatchObject([{ title: 'done', state: 'closed' }]);
    Object.assign(milestonesOf()[0] ?? {}, { state: 'active' });
    await send('PUT', 'imported/acme', { path: 'elsewhere' });
    await retry(api, record.id);
    await send('PUT', 'imported/elsewhere', { path: 'acme' });

    const { failures, entities } = await retry(api, record.id);

    expect(failures).toEqual([]);
    expect(milestonesOf()).toMatchObject([
      { title: 'done', state: 'active' },
      { title: 'next', state: 'active' },
    ]);
    expect(entities[0]?.stats.milestones).toMatchObject({ source: 2, fetched: 2, imported: 2, failed: 0 });
  });

  it('is found by its id after months, with another token of the source', async () => {
    const { record } = await migrateTwo();
    source.addToken('sample-another-token', { username: 'sofia' });
    await service.pass(90 * 24 * 3_600_000);

    const { failures, record: again } = await retry(api, record.id, {
      configuration: { access_token: 'sample-another-token' },
    });

    expect([failures, again.attempt]).toEqual([[], 2]);
    expect(labelsOf('imported/acme')).toEqual(['acme-label']);
  });

  it('whose creation was in doubt is taken for what it is days later, and that of a stranger is not', async () => {
    source.addGroup({ ...ACME, members: [...ACME.members], labels: [{ title: 'bug' }] });
    let isLost = false;
    destination.onRequest = ({ method, path }) => {
      const isOfGroup = path === '/api/graphql' || path.startsWith('/api/v4/groups');
      if (isLost && isOfGroup) return { kind: 'respond', status: 502, body: '' };
      if (method !== 'POST' || !path.endsWith('/groups')) return undefined;
      isLost = true;
      // It has its effect, and nobody ever learns of it.
      return { kind: 'respond-after', status: 502, body: '' };
    };
    const { record } = await migrate(api);
    destination.onRequest = undefined;
    expect(record.status).toBe('failed');
    expect(destination.group('imported/acme')).toBeDefined();
    await service.pass(5 * 24 * 3_600_000);

    const { failures } = await retry(api, record.id);

    expect(failures).toEqual([]);
    expect(labelsOf('imported/acme')).toEqual(['bug']);
    expect(destination.group('imported/acme_1')).toBeUndefined();
  });

  it('that a stranger has made at its path since is left alone', async () => {
    source.addGroup({ ...ACME, members: [...ACME.members], labels: [{ title: 'bug' }] });
    destination.onRequest = ({ method, path }) =>
      method === 'POST' && path.endsWith('/groups') ? { kind: 'respond', status: 502, body: '' } : undefined;
    const { record } = await migrate(api);
    destination.onRequest = undefined;
    expect(record.status).toBe('failed');
    await service.pass(5 * 24 * 3_600_000);
    destination.addGroup({
      name: 'Theirs',
      path: 'acme',
      parent: 'imported',
      members: [{ username: 'dora', accessLevel: 50 }],
    });

    await retry(api, record.id);

    expect(labelsOf('imported/acme')).toEqual([]);
    expect(labelsOf('imported/acme_1')).toEqual(['bug']);
  });
});

describe('a project of an earlier attempt', () => {
  const addProjects = (...paths: string[]) =>
    source.addGroup({
      ...ACME,
      members: [...ACME.members],
      settings: { projectCreationLevel: 'noone' },
      projects: paths.map(path => ({ name: path, path, issues: [{ title: 'It breaks' }] })),
    });
  const importOf = (path: string, act: 'fail' | 'work') => {
    destination.archives.behaviour.importError =
      act === 'fail' ? 'Validation failed: Name is odd' : undefined;
    return destination.project(`imported/acme/${path}`);
  };

  it('whose import has failed is made anew in its place, in a group that was closed since', async () => {
    addProjects('app');
    importOf('app', 'fail');
    const { record } = await migrate(api);
    const half = importOf('app', 'work');
    expect(half).toBeDefined();

    const { entities, record: again } = await retry(api, record.id);

    expect(entities.map(({ status }) => status)).toEqual(['finished', 'finished']);
    expect(again.status).toBe('finished');
    const made = destination.project('imported/acme/app');
    expect([made?.id === half?.id, made?.issues.length]).toEqual([false, 1]);
    expect(destination.group('imported/acme')?.settings.projectCreationLevel).toBe('noone');
  });

  it('whose import has failed, and that somebody has deleted as its failure says, is made anew', async () => {
    addProjects('app');
    importOf('app', 'fail');
    const { record } = await migrate(api);
    const half = importOf('app', 'work');
    await service.pass(3_600_000);
    const response = await fetch(`${destination.url}/api/v4/projects/${half?.id}`, {
      method: 'DELETE',
      headers: { 'private-token': TOKENS.dora },
    });
    expect(response.ok).toBe(true);
    await service.pass(3_600_000);

    await retry(api, record.id);

    expect(destination.project('imported/acme/app')?.issues).toHaveLength(1);
  });

  it('that people have unarchived since stays so, and nothing of it is exported again, whatever is new beside it', async () => {
    source.addGroup({
      ...ACME,
      members: [...ACME.members],
      projects: [{ name: 'old', path: 'old', archived: true }],
    });
    const { record } = await migrate(api);
    const project = destination.project('imported/acme/old');
    expect(project?.archived).toBe(true);
    Object.assign(project ?? {}, { archived: false });
    const before = [source.requests.length, destination.requests.length] as const;

    const { entities } = await retry(api, record.id, { scope: 'all' });

    expect(entities.map(({ status }) => status)).toEqual(['finished', 'finished']);
    const sent = [...source.requests.slice(before[0]), ...destination.requests.slice(before[1])];
    expect(sent.filter(({ method, path }) => method !== 'GET' && path !== '/api/graphql')).toEqual([]);
    expect(project?.archived).toBe(false);
  });

  it('that has arrived is not exported again because another one has failed', async () => {
    addProjects('app', 'web');
    let imports = 0;
    destination.onRequest = ({ method, path }) => {
      if (method !== 'POST' || !path.endsWith('/projects/import')) return undefined;
      imports += 1;
      return imports === 1 ? REFUSED : undefined;
    };
    const { record } = await migrate(api);
    destination.onRequest = undefined;
    const before = source.requests.length;

    const { entities } = await retry(api, record.id);

    expect(entities.map(({ status }) => status)).toEqual(['finished', 'finished', 'finished']);
    const exports = source.requests
      .slice(before)
      .filter(({ method, path }) => method === 'POST' && path.endsWith('/export'));
    expect(exports).toHaveLength(1);
  });
});
