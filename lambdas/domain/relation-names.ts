/**
 * The relations by the names under which `stats` and failures show them, in the order in which they are moved. They stand
 * here for those who must not load the relations themselves; a test holds one against the other.
 */
export const RELATION_NAMES = [
  'group',
  'namespace_settings',
  'members',
  'labels',
  'milestones',
  'badges',
  'wikis',
  'boards',
  'uploads',
  'project_entities',
  'subgroup_entities',
  'self',
  'project_creation_level',
  'export_request',
  'archive',
  'project',
  'project_import',
  'project_attributes',
  'project_counts',
  'finisher',
] as const;

/**
 * What GitLab imports of a project's archive by itself, into a project that is there: the order is that in which one needs
 * the other. They are told under these names, and belong to `project_import`.
 */
export const IMPORTABLE_RELATIONS = ['milestones', 'issues', 'merge_requests', 'ci_pipelines'] as const;
export type ImportableRelation = (typeof IMPORTABLE_RELATIONS)[number];
