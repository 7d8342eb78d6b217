import type { Relation, StagedEntry } from '../engine/relation.ts';
import type { Entity } from '../store/entity.ts';
import { archive } from './archive.ts';
import { badges } from './badges.ts';
import { boards } from './boards.ts';
import { finisher } from './finisher.ts';
import { group } from './group.ts';
import { groupAttributes } from './group-attributes.ts';
import { labels } from './labels.ts';
import { members } from './members.ts';
import { milestones } from './milestones.ts';
import { namespaceSettings } from './namespace-settings.ts';
import { project } from './project.ts';
import { projectAttributes } from './project-attributes.ts';
import { projectCounts } from './project-counts.ts';
import { projectCreationLevel } from './project-creation-level.ts';
import { projectEntities } from './project-entities.ts';
import { projectExport } from './project-export.ts';
import { projectImport } from './project-import.ts';
import { subgroupEntities } from './subgroup-entities.ts';
import { uploads } from './uploads.ts';
import { wikis } from './wikis.ts';

/** Any relation. What it reads, wants and finds is its own business, and never leaves it. */
// biome-ignore lint/suspicious/noExplicitAny: the three types of a relation fit each other, and nobody else.
export type AnyRelation = Relation<any, any, any>;
export type StagedRelation = AnyRelation & StagedEntry;

/**
 * The stage table: which relations a group has, in which order. Stages run one after the other, the relations of a
 * stage side by side. A new relation is one word here and one file beside this one.
 */
export const GROUP_STAGES: readonly (readonly AnyRelation[])[] = [
  [group],
  [namespaceSettings, members, labels, milestones, badges, wikis],
  [boards, uploads, projectEntities],
  [subgroupEntities],
  [groupAttributes, projectCreationLevel],
];

/** The same for a project. What is in its archive comes with the import; what is not has a relation after it. */
export const PROJECT_STAGES: readonly (readonly AnyRelation[])[] = [
  [projectExport],
  [archive],
  [project],
  [projectImport],
  [members, projectAttributes],
  [projectCounts],
  [finisher],
];

/** The relations of a group, stage by stage. */
export const GROUP_RELATIONS = staged(GROUP_STAGES);

/** The relations of a project, stage by stage. */
export const PROJECT_RELATIONS = staged(PROJECT_STAGES);

/** The relations of each kind of entity. */
export const RELATIONS: Readonly<Record<Entity['sourceType'], readonly StagedRelation[]>> = {
  group_entity: GROUP_RELATIONS,
  project_entity: PROJECT_RELATIONS,
};

function staged(stages: readonly (readonly AnyRelation[])[]): readonly StagedRelation[] {
  return stages.flatMap((relations, stage) => relations.map(relation => ({ ...relation, stage })));
}

/** The relation with this name of a kind of entity. @throws when there is none */
export function relationOf(sourceType: Entity['sourceType'], name: string): StagedRelation {
  const relation = RELATIONS[sourceType].find(candidate => candidate.name === name);
  if (relation === undefined) throw new Error(`There is no relation '${name}' in the stage table.`);
  return relation;
}
