import { afterEach, expect, it } from 'vitest';
import { boards } from '../../lambdas/pipelines/boards.ts';
import { labels } from '../../lambdas/pipelines/labels.ts';
import { members } from '../../lambdas/pipelines/members.ts';
import { milestones } from '../../lambdas/pipelines/milestones.ts';
import { wikis } from '../../lambdas/pipelines/wikis.ts';
import { type AuditEvent, listAuditEvents } from '../../lambdas/store/audit-events.ts';
import type { SampleGroupSeed } from '../../lib/gitlab-simulator/model.ts';
import type { SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { setFault } from '../support/gitlab/gitlab-faults.ts';
import {
  ACME,
  type Bench,
  DESTINATION_TOKEN,
  handlerOf,
  type Migration,
  type PipelineHandler,
  startBench,
} from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const table = useTableInMemory();
afterEach(() => {
  table().throttles = () => false;
});

const POST_MILESTONES = { method: 'POST', path: '/milestones' } as const;
const milestonesLane = handlerOf(milestones);

interface Started {
  bench: Bench;
  migration: Migration;
  events: () => Promise<AuditEvent[]>;
}

async function start(relation: string, contents: Partial<SampleGroupSeed>): Promise<Started> {
  const bench = await startBench();
  bench.addPair(contents);
  const migration = await bench.migration(relation, ACME);
  const { importId, entityId } = migration;
  return { bench, migration, events: () => listAuditEvents(importId, entityId) };
}

async function runToEnd(migration: Migration, lane: PipelineHandler): Promise<void> {
  for (let run = 0; run < 10; run++) if ((await migration.run(lane)).status === 'ended') return;
  throw new Error('It does not end.');
}

const isWrite = ({ method }: SampleRequest) => method !== 'GET';
const writesOf = ({ destination }: Bench) => destination.requests.filter(isWrite);
const results = (events: AuditEvent[]) => events.map(({ title, result }) => `${title}: ${result}`);

it('a record that is written has one event, which says what was sent and what became of it', async () => {
  const { bench, migration, events } = await start('milestones', { milestones: [{ title: 'v1' }] });

  await runToEnd(migration, milestonesLane);

  const [request] = writesOf(bench);
  expect(await events()).toEqual([
    expect.objectContaining({
      relation: 'milestones',
      attempt: 1,
      operation: 'create the milestone',
      method: 'POST',
      path: request?.path,
      kind: 'create',
      target: 'Milestone',
      title: 'v1',
      targetId: bench.destination.group('acme')?.milestones[0]?.id,
      attributes: ['title', 'description'],
      result: 'created',
      status: 201,
      requestId: request?.requestId,
    }),
  ]);
});

it('a change names the attributes that it changes', async () => {
  const { migration, events } = await start('milestones', { milestones: [{ title: 'v1', state: 'closed' }] });

  await runToEnd(migration, milestonesLane);

  expect((await events()).map(({ kind, attributes, result }) => [kind, attributes, result])).toEqual([
    ['create', ['title', 'description'], 'created'],
    ['change', ['state'], 'updated'],
  ]);
});

it('of records that are sent together each has its event, with the id of that request', async () => {
  const titles = Array.from({ length: 60 }, (_, index) => `label-${String(index).padStart(2, '0')}`);
  const { bench, migration, events } = await start('labels', {
    labels: titles.map(title => ({ title })),
  });

  await runToEnd(migration, handlerOf(labels));

  const all = await events();
  const ids = writesOf(bench).map(({ requestId }) => requestId);
  expect(ids).toHaveLength(2);
  expect(results(all)).toEqual(titles.map(title => `${title}: created`));
  expect(new Set(all.map(({ requestId }) => requestId))).toEqual(new Set(ids));
  const made = bench.destination.group('acme')?.labels.map(({ id }) => id);
  expect(all.map(({ targetId }) => targetId)).toEqual(made);
});

it('a list says of which board it is a part', async () => {
  const { migration, events } = await start('boards', {
    labels: [{ title: 'bug' }],
    boards: [{ name: 'Work', lists: [{ label: 'bug' }] }],
  });
  await runToEnd(migration, handlerOf(labels));
  const boardsOf = await events();

  await runToEnd(migration, handlerOf(boards));

  const lists = (await events()).slice(boardsOf.length).filter(({ target }) => target === 'BoardList');
  expect(lists.every(({ within }) => within === 'Work')).toBe(true);
});

it('a refusal is an event, too', async () => {
  const { bench, migration, events } = await start('milestones', { milestones: [{ title: 'v1' }] });
  setFault(bench.destination, POST_MILESTONES, { kind: 'respond', status: 403, body: '{}' });

  await runToEnd(migration, milestonesLane);

  expect(await events()).toEqual([expect.objectContaining({ result: 'refused', status: 403 })]);
});

it('of a write without an answer it is found out later that the record is there', async () => {
  const { bench, migration, events } = await start('milestones', { milestones: [{ title: 'v1' }] });
  setFault(bench.destination, { ...POST_MILESTONES, nth: 1 }, { kind: 'drop-after' });

  await runToEnd(migration, milestonesLane);

  expect(writesOf(bench)).toHaveLength(1);
  expect(await events()).toEqual([
    expect.objectContaining({ title: 'v1', result: 'found', status: null, requestId: null }),
  ]);
});

it('of a write without an effect it is found out later that it had none', async () => {
  const { bench, migration, events } = await start('milestones', { milestones: [{ title: 'v1' }] });
  setFault(bench.destination, { ...POST_MILESTONES, nth: 1 }, { kind: 'respond', status: 502, body: '{}' });

  await runToEnd(migration, milestonesLane);

  expect((await events()).map(({ result, status }) => [result, status])).toEqual([
    ['not_found', 502],
    ['created', 201],
  ]);
});

it('too many requests are refused, and are sent again under an event of their own', async () => {
  const { bench, migration, events } = await start('milestones', { milestones: [{ title: 'v1' }] });
  setFault(bench.destination, { ...POST_MILESTONES, nth: 1 }, { kind: 'respond', status: 429, body: '{}' });

  await runToEnd(migration, milestonesLane);

  expect((await events()).map(({ result, status }) => [result, status])).toEqual([
    ['refused', 429],
    ['created', 201],
  ]);
});

it('members are told apart by their users, also after a lost answer', async () => {
  const usernames = ['ada', 'ben', 'cat'];
  const bench = await startBench();
  for (const username of usernames) {
    const user = { username, publicEmail: `${username}@public.example` };
    bench.source.addUser(user);
    bench.destination.addUser(user);
  }
  bench.addPair({ members: usernames.map(username => ({ username, accessLevel: 30 })) });
  const migration = await bench.migration('members', ACME);
  setFault(bench.destination, { method: 'POST', path: '/members', nth: 1 }, { kind: 'drop-after' });

  await runToEnd(migration, handlerOf(members));

  const events = await listAuditEvents(migration.importId, migration.entityId);
  expect(events.map(({ target, result }) => [target, result])).toEqual([
    ['Member', 'found'],
    ['Member', 'found'],
    ['Member', 'found'],
  ]);
});

it('nothing is sent that could not be written down before', async () => {
  const { bench, migration, events } = await start('milestones', { milestones: [{ title: 'v1' }] });
  table().throttles = ({ kind, sk }) => kind === 'write' && sk.startsWith('AUDIT#');

  await expect(migration.run(milestonesLane)).rejects.toThrow('The table could not be used');

  expect(writesOf(bench)).toEqual([]);
  expect(await events()).toEqual([]);
});

it('has no content, no token and no query', async () => {
  const { migration, events } = await start('wikis', {
    wikis: [{ slug: 'home', content: 'secret words', format: 'markdown' }],
  });

  await runToEnd(migration, handlerOf(wikis));

  const text = JSON.stringify(await events());
  expect(text).toContain('home');
  expect(text).not.toContain('secret words');
  expect(text).not.toContain(DESTINATION_TOKEN);
  expect(text).not.toContain('?');
});
