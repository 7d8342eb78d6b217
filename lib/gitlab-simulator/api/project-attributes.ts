import type { ParamsOf } from '../declarations/declaration.ts';
import type { PROJECTS } from '../declarations/projects.ts';
import type { SampleProjectSettings } from '../project-model.ts';
import { negated } from './group-attributes.ts';

type ProjectParams = Partial<ParamsOf<typeof PROJECTS.change>>;

/** The settings that a request changes. Whether mails are sent is for Owners: from others it is dropped. */
export function projectSettingsOf(params: ProjectParams, isOwner: boolean): Partial<SampleProjectSettings> {
  const settings: { [K in keyof SampleProjectSettings]: SampleProjectSettings[K] | null | undefined } = {
    lfsEnabled: params.lfs_enabled,
    emailsEnabled: isOwner ? (params.emails_enabled ?? negated(params.emails_disabled)) : undefined,
    squashOption: params.squash_option,
    issuesAccessLevel: params.issues_access_level,
    repositoryAccessLevel: params.repository_access_level,
    mergeRequestsAccessLevel: params.merge_requests_access_level,
    wikiAccessLevel: params.wiki_access_level,
    buildsAccessLevel: params.builds_access_level,
    snippetsAccessLevel: params.snippets_access_level,
    forkingAccessLevel: params.forking_access_level,
    buildTimeout: params.build_timeout,
    autoCancelPendingPipelines: params.auto_cancel_pending_pipelines,
    ciDefaultGitDepth: params.ci_default_git_depth,
    ciForwardDeploymentEnabled: params.ci_forward_deployment_enabled,
    keepLatestArtifact: params.keep_latest_artifact,
    publicJobs: params.public_jobs ?? params.public_builds,
    topics: params.topics,
    ciConfigPath: undefined,
    sharedRunnersEnabled: params.shared_runners_enabled,
  };
  const changed = Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined && value !== null),
  );
  // The one setting that can be emptied.
  if (params.ci_config_path === undefined) return changed;
  return { ...changed, ciConfigPath: params.ci_config_path === '' ? null : params.ci_config_path };
}
