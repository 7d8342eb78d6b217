import type { Entity } from '../store/entity.ts';
import { GROUP_RELATIONS } from './group-stages.ts';
import { PLANNED_PROJECT_RELATIONS, PROJECT_RELATIONS } from './project-stages.ts';
import type { StagedRelation } from './staged-relations.ts';

export { GROUP_RELATIONS, GROUP_STAGES } from './group-stages.ts';
export { PROJECT_RELATIONS, PROJECT_STAGES } from './project-stages.ts';
export type { AnyRelation, StagedRelation } from './staged-relations.ts';

/** The relations of each kind of entity. A lane has those of one kind only: what a function loads takes time to start. */
export const RELATIONS: Readonly<Record<Entity['sourceType'], readonly StagedRelation[]>> = {
  group_entity: GROUP_RELATIONS,
  project_entity: PROJECT_RELATIONS,
};

/** Those by which runs that only look go through each kind of entity. Their names are names of the others, too. */
export const PLANNED_RELATIONS: typeof RELATIONS = {
  group_entity: GROUP_RELATIONS,
  project_entity: PLANNED_PROJECT_RELATIONS,
};

/** The relation with this name of a kind of entity. @throws when there is none */
export function relationOf(sourceType: Entity['sourceType'], name: string): StagedRelation {
  const relation = RELATIONS[sourceType].find(candidate => candidate.name === name);
  if (relation === undefined) throw new Error(`There is no relation '${name}' in the stage table.`);
  return relation;
}
