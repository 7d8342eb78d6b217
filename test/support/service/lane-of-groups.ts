import type { AnyRelation } from '../../../lambdas/engine/entity-work.ts';
import type { Lane } from '../../../lambdas/engine/run-entity.ts';

/** The lane of groups with these relations of a group, and none of a project. */
export function laneOfGroups(relations: readonly AnyRelation[]): Lane {
  return { name: 'groups', relations: { group_entity: relations, project_entity: [] } };
}
