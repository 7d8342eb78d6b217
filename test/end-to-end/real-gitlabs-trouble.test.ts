import { beforeAll, describe, expect, it } from 'vitest';
import type { Fault, SampleGitLab, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { isLabelWrite } from '../support/gitlab/label-writes.ts';
import { addPeople, addTree, contentOf, membersOf } from '../support/gitlab/source-tree.ts';
import {
  type GitLabPair,
  isGraphql,
  isRest,
  migrate,
  onceEach,
  startPair,
} from '../support/service/gitlab-pair.ts';
import { type ServiceInMemory, startServiceInMemory } from '../support/service/service-in-memory.ts';

let service: ServiceInMemory;
beforeAll(async () => {
  service = await startServiceInMemory();
});

async function startTree(
  options: Parameters<typeof startPair>[1] = {},
): Promise<GitLabPair & { mia: number }> {
  const pair = await startPair(service, options);
  addPeople(pair.source);
  const { mia } = addPeople(pair.destination);
  addTree(pair.source, { labels: 3, levels: 2 });
  return { ...pair, mia };
}

/** Everything is there, once, and nothing is called a failure. @returns seconds by the clock */
async function expectTheWholeTree({ source, destination, api, mia }: Awaited<ReturnType<typeof startTree>>) {
  const { record, entities, failures, seconds } = await migrate(api, [{ destination_namespace: '' }]);
  expect(failures).toEqual([]);
  expect(contentOf(destination, 'acme')).toEqual(contentOf(source, 'acme'));
  expect(membersOf(destination, 'acme')).toContainEqual([mia, 30, '2030-12-31']);
  expect(entities.map(({ status }) => status)).toEqual(['finished', 'finished']);
  expect(record).toMatchObject({ status: 'finished', has_failures: false });
  return seconds;
}

const CHALLENGE: Fault = {
  kind: 'respond',
  status: 403,
  headers: { 'content-type': 'text/html; charset=UTF-8' },
  body: '<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>',
};
const TIMEOUT: Fault = {
  kind: 'respond',
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: '{"errors":[{"message":"Timeout on validation of query"}]}',
};
const page = (status: number, kind: 'respond' | 'respond-after' = 'respond'): Fault => ({
  kind,
  status,
  headers: { 'content-type': 'text/html' },
  body: `<html><title>${status}</title></html>`,
});
const json = (status: number, body: string): Fault => ({
  kind: 'respond',
  status,
  headers: { 'content-type': 'application/json' },
  body,
});

type Side = 'source' | 'destination';
type Applies = (request: SampleRequest) => boolean;
const POST_GROUPS = isRest('POST', '/groups');
const MEMBERS = isGraphql('groupMembers');

describe('trouble that is met once is waited for', () => {
  it.each<[string, Side, Applies, Fault]>([
    ['524 at POST /groups', 'destination', POST_GROUPS, page(524)],
    ['524 at POST /groups that took effect', 'destination', POST_GROUPS, page(524, 'respond-after')],
    ['520 as labels are made', 'destination', isLabelWrite, page(520)],
    ['408 at POST /milestones', 'destination', isRest('POST', '/milestones'), page(408)],
    [
      '408 without a word at POST /badges',
      'destination',
      isRest('POST', '/badges'),
      { kind: 'respond', status: 408 },
    ],
    ['a time-out of GraphQL at the members', 'source', MEMBERS, TIMEOUT],
    [
      'an error of GraphQL itself at a board',
      'destination',
      isGraphql('createBoard'),
      json(200, '{"errors":[{"message":"Internal server error"}]}'),
    ],
    ["a firewall's challenge at the members", 'source', MEMBERS, CHALLENGE],
    ["a firewall's challenge at POST /groups", 'destination', POST_GROUPS, CHALLENGE],
    ["a firewall's challenge at every request of the run to the source", 'source', () => true, CHALLENGE],
    [
      'a body that is not there, at POST /groups',
      'destination',
      POST_GROUPS,
      { kind: 'respond-after', status: 201 },
    ],
  ])('%s', async (_, side, applies, fault) => {
    const pair = await startTree();
    let isRunning = false;
    // The checks of the POST have their own tests.
    const met = onceEach(pair[side], request => isRunning && applies(request), fault);
    const start = pair.api.start.bind(pair.api);
    pair.api.start = async entities => {
      const id = await start(entities);
      isRunning = true;
      return id;
    };

    await expectTheWholeTree(pair);

    expect(met.size).toBeGreaterThan(0);
  });
});

describe('a connection that is dropped at each kind of write', () => {
  const isWrite: Applies = ({ method, body }) =>
    method === 'PUT' || (method === 'POST' && !/"query":"\s*(query|\{)/.test(JSON.stringify(body)));

  const isBoard: Applies = request => isRest('POST', '/boards')(request) || isGraphql('createBoard')(request);

  it.each(['drop-before', 'drop-after', 'cut-off'] as const)('%s costs seconds', async kind => {
    const pair = await startTree();
    // A badge that had to be sent again is looked at after five minutes, and a board that is not there is sent again
    // after five minutes, which are tests of their own.
    const isLate: Applies = request =>
      request.path.endsWith('/badges') || (kind === 'drop-before' && isBoard(request));
    const isFoundAgain: Applies = request => isWrite(request) && !isLate(request);
    const met = onceEach(pair.destination, isFoundAgain, { kind });

    const seconds = await expectTheWholeTree(pair);

    const kinds = new Set([...met].map(request => request.replace(/ \{.*$/, '').replace(/\d+/g, '*')));
    expect(kinds.size).toBeGreaterThan(6);
    expect(seconds / met.size).toBeLessThan(5);
    expect(seconds).toBeLessThan(90);
  });

  it.each(['empty', 'page'] as const)('a success whose body is %s is no failure', async kind => {
    const pair = await startTree();
    const body = kind === 'empty' ? '' : '<html><title>OK</title></html>';
    const met = onceEach(pair.destination, isWrite, { kind: 'respond-after', status: 200, body });

    await expectTheWholeTree(pair);

    expect(met.size).toBeGreaterThan(6);
  });
});

it('a limit without a time is waited for, for 12 minutes', async () => {
  const pair = await startTree();
  const end = Date.now() + 12 * 60_000;
  let refused = 0;
  pair.destination.onRequest = request => {
    if (!isLabelWrite(request) || Date.now() >= end) return undefined;
    refused += 1;
    return { kind: 'respond', status: 429, headers: { 'content-type': 'text/plain' }, body: 'Retry later\n' };
  };

  const seconds = await expectTheWholeTree(pair);

  expect(seconds).toBeGreaterThanOrEqual(12 * 60);
  expect(seconds).toBeLessThan(30 * 60);
  expect(refused).toBeLessThan(60);
});

it('a destination that reads from a replica 5 s behind gets the whole tree', async () => {
  const pair = await startTree({ destination: { replicaLagMs: 5_000 } });

  expect(await expectTheWholeTree(pair)).toBeLessThan(120);
});

it.each([-3, 3])('a destination whose clock is %i hours off loses no response', async hours => {
  const pair = await startTree();
  const { destination } = pair;
  shiftClock(destination, hours);

  await expectTheWholeTree(pair);
});

/** Lets a GitLab tell another time, in `Date` and in what it made; its first response to a creation is lost. */
function shiftClock(gitlab: SampleGitLab, hours: number): void {
  const shifted = () => new Date(Date.now() + hours * 3_600_000);
  let isFirst = true;
  gitlab.onRequest = request => {
    for (const group of gitlab.groups()) {
      if (group.fullPath.startsWith('acme') && !marked.has(group)) {
        marked.add(group);
        Object.assign(group, { createdAt: shifted().toISOString() });
      }
    }
    if (POST_GROUPS(request) && isFirst) {
      isFirst = false;
      return { kind: 'drop-after' };
    }
    return { kind: 'add-headers', headers: { Date: shifted().toUTCString() } };
  };
}
const marked = new WeakSet<object>();
