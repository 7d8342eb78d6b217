import { describe } from 'vitest';
import { GROUP_RELATIONS } from '../../lambdas/pipelines/stages.ts';
import { useTableInMemory } from '../support/table-in-memory.ts';
import { relationContract } from './contract.ts';
import type { RelationFixture } from './fixture.ts';
import { FIXTURES } from './fixtures.ts';

useTableInMemory();

for (const relation of GROUP_RELATIONS) {
  describe(`the relation ${relation.name}`, () => {
    relationContract(relation, FIXTURES.get(relation.name) as RelationFixture);
  });
}
