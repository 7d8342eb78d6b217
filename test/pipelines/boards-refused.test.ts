import { expect, it } from 'vitest';
import { boards } from '../../lambdas/pipelines/boards.ts';
import { type RequestPattern, refused, setFault } from '../support/gitlab/gitlab-faults.ts';
import { ACME, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(boards);

useTableInMemory();

const ROLE = "Check the role of the destination token's user in this group or project.";

it.each<[string, RequestPattern, number, string, string]>([
  [
    'the first board',
    { path: '/api/graphql' },
    403,
    '403 Forbidden',
    `The destination GitLab refused to create the first board: 403 Forbidden. ${ROLE}`,
  ],
  [
    'the list of a label',
    { path: '/lists' },
    403,
    '403 Forbidden',
    `The board was made, but not all of it: the list of label 'doing' is missing (The destination GitLab refused to create the board list: 403 Forbidden. ${ROLE.slice(0, -1)}). Add what is missing by hand.`,
  ],
  [
    'a board of a group that is gone',
    { method: 'POST', path: '/boards' },
    404,
    '404 Group Not Found',
    "The destination GitLab refused to create the board: 404 Group Not Found. It does not exist, or the destination token's user cannot see it.",
  ],
])('a refusal of %s is not taken for a missing licence', async (_, pattern, status, message, said) => {
  const bench = await startBench();
  // With a scope, so that each is made alone.
  bench
    .addPair({
      labels: [{ title: 'doing' }],
      boards: [
        { name: 'First', lists: [{ label: 'doing' }] },
        { name: 'Second', weight: 1 },
      ],
    })
    .labels.push(...(bench.source.group('acme')?.labels ?? []));
  const migration = await bench.migration('boards', ACME);
  setFault(bench.destination, pattern, refused(status, message));

  await migration.run(handler);

  expect((await migration.failures()).map(({ exceptionMessage }) => exceptionMessage)).toContain(said);
});

it.each(['Label', 'Milestone', 'User'])(
  'a list of which there is one since the board was read (%s) is there',
  async attribute => {
    const bench = await startBench();
    // With a scope, so that it is made alone, and its list, too.
    bench
      .addPair({
        labels: [{ title: 'doing' }],
        boards: [{ name: 'First', weight: 1, lists: [{ label: 'doing' }] }],
      })
      .labels.push(...(bench.source.group('acme')?.labels ?? []));
    const migration = await bench.migration('boards', ACME);
    setFault(bench.destination, { path: '/lists' }, refused(400, `${attribute} has already been taken`));

    await migration.run(handler);

    expect(bench.destination.requests.some(({ path }) => path.endsWith('/lists'))).toBe(true);
    expect(await migration.failures()).toEqual([]);
  },
);
