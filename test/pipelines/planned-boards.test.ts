import { describe, expect, it } from 'vitest';
import { boards } from '../../lambdas/pipelines/boards.ts';
import { sumChanges } from '../../lambdas/store/changes.ts';
import { keys } from '../../lambdas/store/keys.ts';
import { updateItem } from '../../lambdas/store/table-updates.ts';
import type { SampleGroupSeed } from '../../lib/gitlab-simulator/model.ts';
import { FINISHED, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();

const handler = handlerOf(boards);
const NOTHING = sumChanges([]);

/** Plans the boards of `acme`, which does not exist at the destination. */
async function plan(seed: Partial<SampleGroupSeed>, relations: Record<string, boolean> = {}) {
  const bench = await startBench();
  bench.source.addUser({ username: 'ann' });
  bench.source.addGroup({ name: 'Acme', path: 'acme', ...seed });
  const migration = await bench.migration('boards', { from: 'acme', kind: 'plan' });
  const { importId, entityId } = migration;
  await updateItem(keys.entity(importId, entityId), { set: { relations } });
  expect(await migration.run(handler)).toEqual(FINISHED);
  const { changes } = await migration.entity();
  const { foreseen } = await migration.tracker();
  const failures = (await migration.failures()).map(({ exceptionMessage }) => exceptionMessage);
  return { changes: changes?.boards, writes: foreseen?.writes, failures };
}

const BOARD = { name: 'Development', lists: [{ label: 'doing' }, { label: 'review' }] };
const LABELS = [{ title: 'doing' }, { title: 'review' }];

describe('a plan of boards', () => {
  it('has a board and its lists, of the labels that come before them', async () => {
    expect(await plan({ labels: LABELS, boards: [BOARD] })).toEqual({
      changes: { ...NOTHING, create: 1 },
      writes: 3,
      failures: [],
    });
  });

  it('is blocked by lists without a counterpart, and makes the rest', async () => {
    const { changes, writes, failures } = await plan({ labels: LABELS, boards: [BOARD] }, { labels: false });

    expect([changes, writes]).toEqual([{ ...NOTHING, blocked: 1 }, 1]);
    expect(failures).toEqual([
      "The board would be made, but not all of it: the list of label 'doing' has no counterpart there; the list of label 'review' has no counterpart there. Add what is missing by hand.",
    ]);
  });

  it('does not know what becomes of lists and scopes that need a licence', async () => {
    const { changes, writes } = await plan({
      labels: LABELS,
      members: [{ username: 'ann', accessLevel: 30 }],
      boards: [{ ...BOARD, lists: [...BOARD.lists, { assignee: 'ann' }], weight: 3 }],
    });

    expect([changes, writes]).toEqual([{ ...NOTHING, unknown: 1 }, 4]);
  });
});
