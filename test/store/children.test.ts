import { expect, it } from 'vitest';
import { isHeld, noteHeld } from '../../lambdas/store/children.ts';
import type { Entity } from '../../lambdas/store/entity.ts';
import { useTestTable } from '../support/table/test-table.ts';

useTestTable();

const group = (sourceId: number) => ({ sourceType: 'group_entity', sourceId }) as Entity;
const project = (sourceId: number) => ({ sourceType: 'project_entity', sourceId }) as Entity;

it('what a verification has entities of is told by kind and id, of that verification', async () => {
  // One twice: a group that was asked for, and is below another one that was.
  await noteHeld(1, [group(7), project(8), group(7)]);
  await noteHeld(1, []);
  await noteHeld(
    1,
    Array.from({ length: 60 }, (_, index) => project(100 + index)),
  );

  expect(await isHeld(1, group(7))).toBe(true);
  expect(await isHeld(1, project(8))).toBe(true);
  expect(await isHeld(1, project(159))).toBe(true);
  expect(await isHeld(1, project(7))).toBe(false);
  expect(await isHeld(1, group(8))).toBe(false);
  expect(await isHeld(2, group(7))).toBe(false);
});
