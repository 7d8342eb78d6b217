import { expect, it } from 'vitest';
import { boards } from '../../lambdas/pipelines/boards.ts';
import { sumChanges } from '../../lambdas/store/changes.ts';
import type { SampleBoard, SampleGroup } from '../../lib/gitlab-simulator/model.ts';
import { isWrite } from '../soak/fault-kinds.ts';
import { FINISHED, handlerOf, verificationOf } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';
import { RICH, startPremiumBoards } from './boards-bench.ts';

/** What a verification says of the scope of a board: what is in it, and what of it is somebody else's. */

useTableInMemory();

const handler = handlerOf(boards);
const SCOPED = { ...RICH, name: 'Scoped', labels: ['backend', 'doing'] };

/** Two boards that were migrated, one of them with a scope, and what a verification finds after a change. */
async function verified(change: (scoped: SampleBoard, plain: SampleBoard, group: SampleGroup) => void) {
  const { bench, group, migration } = await startPremiumBoards([SCOPED, { name: 'Plain' }], {
    edition: 'premium',
  });
  const bea = { username: 'bea', publicEmail: 'bea@public.example' };
  bench.destination.addUser(bea);
  expect(await migration.run(handler)).toEqual(FINISHED);
  expect(await migration.failures()).toEqual([]);
  const [scoped, plain] = group.boards as [SampleBoard, SampleBoard];
  change(scoped, plain, group);
  const before = bench.destination.requests.filter(isWrite).length;
  const verification = await verificationOf('boards', migration);
  expect(await verification.run(handler)).toEqual(FINISHED);
  expect(bench.destination.requests.filter(isWrite)).toHaveLength(before);
  const failures = await verification.failures();
  return {
    changes: (await verification.entity()).changes?.boards,
    told: failures.map(({ sourceTitle, exceptionMessage }) => [sourceTitle, exceptionMessage]),
  };
}

it('nothing, where it is as at the source', async () => {
  const { changes, told } = await verified(() => {});

  expect(told).toEqual([]);
  expect(changes).toEqual({ ...sumChanges([]), unchanged: 2 });
});

/** Another milestone than the one of the scope. */
const otherMilestone = ({ milestones }: SampleGroup) => ({
  ...(milestones[0] as SampleGroup['milestones'][number]),
  id: 999_999,
  title: '2.0',
});

it.each<[string, string, string, Parameters<typeof verified>[0]]>([
  ['a milestone that is gone', 'Scoped', 'its scope (milestone)', scoped => (scoped.milestone = null)],
  [
    'another milestone',
    'Scoped',
    'its scope (milestone)',
    (scoped, _, group) => (scoped.milestone = otherMilestone(group)),
  ],
  ['an assignee who is gone', 'Scoped', 'its scope (assignee)', scoped => (scoped.assignee = null)],
  [
    'another assignee',
    'Scoped',
    'its scope (assignee)',
    scoped =>
      (scoped.assignee = { ...scoped.assignee, id: 999_999, username: 'bea' } as SampleBoard['assignee']),
  ],
  ['one label less', 'Scoped', 'its scope (labels)', scoped => void scoped.labels.pop()],
  ['another weight', 'Scoped', 'its scope (weight)', scoped => (scoped.weight = 3)],
  ['no weight', 'Scoped', 'its scope (weight)', scoped => (scoped.weight = null)],
  [
    'a weight that the source does not have',
    'Plain',
    'its scope (weight), which it does not have at the source',
    (_, plain) => (plain.weight = 3),
  ],
  [
    'labels that the source does not have',
    'Plain',
    'its scope (labels), which it does not have at the source',
    (scoped, plain) => (plain.labels = [...scoped.labels]),
  ],
])('%s, and of that board alone', async (_, board, words, change) => {
  const { changes, told } = await verified(change);

  expect(told).toEqual([[board, expect.stringContaining(`other than at the source: ${words}`)]]);
  expect(changes).toEqual({ ...sumChanges([]), unchanged: 1, update: 1 });
});
