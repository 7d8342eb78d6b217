import type { GitLabInstance } from '../instance.ts';
import { directMember, highestInheritedMembership } from '../memberships.ts';
import { ACCESS_LEVELS, type SampleMember, type SampleUser } from '../model.ts';
import { canReadProject, canUse, hasRole } from '../permissions.ts';
import type { SampleProject } from '../project-model.ts';
import { presentNamespaceOf } from './entities.ts';
import { featureFields } from './project-features.ts';
import { sizesOf } from './project-sizes.ts';

const NOTIFICATIONS = 3;

/** What every list and every fork shows of a project. */
export function presentProjectBasic(instance: GitLabInstance, user: SampleUser, project: SampleProject) {
  const group = instance.groupOfProject(project);
  const fullPath = instance.projectPath(project);
  const names = instance
    .selfAndAncestors(group)
    .reverse()
    .map(at => at.name);
  const webUrl = `${instance.url}/${fullPath}`;
  return {
    id: project.id,
    description: project.description,
    name: project.name,
    name_with_namespace: [...names, project.name].join(' / '),
    path: project.path,
    path_with_namespace: fullPath,
    created_at: project.createdAt,
    // An empty repository has the name of the branch that its first commit will be on.
    ...(canReadCode(instance, user, project) && { default_branch: project.defaultBranch ?? 'main' }),
    tag_list: project.settings.topics,
    topics: project.settings.topics,
    ssh_url_to_repo: `git@${URL.parse(instance.url)?.hostname}:${fullPath}.git`,
    http_url_to_repo: `${webUrl}.git`,
    web_url: webUrl,
    readme_url: null,
    forks_count: instance.projects().filter(({ forkedFromId }) => forkedFromId === project.id).length,
    avatar_url: avatarUrlOf(instance, project),
    star_count: 0,
    last_activity_at: project.createdAt,
    namespace: {
      ...presentNamespaceOf(group),
      avatar_url: null,
      web_url: `${instance.url}/groups/${group.fullPath}`,
    },
  };
}

/** What tells a project from others, as its export and its import begin. */
export function presentProjectIdentity(instance: GitLabInstance, user: SampleUser, project: SampleProject) {
  const { id, description, name, name_with_namespace, path, path_with_namespace, created_at } =
    presentProjectBasic(instance, user, project);
  return { id, description, name, name_with_namespace, path, path_with_namespace, created_at };
}

/** The project as lists show it. */
export function presentProject(instance: GitLabInstance, user: SampleUser, project: SampleProject) {
  const { settings } = project;
  const original = project.forkedFromId === null ? undefined : instance.projectById(project.forkedFromId);
  return {
    ...presentProjectBasic(instance, user, project),
    packages_enabled: true,
    empty_repo: project.branches.length === 0,
    archived: project.archived,
    visibility: project.visibility,
    resolve_outdated_diff_discussions: false,
    ...featureFields(instance, user, project),
    container_registry_enabled: true,
    service_desk_enabled: false,
    service_desk_address: null,
    can_create_merge_request_in: canUse(instance, user, project, settings.mergeRequestsAccessLevel),
    emails_disabled: !settings.emailsEnabled,
    ...(instance.versionAtLeast('16.5') && { emails_enabled: settings.emailsEnabled }),
    shared_runners_enabled: settings.sharedRunnersEnabled,
    lfs_enabled: settings.lfsEnabled,
    creator_id: project.creatorId,
    ...(original &&
      canReadProject(instance, user, original) && {
        forked_from_project: presentProjectBasic(instance, user, original),
      }),
    import_url: null,
    // Older ones tell it with the status of the import only. The version is chosen.
    ...(instance.versionAtLeast('15.0') && { import_type: project.import.type }),
    import_status: project.import.status,
    open_issues_count: project.issues.filter(({ state }) => state === 'opened').length,
    ci_default_git_depth: settings.ciDefaultGitDepth,
    ci_forward_deployment_enabled: settings.ciForwardDeploymentEnabled,
    ci_job_token_scope_enabled: false,
    public_jobs: settings.publicJobs,
    build_timeout: settings.buildTimeout,
    auto_cancel_pending_pipelines: settings.autoCancelPendingPipelines,
    ...(canReadCode(instance, user, project) && { ci_config_path: settings.ciConfigPath }),
    shared_with_groups: [],
    only_allow_merge_if_pipeline_succeeds: false,
    request_access_enabled: true,
    only_allow_merge_if_all_discussions_are_resolved: false,
    remove_source_branch_after_merge: true,
    merge_method: 'merge',
    squash_option: settings.squashOption,
    auto_devops_enabled: false,
    autoclose_referenced_issues: true,
    keep_latest_artifact: settings.keepLatestArtifact,
    ...(marksForDeletion(instance) && {
      marked_for_deletion_at: project.markedForDeletionOn,
      marked_for_deletion_on: project.markedForDeletionOn,
    }),
  };
}

/** The project as a single one is shown: some fields depend on the role of the current user. */
export function presentProjectDetail(
  instance: GitLabInstance,
  user: SampleUser,
  project: SampleProject,
  { statistics = false }: { readonly statistics?: boolean } = {},
) {
  const administers = hasRole(instance, user, project, ACCESS_LEVELS.maintainer);
  return {
    ...presentProject(instance, user, project),
    ...(administers && { import_error: project.import.error, build_git_strategy: 'fetch' }),
    ...(statistics &&
      hasRole(instance, user, project, ACCESS_LEVELS.reporter) && { statistics: sizesOf(project) }),
    permissions: {
      project_access: accessOf(directMember(project, user.id)),
      group_access: accessOf(highestInheritedMembership(instance, project, user.id)?.member),
    },
  };
}

/** Whether a deletion only marks a project, and the API tells so: everywhere since 18.0, with a licence before. */
export function marksForDeletion(instance: GitLabInstance): boolean {
  return instance.versionAtLeast('18.0') || (instance.premium && instance.versionAtLeast('14.6'));
}

/** Guests of a private project see no code. */
export function canReadCode(instance: GitLabInstance, user: SampleUser, project: SampleProject): boolean {
  if (!canUse(instance, user, project, project.settings.repositoryAccessLevel)) return false;
  return project.visibility !== 'private' || hasRole(instance, user, project, ACCESS_LEVELS.reporter);
}

function avatarUrlOf(instance: GitLabInstance, { id, avatar }: SampleProject): string | null {
  if (!avatar) return null;
  return `${instance.url}/uploads/-/system/project/avatar/${id}/${encodeURIComponent(avatar.filename)}`;
}

function accessOf(member: SampleMember | undefined) {
  return member ? { access_level: member.accessLevel, notification_level: NOTIFICATIONS } : null;
}
