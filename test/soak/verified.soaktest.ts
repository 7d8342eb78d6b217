import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isTerminal } from '../../lambdas/domain/statuses.ts';
import { hasEndedByItself } from '../../lambdas/engine/waiting-verification.ts';
import { heldKey } from '../../lambdas/store/children.ts';
import { entityFromItem } from '../../lambdas/store/entity.ts';
import { importFromItem } from '../../lambdas/store/imports.ts';
import { itemsLike } from './invariant.ts';
import { type Schedule, schedule } from './schedule.ts';
import { seedOfToday } from './seeds.ts';
import { type Aftermath, live } from './world.ts';

const RUNS = Math.ceil(Number(process.env.SOAK_RUNS ?? 500) / 2);
const SEED = seedOfToday();
const { SOAK_PATH: PATH } = process.env;

/** How a promise to verify an import when it has come to its end was broken. */
function broken({ table, answer, canceled }: Aftermath): string[] {
  const items = [...table.items.values()];
  const records = itemsLike(itemsLike(items, 'IMPORT#', 'pk'), 'IMPORT', 'sk').map(importFromItem);
  const verifications = records.filter(({ kind }) => kind === 'verification');
  const verified = new Set(verifications.map(({ id }) => id));
  return [
    ...records
      .filter(({ status }) => !isTerminal(status))
      .map(({ id, kind = 'import', status }) => `the ${kind} ${id} is still '${status}'`),
    ...itemsLike(items, 'ENTITY#', 'sk')
      .map(entityFromItem)
      .filter(({ importId, status }) => verified.has(importId) && !isTerminal(status))
      .map(({ id, status }) => `entity ${id} of a verification is still '${status}'`),
    ...itemsLike(items, 'OPEN', 'pk').map(({ sk }) => `${sk} is still listed as open`),
    ...itemsLike(items, 'SECRET', 'sk')
      .filter(({ source, destination }) => source !== undefined || destination !== undefined)
      .map(({ pk }) => `the sealed tokens of ${pk} are still there`),
    ...records
      .filter(({ kind }) => kind === undefined)
      .flatMap(record => {
        const followers = verifications.filter(({ id }) => id === record.verificationId);
        const begun = followers.filter(({ startedAt }) => startedAt !== undefined);
        // Canceled, perhaps, after the request that was to write it had died.
        const isOwed = answer === 201 && record.status !== 'canceled';
        if (followers.length === 0) return isOwed ? [`no verification of ${record.id} is there`] : [];
        if (hasEndedByItself(record)) return begun.length === 1 ? [] : [`${record.id} was not verified`];
        // Canceled, perhaps, while it was verified.
        return begun.length === 0 || canceled === 200 ? [] : [`${record.id} was verified before its end`];
      }),
  ];
}

/** Gives each group of the source one more subgroup and project. */
function grow({ source }: Aftermath): void {
  for (const { fullPath } of source.groups()) {
    source.addGroup({ name: 'Late', path: 'late', parent: fullPath });
    source.addProject(fullPath, { name: 'Later', path: 'later', branches: ['main'] });
  }
}

/** Whether the last verification has told of exactly those subgroups and projects that have no entity in the import. */
function untold({ table, source }: Aftermath): string[] {
  const items = [...table.items.values()];
  const records = itemsLike(itemsLike(items, 'IMPORT#', 'pk'), 'IMPORT', 'sk').map(importFromItem);
  const record = records.find(({ kind }) => kind === undefined);
  const entities = itemsLike(items, 'ENTITY#', 'sk').map(entityFromItem);
  const known = new Set(entities.filter(({ importId }) => importId === record?.id).map(heldKey));
  return entities
    .filter(
      ({ importId, sourceType }) => importId === record?.verificationId && sourceType === 'group_entity',
    )
    .filter(({ status }) => status === 'finished')
    .flatMap(({ sourceId, sourceFullPath, changes = {}, trackers }) => {
      const group = source.groups().find(({ id }) => id === sourceId);
      const listed = {
        subgroup_entities: source
          .groups()
          .filter(({ parentId }) => parentId === sourceId)
          .map(({ id }) => ({ sourceType: 'group_entity' as const, sourceId: id })),
        project_entities: (group?.projects ?? [])
          .filter(({ markedForDeletionOn }) => !markedForDeletionOn)
          .map(({ id }) => ({ sourceType: 'project_entity' as const, sourceId: id })),
      };
      return Object.entries(listed)
        .filter(([relation]) => trackers[relation]?.status === 'finished')
        .flatMap(([relation, children]) => {
          const without = children.filter(child => !known.has(heldKey(child))).length;
          const { create = 0, unknown = 0 } = changes[relation] ?? {};
          return create + unknown === without
            ? []
            : [`${relation} of ${sourceFullPath}: ${create} missing and ${unknown} new, not ${without}`];
        });
    });
}

it(`an import is verified when it has come to its end, and nothing is left of either: ${RUNS} schedules of faults and crashes, drawn from seed ${SEED}`, async () => {
  await fc.assert(
    fc.asyncProperty(schedule, fc.boolean(), fc.boolean(), async (drawn, isRetried, isGrown) => {
      const asked: Schedule = { ...drawn, isVerified: true };
      const aftermath = await live(asked);
      try {
        expect(broken(aftermath)).toEqual([]);
        if (!isRetried) return;
        aftermath.calm();
        if (isGrown) grow(aftermath);
        // What has come is brought by none that goes through labels only.
        const [answer] = await aftermath.retry([
          { verify: true, scope: 'all', ...(isGrown && { relations: ['labels'] }) },
        ]);
        expect(broken(aftermath)).toEqual([]);
        if (answer === 201) expect(untold(aftermath)).toEqual([]);
      } finally {
        await aftermath.stop();
      }
    }),
    { numRuns: RUNS, seed: SEED, ...(PATH !== undefined && { path: PATH }) },
  );
});
