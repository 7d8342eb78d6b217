import { beforeAll, describe, expect, it } from 'vitest';
import type { SampleLabel } from '../../lib/gitlab-simulator/model.ts';
import type { SampleGitLab, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { isLabelWrite } from '../support/gitlab/label-writes.ts';
import { addPeople, addTree, contentOf } from '../support/gitlab/source-tree.ts';
import type { ApiClient } from '../support/service/bulk-imports-client.ts';
import {
  type GitLabPair,
  isRest,
  migrate,
  type Outcome,
  outcomeOf,
  startPair,
} from '../support/service/gitlab-pair.ts';
import { type ServiceInMemory, startServiceInMemory } from '../support/service/service-in-memory.ts';

let service: ServiceInMemory;
beforeAll(async () => {
  service = await startServiceInMemory();
});

const TOP = [{ destination_namespace: '' }];

async function startTree(): Promise<GitLabPair> {
  const pair = await startPair(service);
  addPeople(pair.source);
  addPeople(pair.destination);
  addTree(pair.source, { labels: 4, levels: 2 });
  return pair;
}

/** Refuses each request to which a rule applies, as a validation does. */
function refuse(gitlab: SampleGitLab, applies: (request: SampleRequest) => boolean, status = 400): void {
  gitlab.onRequest = request =>
    applies(request)
      ? {
          kind: 'respond',
          status,
          headers: { 'content-type': 'application/json' },
          body: '{"message":"Not today"}',
        }
      : undefined;
}

const names = (name: string) => (request: SampleRequest) =>
  isLabelWrite(request) && JSON.stringify(request.body).includes(name);

/** Requests that a GitLab gets while something is done, but for those that only read. */
async function writesDuring(gitlab: SampleGitLab, act: () => Promise<unknown>): Promise<SampleRequest[]> {
  const before = gitlab.requests.length;
  await act();
  return gitlab.requests.slice(before).filter(isWrite);
}

function isWrite({ method, path, body }: SampleRequest): boolean {
  if (method === 'GET' || method === 'HEAD') return false;
  return path !== '/api/graphql' || JSON.stringify(body).includes('mutation');
}

/** Has an import tried again, and waits for its end. */
async function retry(api: ApiClient, importId: number, body: Record<string, unknown> = {}): Promise<Outcome> {
  const { status, body: answer } = await api.retry(importId, body);
  expect([status, answer]).toEqual([201, expect.objectContaining({ id: importId })]);
  return outcomeOf(api, importId);
}

describe('a retry of what failed', () => {
  it('brings the records that failed, and touches nothing else', async () => {
    const { source, destination, api } = await startTree();
    refuse(destination, names('label 003'));
    const first = await migrate(api, TOP);
    destination.onRequest = undefined;
    expect(first.record).toMatchObject({ status: 'finished', has_failures: true, attempt: 1 });
    expect(first.failures.map(({ source_title: title }) => title)).toContain('label 003');

    let second = first;
    const writes = await writesDuring(destination, async () => {
      second = await retry(api, first.record.id);
    });

    expect(second.record).toMatchObject({ status: 'finished', has_failures: false, attempt: 2 });
    expect(second.failures).toEqual([]);
    expect(contentOf(destination, 'acme')).toEqual(contentOf(source, 'acme'));
    expect(writes).toHaveLength(1);
    const [acme] = second.entities;
    expect(acme?.stats.labels).toMatchObject({ source: 4, fetched: 4, imported: 4, failed: 0 });
  });

  it('writes nothing at all, and changes nothing, where nothing has failed', async () => {
    const { destination, source, api } = await startTree();
    const { record, entities } = await migrate(api, TOP);

    const asked = source.requests.length;
    const writes = await writesDuring(destination, async () => {
      const { status, body } = await api.retry(record.id);
      expect([status, body]).toEqual([200, record]);
    });

    expect(writes).toEqual([]);
    expect(source.requests.length).toBe(asked);
    expect(await api.getEntities(record.id)).toEqual(entities);
  });

  it('leaves the failures that a new import would have, too', async () => {
    const { destination, api } = await startTree();
    refuse(destination, request => names('label 001')(request) || names('label 002')(request));
    const { record } = await migrate(api, TOP);
    refuse(destination, names('label 001'));

    const { record: again, failures, entities } = await retry(api, record.id);

    expect(again).toMatchObject({ status: 'finished', has_failures: true, attempt: 2 });
    expect(
      failures.filter(({ relation }) => relation === 'labels').map(({ source_title: title }) => title),
    ).toEqual(['label 001']);
    expect(entities[0]?.stats.labels).toMatchObject({ source: 4, imported: 3, failed: 1 });
  });

  it('makes a group that could not be made, with all that is in it and below', async () => {
    const { source, destination, api } = await startTree();
    refuse(destination, isRest('POST', '/groups'), 403);
    const first = await migrate(api, TOP);
    destination.onRequest = undefined;
    expect(first.record).toMatchObject({ status: 'failed', has_failures: true });

    const { record, failures } = await retry(api, first.record.id);

    expect(record).toMatchObject({ status: 'finished', has_failures: false, failure: null });
    expect(failures).toEqual([]);
    expect(contentOf(destination, 'acme')).toEqual(contentOf(source, 'acme'));
  });

  it('moves a relation again whose pages could not be read, and takes what is there for what it is', async () => {
    const { source, destination, api } = await startTree();
    refuse(source, ({ path }) => path.endsWith('/badges'), 404);
    const first = await migrate(api, TOP);
    source.onRequest = undefined;
    expect(first.record.has_failures).toBe(true);

    const { record, failures } = await retry(api, first.record.id);

    expect([record.has_failures, failures]).toEqual([false, []]);
    expect(contentOf(destination, 'acme')).toEqual(contentOf(source, 'acme'));
  });

  it('says of a record that has left the source that it cannot be tried again', async () => {
    const { source, destination, api } = await startTree();
    refuse(destination, names('label 003'));
    const { record } = await migrate(api, TOP);
    destination.onRequest = undefined;
    const group = source.group('acme');
    group?.labels.splice(3, 1);

    const { failures, entities } = await retry(api, record.id);

    expect(failures).toMatchObject([
      {
        source_title: 'label 003',
        exception_message: expect.stringMatching(/not at the source any more.*\.$/),
      },
    ]);
    expect(entities[0]?.stats.labels).toMatchObject({ source: 4, imported: 3, failed: 1 });
    // So that whoever retries until nothing is left comes to an end.
    expect((await api.retry(record.id)).status).toBe(200);
  });
});

describe('a retry of everything', () => {
  it('writes nothing where nothing has changed', async () => {
    const { destination, api } = await startTree();
    const { record, entities } = await migrate(api, TOP);

    const writes = await writesDuring(destination, async () => {
      await retry(api, record.id, { scope: 'all' });
    });

    expect(writes).toEqual([]);
    const now = await api.getEntities(record.id);
    expect(now.map(({ id, stats }) => ({ id, stats }))).toEqual(
      entities.map(({ id, stats }) => ({ id, stats })),
    );
  });

  it('creates what is new at the source, and leaves as it is what people have changed', async () => {
    const { source, destination, api } = await startTree();
    const { record } = await migrate(api, TOP);
    const changed = destination.group('acme')?.labels.find(({ title }) => title === 'label 001');
    Object.assign(changed ?? {}, { color: '#ABCDEF', description: 'ours' });
    const milestone = destination.group('acme')?.milestones.find(({ title }) => title === '1.0');
    Object.assign(milestone ?? {}, { state: 'active' });
    source.addGroup({ name: 'Fresh', path: 'fresh', parent: 'acme', labels: [{ title: 'fresh' }] });
    source
      .group('acme')
      ?.labels.push({ ...(source.group('acme')?.labels[0] as SampleLabel), id: 999_999, title: 'another' });

    let last: Outcome | undefined;
    const writes = await writesDuring(destination, async () => {
      last = await retry(api, record.id, { scope: 'all' });
    });

    expect(last?.failures).toEqual([]);
    expect(writes.filter(isLabelWrite)).toHaveLength(2);
    expect(destination.group('acme')?.labels.find(({ title }) => title === 'label 001')).toMatchObject({
      color: '#ABCDEF',
      description: 'ours',
    });
    expect(milestone?.state).toBe('active');
    expect(destination.group('acme/fresh')?.labels.map(({ title }) => title)).toEqual(['fresh']);
    expect(last?.entities.map(({ source_full_path: path }) => path)).toEqual([
      'acme',
      'acme/platform',
      'acme/fresh',
    ]);
  });
});
