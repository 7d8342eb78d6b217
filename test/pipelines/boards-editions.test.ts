import { describe, expect, it } from 'vitest';
import { boards } from '../../lambdas/pipelines/boards.ts';
import type { SampleGitLabOptions } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { requestsTo, setFault } from '../support/gitlab/gitlab-faults.ts';
import { ACME, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';
import { CONTENTS, startPremiumBoards } from './boards-bench.ts';

const handler = handlerOf(boards);

useTableInMemory();

const PREMIUM: SampleGitLabOptions = { edition: 'premium' };
const FREE: SampleGitLabOptions = { edition: 'free' };
const COMMUNITY: SampleGitLabOptions = { version: '17.11.2' };
const WITHOUT_BOARDS = [
  ['Free', FREE],
  ['the Community Edition', COMMUNITY],
] as const;

describe.each(WITHOUT_BOARDS)('a destination of %s', (_, edition) => {
  it('gets the first board, and a failure for each further one', async () => {
    const { bench, group, migration } = await startPremiumBoards(
      [
        { name: 'First', lists: [{ label: 'doing' }], hideClosedList: true },
        { name: 'Second' },
        { name: 'Third' },
      ],
      edition,
    );

    await migration.run(handler);

    expect(group.boards).toEqual([expect.objectContaining({ name: 'First', hideClosedList: true })]);
    expect(group.boards[0]?.lists.map(({ label }) => label?.title)).toEqual(['doing']);
    // One document for all boards, and one for the lists of the first.
    expect(requestsTo(bench.destination, { path: '/api/graphql' })).toHaveLength(2);
    expect((await migration.tracker()).counts).toEqual({
      source: 3,
      fetched: 3,
      imported: 1,
      skipped: 0,
      failed: 2,
      skips: {},
    });
    const failures = await migration.failures();
    expect(failures.map(({ sourceTitle }) => sourceTitle).sort()).toEqual(['Second', 'Third']);
    expect(failures[0]).toMatchObject({
      exceptionClass: 'BulkImports::UnsupportedByDestinationError',
      exceptionMessage: expect.stringContaining('more than one needs GitLab Premium or Ultimate'),
    });
  });

  it('makes the board and says what of it is missing', async () => {
    const { group, migration } = await startPremiumBoards(
      [
        {
          name: 'Rich',
          labels: ['backend'],
          weight: 5,
          lists: [{ milestone: '1.0' }, { assignee: 'ada' }, { label: 'doing' }],
        },
      ],
      edition,
    );

    await migration.run(handler);

    expect(group.boards[0]?.lists.map(({ label }) => label?.title)).toEqual(['doing']);
    const [failure, ...others] = await migration.failures();
    expect(others).toEqual([]);
    expect(failure?.exceptionClass).toBe('BulkImports::UnsupportedByDestinationError');
    expect(failure?.exceptionMessage).toMatch(
      /^The board was made, but not all of it: its scope \(labels, weight\)/,
    );
    for (const missing of [`milestone '1.0'`, `assignee 'ada'`, 'needs GitLab Premium or Ultimate']) {
      expect(failure?.exceptionMessage).toContain(missing);
    }
    expect((await migration.tracker()).counts).toMatchObject({ source: 1, imported: 0, failed: 1 });
  });
});

describe('a destination of Premium', () => {
  it('gets lists of labels, milestones and members in the order of the source', async () => {
    const { group, there, migration } = await startPremiumBoards(
      [{ name: 'Mixed', lists: [{ milestone: '1.0' }, { label: 'doing' }, { assignee: 'ada' }] }],
      PREMIUM,
    );

    await migration.run(handler);

    expect(group.boards[0]?.lists).toEqual([
      expect.objectContaining({ position: 0, milestone: group.milestones[0] }),
      expect.objectContaining({ position: 1, label: group.labels[0] }),
      expect.objectContaining({ position: 2, assignee: there }),
    ]);
    expect(await migration.failures()).toEqual([]);
  });

  it('gets the scope of a board', async () => {
    const { group, there, migration } = await startPremiumBoards(
      [{ name: 'Scoped', labels: ['doing', 'backend'], milestone: '1.0', assignee: 'ada', weight: 8 }],
      PREMIUM,
    );

    await migration.run(handler);

    expect(group.boards[0]).toMatchObject({ milestone: group.milestones[0], assignee: there, weight: 8 });
    expect(group.boards[0]?.labels.map(({ title }) => title).sort()).toEqual(['backend', 'doing']);
    expect(await migration.failures()).toEqual([]);
  });

  it.each(['Started', 'Upcoming', 'No Milestone'])(
    'gets a scope that is a milestone of its own making, and the other boards: %s',
    async milestone => {
      const { bench, group, migration } = await startPremiumBoards(
        [{ name: 'Now', milestone }, { name: 'Other' }],
        PREMIUM,
      );

      await migration.run(handler);
      await migration.run(handler);

      expect(await migration.failures()).toEqual([]);
      expect(group.boards.map(({ name, milestone }) => [name, milestone?.title])).toEqual([
        ['Now', milestone],
        ['Other', undefined],
      ]);
      expect(requestsTo(bench.destination, { method: 'PUT', path: /\/boards\/\d+$/ })).toHaveLength(1);
    },
  );

  it("tells a group's milestone 'Started' from GitLab's own", async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme', boards: [{ name: 'Now', milestone: 'Started' }] });
    const milestones = [{ title: 'Started' }];
    const boards = [{ name: 'Now', milestone: 'Started' }];
    const group = bench.addDestinationGroup({ name: 'Acme', path: 'acme', milestones, boards });
    const migration = await bench.migration('boards', ACME);

    await migration.run(handler);

    expect(group.boards[0]?.milestone?.id).toBe(-3);
    expect(await migration.failures()).toEqual([]);
  });

  it('says of which milestone of its own making the id is not known', async () => {
    const { bench, group, migration } = await startPremiumBoards(
      [{ name: 'Now' }, { name: 'Other' }],
      PREMIUM,
    );
    const named = (id: number, name: string, title?: string) => ({
      id,
      name,
      milestone: title === undefined ? null : { title },
      labels: [],
      assignee: null,
      weight: null,
      lists: [],
    });
    setFault(
      bench.source,
      { path: /\/boards$/ },
      { kind: 'respond', status: 200, body: JSON.stringify([named(1, 'Now', 'Overdue'), named(2, 'Other')]) },
    );

    await migration.run(handler);

    expect(group.boards.map(({ name }) => name)).toEqual(['Now', 'Other']);
    expect((await migration.failures()).map(({ exceptionMessage }) => exceptionMessage)).toEqual([
      expect.stringContaining("its milestone 'Overdue' has no counterpart at the destination"),
    ]);
  });

  it('gets lists of labels and milestones that its ancestors have', async () => {
    const bench = await startBench();
    const lists = [{ label: 'doing' }, { milestone: '1.0' }];
    bench.source.addGroup({ name: 'Acme', path: 'acme', ...CONTENTS });
    bench.source.addGroup({ name: 'Team', path: 'team', parent: 'acme', boards: [{ name: 'Board', lists }] });
    const parent = bench.addDestinationGroup({ name: 'Acme', path: 'acme', ...CONTENTS });
    const group = bench.addDestinationGroup({ name: 'Team', path: 'team', parent: 'acme' });
    const migration = await bench.migration('boards', { from: 'acme/team', to: 'acme/team' });

    await migration.run(handler);

    expect(await migration.failures()).toEqual([]);
    expect(group.boards[0]?.lists).toEqual([
      expect.objectContaining({ label: parent.labels[0] }),
      expect.objectContaining({ milestone: parent.milestones[0] }),
    ]);
  });

  it.each([
    { what: 'label', list: { label: 'doing' }, subject: `label 'doing'` },
    { what: 'milestone', list: { milestone: '1.0' }, subject: `milestone '1.0'` },
    { what: 'member', list: { assignee: 'ada' }, subject: `assignee 'ada'` },
  ])('names a list whose $what it does not have, and gets the other lists', async ({ list, subject }) => {
    const bench = await startBench();
    bench.source.addUser({ username: 'ada' });
    const members = [{ username: 'ada', accessLevel: 30 } as const];
    const boards = [{ name: 'Team', lists: [list, { label: 'backend' }] }];
    bench.source.addGroup({ name: 'Acme', path: 'acme', ...CONTENTS, members, boards });
    const labels = [{ title: 'backend' }];
    const group = bench.addDestinationGroup({ name: 'Acme', path: 'acme', labels });
    const migration = await bench.migration('boards', ACME);

    await migration.run(handler);

    expect(group.boards[0]?.lists.map(({ label }) => label?.title)).toEqual(['backend']);
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        sourceTitle: 'Team',
        exceptionMessage: `The board was made, but not all of it: the list of ${subject} has no counterpart at the destination. Add what is missing by hand.`,
      }),
    ]);
  });

  it('does not blame the edition for a scope whose label it lacks', async () => {
    const bench = await startBench();
    const boards = [{ name: 'Team', labels: ['backend', 'doing'] }];
    bench.source.addGroup({ name: 'Acme', path: 'acme', ...CONTENTS, boards });
    bench.addDestinationGroup({ name: 'Acme', path: 'acme', labels: [{ title: 'backend' }] });
    const migration = await bench.migration('boards', ACME);

    await migration.run(handler);

    const [failure] = await migration.failures();
    expect(failure?.exceptionMessage).toContain("label 'doing'");
    expect(failure?.exceptionMessage).not.toContain('Premium');
  });
});
