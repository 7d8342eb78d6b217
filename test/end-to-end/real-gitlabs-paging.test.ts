import { beforeAll, describe, expect, it } from 'vitest';
import type { SampleGitLab, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { refuseDocuments } from '../support/gitlab/group-document.ts';
import { isLabelWrite, makesLabel } from '../support/gitlab/label-writes.ts';
import { addPeople, addTree, contentOf } from '../support/gitlab/source-tree.ts';
import {
  changeResponses,
  isGraphql,
  isRest,
  migrate,
  type ReplayedResponse,
  startPair,
} from '../support/service/gitlab-pair.ts';
import { type ServiceInMemory, startServiceInMemory } from '../support/service/service-in-memory.ts';

let service: ServiceInMemory;
beforeAll(async () => {
  service = await startServiceInMemory();
});

async function startTree({ labels = 3, levels = 2 } = {}) {
  const pair = await startPair(service);
  addPeople(pair.source);
  addPeople(pair.destination);
  addTree(pair.source, { labels, levels });
  return pair;
}

function without(headers: Record<string, string>, stripped: RegExp): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !stripped.test(name)));
}

describe('250 labels arrive, and are found again,', () => {
  it.each([
    ['X-*', /^x-/],
    ['X-* and Link', /^(x-|link$)/],
  ])('through a proxy that strips %s', async (_, stripped) => {
    const { source, destination, api } = await startTree({ labels: 250, levels: 1 });
    let lost = false;
    const strip = (_request: SampleRequest, response: ReplayedResponse) => ({
      ...response,
      headers: without(response.headers, stripped),
    });
    const isList = ({ method, path }: SampleRequest) => method === 'GET' && !path.endsWith('/avatar');
    changeResponses(source, strip, isList);
    changeResponses(destination, strip, isList);
    const hook = destination.onRequest;
    destination.onRequest = request => {
      if (lost || !makesLabel('label 249')(request)) return hook?.(request);
      // The next run looks up what is there, on all pages.
      lost = true;
      return { kind: 'drop-after' };
    };

    const { failures, entities } = await migrate(api, [{ destination_namespace: '' }]);

    expect(failures).toEqual([]);
    expect(lost).toBe(true);
    expect(contentOf(destination, 'acme')['/']).toEqual(contentOf(source, 'acme')['/']);
    expect(entities[0]?.stats.labels).toMatchObject({ source: 250, imported: 250, failed: 0 });
  });
});

/** The next page of every page is the page itself. */
function stuck({ query }: SampleRequest, response: ReplayedResponse): ReplayedResponse {
  return { ...response, headers: { ...response.headers, 'x-next-page': query.get('page') ?? '1' } };
}

/** Loses the response of the first write into a list: what a new group has is looked up only when that is in doubt. */
function loseFirstWrite(gitlab: SampleGitLab, list: string): void {
  const { onRequest: hook } = gitlab;
  let isLost = false;
  gitlab.onRequest = request => {
    const isWrite = list === '/labels' ? isLabelWrite : isRest('POST', list.replace('/all', ''));
    if (isLost || !isWrite(request)) return hook?.(request);
    isLost = true;
    return { kind: 'drop-after' };
  };
}

describe('a REST list without an end ends with a failure that says so', () => {
  const LISTS = [
    ['source', '/labels'],
    ['source', '/milestones'],
    ['source', '/badges'],
    ['source', '/subgroups'],
    ['destination', '/labels'],
    ['destination', '/milestones'],
    ['destination', '/badges'],
    ['destination', '/members/all'],
    ['destination', '/members'],
  ] as const;

  it.each(LISTS)('at the %s, where the page after a page of %s is itself', async (side, ending) => {
    const pair = await startTree();
    changeResponses(pair[side], stuck, isRest('GET', ending));
    if (side === 'destination') loseFirstWrite(pair.destination, ending);
    refuseDocuments(pair.source);

    const { record, failures, seconds } = await migrate(pair.api);

    const paging = failures.filter(failure => /no end|does not end/.test(failure.exception_message));
    expect(paging.length).toBeGreaterThan(0);
    expect(paging.map(failure => failure.exception_class)).toEqual(
      paging.map(() => 'BulkImports::PagingError'),
    );
    expect(record.status).toBe('finished');
    expect(seconds).toBeLessThan(60);
    expect(pair[side].requests.filter(isRest('GET', ending)).length).toBeLessThan(30);
  });

  it.each([
    ['source', '/labels'],
    ['source', '/subgroups'],
    ['destination', '/labels'],
    ['destination', '/members'],
  ] as const)('where a cache at the %s serves one page of %s under every number', async (side, ending) => {
    const pair = await startTree();
    const cached = new Map<string, ReplayedResponse>();
    changeResponses(
      pair[side],
      ({ path, query }, response) => {
        const first = cached.get(path) ?? response;
        cached.set(path, first);
        const next = String(Number(query.get('page') ?? '1') + 1);
        return { ...first, headers: { ...first.headers, 'x-next-page': next } };
      },
      isRest('GET', ending),
    );
    if (side === 'destination') loseFirstWrite(pair.destination, ending);
    refuseDocuments(pair.source);

    const { record, failures, entities, seconds } = await migrate(pair.api);

    expect(failures.map(failure => failure.exception_class)).toContain('BulkImports::PagingError');
    expect(record.status).toBe('finished');
    expect(entities).toHaveLength(2);
    expect(seconds).toBeLessThan(60);
  });
});

describe('a GraphQL list without an end ends with a failure that says so', () => {
  const info = (response: ReplayedResponse, endCursor: string | null) => ({
    ...response,
    body: response.body.replace(
      /"pageInfo":\{[^}]*\}/,
      `"pageInfo":${JSON.stringify({ hasNextPage: true, endCursor })}`,
    ),
  });
  const cursor = (id: number) => Buffer.from(JSON.stringify({ id: String(id) })).toString('base64url');
  const after = ({ body }: SampleRequest) => (body as { variables: { after?: string } }).variables.after;

  it.each<[string, (request: SampleRequest, response: ReplayedResponse) => ReplayedResponse]>([
    ['names no cursor', (_, response) => info(response, null)],
    ['names the same cursor', (_, response) => info(response, cursor(1))],
    ['goes in circles', (request, response) => info(response, cursor(after(request) === cursor(1) ? 2 : 1))],
  ])('where the page of members %s', async (_, change) => {
    const { source, api } = await startTree();
    changeResponses(source, change, isGraphql('groupMembers'));

    const { record, failures, seconds } = await migrate(api);

    const members = failures.filter(({ relation }) => relation === 'members');
    expect(members.map(failure => failure.exception_class)).toContain('BulkImports::PagingError');
    expect(record.status).toBe('finished');
    expect(seconds).toBeLessThan(60);
    expect(source.requests.filter(isGraphql('groupMembers')).length).toBeLessThan(40);
  });
});
