import { badges } from './badges.ts';
import { boards } from './boards.ts';
import { group } from './group.ts';
import { groupAttributes } from './group-attributes.ts';
import { labels } from './labels.ts';
import { members } from './members.ts';
import { milestones } from './milestones.ts';
import { namespaceSettings } from './namespace-settings.ts';
import { projectCreationLevel } from './project-creation-level.ts';
import { projectEntities } from './project-entities.ts';
import { type AnyRelation, staged } from './staged-relations.ts';
import { subgroupEntities } from './subgroup-entities.ts';
import { uploads } from './uploads.ts';
import { wikis } from './wikis.ts';

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

/** The relations of a group, stage by stage. */
export const GROUP_RELATIONS = staged(GROUP_STAGES);
