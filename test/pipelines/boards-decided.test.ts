import { expect, it } from 'vitest';
import { Change, type Decision } from '../../lambdas/engine/relation.ts';
import { boards } from '../../lambdas/pipelines/boards.ts';
import type { SampleBoardSeed } from '../../lib/gitlab-simulator/model.ts';
import type { SampleGitLabOptions } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { isWrite } from '../soak/fault-kinds.ts';
import { requestsTo } from '../support/gitlab/gitlab-faults.ts';
import { ACME, FINISHED, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';
import { CONTENTS, RICH, startBenchWithAda } from './boards-bench.ts';

/** What is to be done about a board is told without doing it. */

useTableInMemory();

const PREMIUM: SampleGitLabOptions = { edition: 'premium' };
const FREE: SampleGitLabOptions = { edition: 'free' };

/** Has the boards of a group decided about, each as if nothing had to be done. */
async function decide(
  source: SampleBoardSeed[],
  there: SampleBoardSeed[],
  destination: SampleGitLabOptions = PREMIUM,
) {
  const { bench } = await startBenchWithAda(destination);
  bench.source.addGroup({ name: 'Acme', path: 'acme', ...CONTENTS, boards: source });
  bench.addDestinationGroup({ name: 'Acme', path: 'acme', ...CONTENTS, boards: there });
  const migration = await bench.migration('boards', ACME);
  const decided: Decision[] = [];
  const handler = handlerOf({
    ...boards,
    async decide(...of): Promise<Decision> {
      decided.push(await boards.decide(...of));
      return 'keep';
    },
  });
  expect(await migration.run(handler)).toEqual(FINISHED);
  expect(bench.destination.requests.filter(isWrite)).toEqual([]);
  const failures = await migration.failures();
  return { bench, decided, refusals: failures.map(({ exceptionMessage }) => exceptionMessage) };
}

const BOARD = { ...RICH, hideClosedList: true };

const { milestone: _milestone, ...withoutMilestone } = BOARD;

it('a board that is not there is to be created, for which nothing but the boards is asked', async () => {
  const { bench, decided } = await decide([BOARD, { name: 'Other' }], []);

  expect(decided).toEqual(['create', 'create']);
  expect(bench.destination.requests.map(({ path }) => path)).toEqual([
    expect.stringMatching(/\/groups\/\d+\/boards$/),
  ]);
});

it('a board that has all that it should have is to be kept', async () => {
  const { decided } = await decide([BOARD, { name: 'Rich' }], [BOARD, { name: 'Rich' }]);

  expect(decided).toEqual(['keep', 'keep']);
});

it.each<[string, SampleBoardSeed, string[]]>([
  ['a column', { ...RICH, hideClosedList: false }, ["hide_closed_list is 'false' instead of 'true'"]],
  ['parts of its scope', { ...BOARD, weight: 3, labels: [] }, ['its scope (labels, weight)']],
  [
    'lists',
    { ...BOARD, lists: [{ assignee: 'ada' }] },
    ["the list of milestone '1.0'", "the list of label 'doing'"],
  ],
])('a board that lacks %s is to be changed, and it is said in what', async (_, there, differs) => {
  const { decided } = await decide([BOARD], [there]);

  expect(decided).toEqual([new Change(differs)]);
});

it('a board that can have some of what it lacks is to be changed, and it is said what it cannot have', async () => {
  const { decided } = await decide([withoutMilestone], [{ name: 'Rich' }], FREE);

  expect(decided).toEqual([
    new Change([
      "hide_closed_list is 'false' instead of 'true'",
      "the list of label 'doing'",
      'its scope (assignee, labels, weight) needs GitLab Premium or Ultimate',
      "the list of milestone '1.0' needs GitLab Premium or Ultimate",
      "the list of assignee 'ada' needs GitLab Premium or Ultimate",
    ]),
  ]);
});

it.each<[string, SampleBoardSeed, SampleBoardSeed, SampleGitLabOptions, string]>([
  [
    'its scope, for want of a licence',
    { name: 'Team', weight: 5 },
    { name: 'Team' },
    FREE,
    'its scope (weight) needs GitLab Premium or Ultimate',
  ],
  [
    'a list, for want of its label',
    { name: 'Team', lists: [{ label: 'gone' }] },
    { name: 'Team' },
    PREMIUM,
    "the list of label 'gone' has no counterpart at the destination",
  ],
])(
  'a board that can never have all of it is a failure, and says why: %s',
  async (_, wanted, there, edition, said) => {
    const bench = await startBench({ destination: edition });
    const labels = [...CONTENTS.labels, { title: 'gone' }];
    bench.source.addGroup({ name: 'Acme', path: 'acme', ...CONTENTS, labels, boards: [wanted] });
    bench.addDestinationGroup({ name: 'Acme', path: 'acme', ...CONTENTS, boards: [there] });
    const migration = await bench.migration('boards', ACME);

    expect(await migration.run(handlerOf(boards))).toEqual(FINISHED);

    expect(bench.destination.requests.filter(isWrite)).toEqual([]);
    expect((await migration.failures()).map(({ exceptionMessage }) => exceptionMessage)).toEqual([
      `The board was made, but not all of it: ${said}. Add what is missing by hand.`,
    ]);
  },
);

it('a second board is told to be impossible where there can be one only', async () => {
  const { decided, refusals } = await decide(
    [{ name: 'First' }, { name: 'Second' }],
    [{ name: 'First' }],
    FREE,
  );

  expect(decided).toEqual(['keep']);
  expect(refusals).toEqual([
    expect.stringContaining('can have no other: more than one needs GitLab Premium'),
  ]);
});

it('what labels and milestones there are is asked once, and only where a board needs it', async () => {
  const plain = { name: 'Plain', hideClosedList: true };
  const none = await decide([plain], [plain]);
  expect(requestsTo(none.bench.destination, { path: /\/(labels|milestones)$/ })).toEqual([]);

  const twice = await decide([BOARD, { ...BOARD, name: 'Other' }], [BOARD, { ...BOARD, name: 'Other' }]);
  expect(requestsTo(twice.bench.destination, { path: '/labels' })).toHaveLength(1);
  expect(requestsTo(twice.bench.destination, { path: '/milestones' })).toHaveLength(1);
});
