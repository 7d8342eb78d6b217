import { beforeEach, describe, expect, it } from 'vitest';
import { keys } from '../../lambdas/store/keys.ts';
import { updateItem } from '../../lambdas/store/table-updates.ts';
import type { SampleGroupSeed } from '../../lib/gitlab-simulator/model.ts';
import type { Fault } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { refused, setFault, throttled } from '../support/gitlab/gitlab-faults.ts';
import { isDocument, refuseDocuments } from '../support/gitlab/group-document.ts';
import { lane } from '../support/service/group-lane.ts';
import { type Bench, FINISHED, type Migration, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();

const labels = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ title: `label ${String(count - index).padStart(3, '0')}` }));
const CONTENTS: Partial<SampleGroupSeed> = {
  labels: labels(60),
  milestones: [{ title: 'one', state: 'closed' }, { title: 'two' }],
  badges: [{ name: 'build', linkUrl: 'https://l.example', imageUrl: 'https://i.example' }],
  boards: [{ name: 'Team', lists: [{ label: 'label 001' }] }],
  projects: [{ name: 'Web', path: 'web' }],
  members: [{ username: 'ann', accessLevel: 30 }],
};

let bench: Bench;
let migration: Migration;

async function start(contents: Partial<SampleGroupSeed> = CONTENTS): Promise<void> {
  bench = await startBench();
  for (const gitlab of [bench.source, bench.destination])
    gitlab.addUser({ username: 'ann', publicEmail: 'ann@public.example' });
  const { id } = bench.source.addGroup({ name: 'Acme', path: 'acme', ...contents });
  bench.source.addGroup({ name: 'Team', path: 'team', parent: 'acme' });
  migration = await bench.migration('labels', { from: 'acme' });
  bench.source.requests.length = 0;
  group = `/api/v4/groups/${id}`;
}
beforeEach(() => start());

let group: string;

/** What the source was asked for, in order; documents under a name of their own. */
const asked = () =>
  bench.source.requests.map(request =>
    isDocument(request) ? 'document' : `${request.method} ${request.path.replace(group, '')}`,
  );
const documents = () => asked().filter(request => request === 'document').length;

const LOST: Fault = { kind: 'respond', status: 502 };
const DOCUMENT = { path: '/graphql', where: isDocument };

/** Lets the wait of a relation be over, as if its time had passed. */
const endWaitOf = (relation: string) =>
  updateItem(keys.entity(migration.importId, migration.entityId), {
    set: { [`trackers.${relation}.waiting.until`]: new Date().toISOString() },
  });

/** Expects that all of the group has come, and how often each is counted. */
async function expectAll(): Promise<void> {
  const { stats } = await migration.entity();
  const counts = Object.fromEntries(
    Object.entries(stats).map(([name, { source, imported, failed }]) => [name, [source, imported, failed]]),
  );
  expect(counts).toMatchObject({
    group: [1, 1, 0],
    members: [1, 1, 0],
    labels: [60, 60, 0],
    milestones: [2, 2, 0],
    badges: [1, 1, 0],
    boards: [1, 1, 0],
    project_entities: [1, 1, 0],
    subgroup_entities: [1, 1, 0],
  });
  const arrived = bench.destination.group('acme');
  expect(arrived?.labels).toHaveLength(60);
  expect(arrived?.boards).toMatchObject([{ name: 'Team' }]);
}

describe('what a group with fewer than 100 of everything holds', () => {
  it('with projects, is read by five requests to a source that may have wikis', async () => {
    expect(await migration.run(lane)).toEqual(FINISHED);

    expect(asked().sort()).toEqual(['GET ', 'GET /badges', 'GET /projects', 'GET /wikis', 'document']);
    await expectAll();
  });

  it.each([
    ['by GraphQL', undefined],
    ['by a proxy', refused(403, 'Too long')],
  ])('is read singly where the document is refused %s, with the same result', async (_, fault) => {
    await migration.run(lane);
    const failures = (await migration.failures()).map(({ exceptionMessage, sourceTitle, sourceUrl }) => ({
      exceptionMessage,
      sourceTitle,
      sourceUrl,
    }));
    await start();
    refuseDocuments(bench.source, fault);

    expect(await migration.run(lane)).toEqual(FINISHED);

    expect(asked()).toEqual(expect.arrayContaining(['GET /labels', 'GET /milestones', 'GET /boards']));
    expect(documents()).toBe(1);
    await expectAll();
    expect(await migration.failures()).toMatchObject(failures);
  });
});

it('a list of several pages is read from its beginning by requests that tell its length', async () => {
  await start({ ...CONTENTS, labels: labels(101) });

  expect(await migration.run(lane)).toEqual(FINISHED);

  expect(asked().sort()).toEqual([
    'GET ',
    'GET /badges',
    'GET /labels',
    'GET /labels',
    'GET /projects',
    'GET /wikis',
    'document',
  ]);
  expect((await migration.tracker()).counts).toMatchObject({ source: 101, imported: 101 });
});

describe('trouble with the document', () => {
  it('is waited for, and all relations have what the next one tells', async () => {
    // The client itself sends a read three times before it is trouble.
    bench.source.onRequest = request => (isDocument(request) && documents() < 6 ? LOST : undefined);

    expect(await migration.run(lane)).toEqual(FINISHED);

    expect(documents()).toBeGreaterThan(5);
    expect(asked()).not.toContain('GET /labels');
    await expectAll();
  });

  it('that lasts has the next run read singly', async () => {
    setFault(bench.source, DOCUMENT, LOST);
    expect(await migration.run(lane)).toMatchObject({ status: 'wait' });
    bench.source.requests.length = 0;
    await endWaitOf('group');

    expect(await migration.run(lane)).toEqual(FINISHED);

    expect(documents()).toBe(0);
    await expectAll();
  });
});

describe('a run that goes on in the middle of what the document told', () => {
  beforeEach(async () => {
    const isLabels = ({ body }: { body: unknown }) => JSON.stringify(body).includes('labelCreate');
    setFault(bench.destination, { path: '/graphql', where: isLabels, nth: 2 }, throttled(60));
    expect(await migration.run(lane)).toMatchObject({ status: 'wait' });
    expect((await migration.tracker()).counts.imported).toBe(40);
    bench.source.requests.length = 0;
  });

  it('leaves out nothing', async () => {
    expect(await migration.run(lane)).toEqual(FINISHED);

    expect(documents()).toBe(1);
    await expectAll();
  });

  it('leaves out nothing where the document is refused by then', async () => {
    refuseDocuments(bench.source);

    expect(await migration.run(lane)).toEqual(FINISHED);

    expect(asked()).not.toContain('GET /labels');
    await expectAll();
  });
});
