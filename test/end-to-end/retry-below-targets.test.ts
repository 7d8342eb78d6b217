import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PutBack, SampleTarget } from '../../lib/gitlab-simulator/by-hand.ts';
import type { SampleGitLab, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { isLabelWrite } from '../support/gitlab/label-writes.ts';
import type { ApiClient } from '../support/service/bulk-imports-client.ts';
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

/** Migrates a group with one below it, in which the destination refuses something. */
async function migrateTree(isRefused: (request: SampleRequest) => boolean): Promise<Outcome> {
  source.addGroup({ ...ACME, members: [...ACME.members] });
  source.addGroup({
    name: 'Team',
    path: 'team',
    parent: 'acme',
    labels: [{ title: 'below' }],
    projects: [{ name: 'app', path: 'app', issues: [{ title: 'It breaks' }] }],
  });
  destination.onRequest = request => (isRefused(request) ? REFUSED : undefined);
  const outcome = await migrate(api);
  destination.onRequest = undefined;
  expect(outcome.failures.length).toBeGreaterThan(0);
  return outcome;
}

const isBelow = ({ body }: SampleRequest) => JSON.stringify(body ?? '').includes('"team"');
const isCreation = ({ method, path }: SampleRequest) =>
  method === 'POST' && /\/groups$|\/projects\/import$/.test(path);
const isImport = (request: SampleRequest) => isCreation(request) && request.path.endsWith('/import');

function groupAt(fullPath: string): SampleTarget {
  const record = destination.group(fullPath);
  if (record === undefined) throw new Error(`There is no group '${fullPath}'.`);
  return { kind: 'group', record };
}

/** It names no failure: it says who the authors in projects are. */
const isNoNotice = ({ exception_class: name }: Outcome['failures'][number]) =>
  name !== 'BulkImports::AuthorsNotice';

/** What happens to the upper group, and what each failure says of it. */
const UPHEAVALS: [string, (acme: SampleTarget) => PutBack, RegExp][] = [
  ['was renamed', acme => destination.byHand.rename(acme, 'elsewhere'), /was moved or renamed.*Move it back/],
  [
    'waits for its deletion',
    acme => destination.byHand.scheduleDeletion(acme),
    /waits for its deletion.*Restore/,
  ],
  ['was deleted', acme => destination.byHand.remove(acme), /is gone at the destination.*Restore it there/],
];

describe.each(UPHEAVALS)('in a group of an earlier attempt that %s', (_, change, words) => {
  it.each<[string, (request: SampleRequest) => boolean, () => unknown]>([
    [
      'nothing is written into a group below it',
      isLabelWrite,
      () => destination.group('imported/acme/team')?.labels.map(({ title }) => title),
    ],
    [
      'no group is made that could not be made before',
      request => isCreation(request) && isBelow(request),
      () => destination.group('imported/acme/team')?.labels.map(({ title }) => title),
    ],
    [
      'no project is made that could not be made before',
      isImport,
      () => destination.project('imported/acme/team/app')?.issues.map(({ title }) => title),
    ],
  ])('%s, until it is put back', async (__, isRefused, arrived) => {
    const { record } = await migrateTree(isRefused);
    const putBack = change(groupAt('imported/acme'));
    const before = destination.requests.length;

    const { failures } = await retry(api, record.id);

    const sent = destination.requests.slice(before);
    expect(sent.filter(({ method, path }) => method !== 'GET' && path !== '/api/graphql')).toEqual([]);
    expect(sent.filter(isLabelWrite)).toEqual([]);
    expect(failures.map(({ exception_message: message }) => message)).toContainEqual(
      expect.stringMatching(words),
    );

    putBack();
    expect((await retry(api, record.id)).failures.filter(isNoNotice)).toEqual([]);
    expect(arrived()).toHaveLength(1);
  });
});
