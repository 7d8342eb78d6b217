import { expect, it } from 'vitest';
import { RELATION_NAMES } from '../../lambdas/domain/relation-names.ts';
import { RELATIONS } from '../../lambdas/pipelines/stages.ts';

it('names every relation of the stage tables, in their order', () => {
  const names = Object.values(RELATIONS).flatMap(relations => relations.map(({ relation }) => relation));

  expect(RELATION_NAMES).toEqual([...new Set(names)]);
});
