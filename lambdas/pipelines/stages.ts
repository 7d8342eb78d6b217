import type { Entity } from '../store/entities.ts';

/**
 * The stage table: which pipelines migrate a group, in which order. Stages run one after the other, the pipelines of
 * a stage in parallel. A new relation is one line here and one file beside this one.
 *
 * The deployment makes one Lambda per line; the workflow, the dashboard and the local runtime read the same lines.
 */
export interface PipelineEntry {
  /** Name of the tracker, of the Lambda and of the file that has the pipeline. */
  name: string;
  stage: number;
  /** GitLab's name of the pipeline, as failures show it. */
  pipelineClass: string;
  /** GitLab's name of the relation, as failures and `stats` show it. */
  relation: string;
  /** Whether the entity fails as a whole when this pipeline fails. */
  abortOnFailure?: boolean;
  /** Runs only for entities that asked for it. */
  option?: 'migrateMemberships' | 'migrateProjects';
}

export const GROUP_PIPELINES: readonly PipelineEntry[] = [
  {
    name: 'group',
    stage: 0,
    pipelineClass: 'BulkImports::Groups::Pipelines::GroupPipeline',
    relation: 'group',
    abortOnFailure: true,
  },
  {
    name: 'group_attributes',
    stage: 1,
    pipelineClass: 'BulkImports::Groups::Pipelines::GroupAttributesPipeline',
    relation: 'self',
  },
  {
    name: 'namespace_settings',
    stage: 1,
    pipelineClass: 'BulkImports::Groups::Pipelines::NamespaceSettingsPipeline',
    relation: 'namespace_settings',
  },
  {
    name: 'members',
    stage: 1,
    pipelineClass: 'BulkImports::Common::Pipelines::MembersPipeline',
    relation: 'members',
    option: 'migrateMemberships',
  },
  {
    name: 'labels',
    stage: 1,
    pipelineClass: 'BulkImports::Common::Pipelines::LabelsPipeline',
    relation: 'labels',
  },
  {
    name: 'milestones',
    stage: 1,
    pipelineClass: 'BulkImports::Common::Pipelines::MilestonesPipeline',
    relation: 'milestones',
  },
  {
    name: 'badges',
    stage: 1,
    pipelineClass: 'BulkImports::Common::Pipelines::BadgesPipeline',
    relation: 'badges',
  },
  {
    name: 'boards',
    stage: 2,
    pipelineClass: 'BulkImports::Common::Pipelines::BoardsPipeline',
    relation: 'boards',
  },
  {
    name: 'uploads',
    stage: 2,
    pipelineClass: 'BulkImports::Common::Pipelines::UploadsPipeline',
    relation: 'uploads',
  },
  {
    name: 'project_entities',
    stage: 2,
    pipelineClass: 'BulkImports::Groups::Pipelines::ProjectEntitiesPipeline',
    relation: 'project_entities',
    option: 'migrateProjects',
  },
  {
    name: 'subgroup_entities',
    stage: 3,
    pipelineClass: 'BulkImports::Groups::Pipelines::SubgroupEntitiesPipeline',
    relation: 'subgroup_entities',
  },
];

/** The file (without its ending) that has the pipeline, beside this one. */
export function pipelineFile(name: string): string {
  return name.replaceAll('_', '-');
}

/** The line of a pipeline. @throws when there is none */
export function pipelineEntry(name: string): PipelineEntry {
  const entry = GROUP_PIPELINES.find(candidate => candidate.name === name);
  if (entry === undefined) throw new Error(`There is no pipeline '${name}' in the stage table.`);
  return entry;
}

/**
 * Whether a pipeline applies to an entity, given its options. The version of the source does not matter: what every
 * pipeline reads is there since GitLab 14.0, the oldest that is taken.
 */
export function appliesTo(
  { option }: PipelineEntry,
  entity: Pick<Entity, 'migrateMemberships' | 'migrateProjects'>,
): boolean {
  return option === undefined || entity[option];
}

/** Whether a version such as `15.0.3-ee` is `minimum` (such as `14.10`) or newer. */
export function isAtLeast(version: string, minimum: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(part => Number.parseInt(part, 10));
  const [minimumMajor = 0, minimumMinor = 0] = minimum.split('.').map(Number);
  return major > minimumMajor || (major === minimumMajor && minor >= minimumMinor);
}
