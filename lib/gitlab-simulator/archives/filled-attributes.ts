import type { GitLabInstance } from '../instance.ts';
import type { Visibility } from '../model.ts';
import { loweredVisibility } from '../project-errors.ts';
import type { FeatureAccess, SampleProject } from '../project-model.ts';
import { FEATURE_LEVELS, type ProjectJson, VISIBILITY_LEVELS } from './archive-records.ts';
import type { ImportOverrides } from './project-archives.ts';

/**
 * Sets the attributes of a project to those that an archive has. What the request of the import says wins over the archive;
 * neither goes above what the group allows. What the archive leaves out stays as it is.
 */
export function fillAttributes(
  instance: GitLabInstance,
  project: SampleProject,
  json: Partial<ProjectJson>,
  { settings, description, visibility }: ImportOverrides,
): void {
  const group = instance.groupOfProject(project);
  const feature = json.project_feature;
  project.description = description ?? json.description ?? project.description;
  const wanted =
    visibility ?? (json.visibility_level === undefined ? undefined : visibilityOf(json.visibility_level));
  project.visibility = loweredVisibility(instance, group, wanted ?? project.visibility);
  project.archived = json.archived ?? project.archived;
  Object.assign(
    project.settings,
    withoutUndefined({
      sharedRunnersEnabled: json.shared_runners_enabled,
      buildTimeout: json.build_timeout,
      autoCancelPendingPipelines: json.auto_cancel_pending_pipelines,
      ciConfigPath: json.ci_config_path,
      squashOption: json.project_setting?.squash_option,
      issuesAccessLevel: accessOf(feature?.issues_access_level),
      repositoryAccessLevel: accessOf(feature?.repository_access_level),
      mergeRequestsAccessLevel: accessOf(feature?.merge_requests_access_level),
      wikiAccessLevel: accessOf(feature?.wiki_access_level),
      buildsAccessLevel: accessOf(feature?.builds_access_level),
      snippetsAccessLevel: accessOf(feature?.snippets_access_level),
    }),
    settings,
  );
}

function withoutUndefined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function visibilityOf(level: number): Visibility {
  return (
    (Object.keys(VISIBILITY_LEVELS) as Visibility[]).find(at => VISIBILITY_LEVELS[at] === level) ?? 'private'
  );
}

function accessOf(level: number | undefined): FeatureAccess | undefined {
  if (level === undefined) return undefined;
  return (
    (Object.keys(FEATURE_LEVELS) as FeatureAccess[]).find(at => FEATURE_LEVELS[at] === level) ?? 'enabled'
  );
}
