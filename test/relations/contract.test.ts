import { describe } from 'vitest';
import { GROUP_RELATIONS } from '../../lambdas/pipelines/stages.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';
import { relationContract } from './contract.ts';
import type { RelationFixture } from './fixture.ts';
import { FIXTURES } from './fixtures.ts';

useTableInMemory();

for (const relation of GROUP_RELATIONS) {
  const fixture = FIXTURES.get(relation.name) as RelationFixture;
  describe(`the relation ${relation.name}`, () => {
    relationContract(relation, fixture);
  });
  if (fixture.isSentAloneToo !== true) continue;
  const { many: _, ...alone } = relation;
  describe(`the relation ${relation.name}, one record after the other`, () => {
    relationContract(alone, fixture);
  });
}
