/** Names of relations that are not simply GitLab's word for them with a capital letter. */
const NAMES: Readonly<Record<string, string>> = {
  entity: 'Group or project as a whole',
  group: 'Groups',
  project: 'Projects',
  self: 'Membership lock',
  namespace_settings: 'Sharing settings',
  project_creation_level: 'Who may create projects',
  uploads: 'Avatars and uploads',
  wikis: 'Wiki pages',
  wiki: 'Wiki',
  boards: 'Issue boards',
  project_members: 'Members',
  project_entities: 'Projects',
  subgroup_entities: 'Subgroups',
  project_attributes: 'Project settings',
  project_feature: 'Who sees which feature',
  ci_pipelines: 'CI/CD pipelines',
  ci_variables: 'CI/CD variables',
  ci_cd_settings: 'CI/CD settings',
  auto_devops: 'Auto DevOps',
  hooks: 'Webhooks',
  images: 'Container images',
  container_expiration_policy: 'Clean-up of container images',
  lfs_objects: 'LFS objects',
  design: 'Designs',
  commit_notes: 'Comments on commits',
  snippets_repository: 'Repositories of snippets',
  push_rule: 'Push rules',
  service_desk_setting: 'Service Desk',
  export_request: 'Export of projects',
  archive: 'Archives of projects',
  project_import: 'Import of projects',
  project_counts: 'Comparison of projects',
  finisher: 'Last steps of projects',
};

/** A relation by the name that people use for it: `Labels`, `CI/CD pipelines`. @param relation GitLab's name, as in `stats` */
export function relationName(relation: string): string {
  const known = Object.hasOwn(NAMES, relation) ? NAMES[relation] : undefined;
  const words = relation.replaceAll('_', ' ');
  return known ?? words.slice(0, 1).toUpperCase() + words.slice(1);
}

/** Relations whose records are steps on the way, and nothing that somebody has at the source. */
const STEPS: ReadonlySet<string> = new Set([
  'export_request',
  'archive',
  'project_import',
  'project_counts',
  'finisher',
  'project_entities',
  'subgroup_entities',
]);

/** Whether a relation moves records, so that its counts are counts of what people have. */
export const hasRecords = (relation: string): boolean => !STEPS.has(relation);
