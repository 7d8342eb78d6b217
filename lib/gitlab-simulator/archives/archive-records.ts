import type { GitLabInstance } from '../instance.ts';
import { groupsAbove, maximumAccessLevel } from '../memberships.ts';
import { ACCESS_LEVELS, type SampleLabel, type SampleUser, type Visibility } from '../model.ts';
import type { SampleIssue, SampleMergeRequest, SampleProject } from '../project-model.ts';

export const VISIBILITY_LEVELS: Readonly<Record<Visibility, number>> = {
  private: 0,
  internal: 10,
  public: 20,
};
export const FEATURE_LEVELS = { disabled: 0, private: 10, enabled: 20 } as const;

/** Of `tree/project.json`: no name, path, dates, `lfs_enabled` or mails, which GitLab leaves out. */
export function projectJson({ description, visibility, archived, settings }: SampleProject) {
  return {
    description,
    visibility_level: VISIBILITY_LEVELS[visibility],
    archived,
    shared_runners_enabled: settings.sharedRunnersEnabled,
    build_timeout: settings.buildTimeout,
    auto_cancel_pending_pipelines: settings.autoCancelPendingPipelines,
    ci_config_path: settings.ciConfigPath,
    project_setting: { squash_option: settings.squashOption },
    project_feature: {
      issues_access_level: FEATURE_LEVELS[settings.issuesAccessLevel],
      repository_access_level: FEATURE_LEVELS[settings.repositoryAccessLevel],
      merge_requests_access_level: FEATURE_LEVELS[settings.mergeRequestsAccessLevel],
      wiki_access_level: FEATURE_LEVELS[settings.wikiAccessLevel],
      builds_access_level: FEATURE_LEVELS[settings.buildsAccessLevel],
      snippets_access_level: FEATURE_LEVELS[settings.snippetsAccessLevel],
    },
  };
}

export type ProjectJson = ReturnType<typeof projectJson>;

/** The records of `tree/project/*.ndjson` by the names of the files. Inherited members need an Owner or administrator. */
export function relationRecords(instance: GitLabInstance, project: SampleProject, exporter: SampleUser) {
  const owns =
    maximumAccessLevel(instance, exporter, instance.groupOfProject(project)) >= ACCESS_LEVELS.owner;
  const members = [project, ...(owns ? groupsAbove(instance, project) : [])].flatMap(at => at.members);
  const firstOfUser = members.filter(
    ({ userId }, index) => members.findIndex(member => member.userId === userId) === index,
  );
  return {
    labels: project.labels.map(label => labelJson(label, 'ProjectLabel')),
    milestones: project.milestones.map(({ iid, title, description, state }) => ({
      iid,
      title,
      description,
      state,
    })),
    issues: project.issues.map(issue => ({
      ...issuableJson(instance, project, issue),
      confidential: issue.confidential,
    })),
    merge_requests: project.mergeRequests.map(request => ({
      ...issuableJson(instance, project, request),
      source_branch: request.sourceBranch,
      target_branch: request.targetBranch,
    })),
    releases: project.releases.map(({ tag, name, description }) => ({ tag, name, description })),
    ci_pipelines: project.pipelines.map(({ iid, ref, sha, status }) => ({ iid, ref, sha, status })),
    snippets: project.snippets.map(({ title, fileName, content }) => ({
      title,
      file_name: fileName,
      content,
    })),
    protected_branches: project.protectedBranches.map(name => ({ name })),
    protected_tags: project.protectedTags.map(name => ({ name })),
    project_members: firstOfUser.map(({ userId, accessLevel, expiresAt }) => {
      const user = instance.users.get(userId);
      return {
        access_level: accessLevel,
        user_id: userId,
        expires_at: expiresAt,
        user: archivedUser(userId, user),
      };
    }),
  };
}

/** Of a user an archive says no more than that: who shows no address has an empty one. */
function archivedUser(
  id: number,
  user: SampleUser | undefined,
): { id: number; username: string; public_email: string | null; email?: string } {
  // Archives of old GitLabs have their own address instead.
  return { id, username: user?.username ?? '', public_email: user?.publicEmail ?? '' };
}

export type RelationRecords = ReturnType<typeof relationRecords>;

/** A label or milestone of the project or of a group above comes with each record that has it. */
function issuableJson(
  instance: GitLabInstance,
  project: SampleProject,
  record: SampleIssue | SampleMergeRequest,
) {
  const above = groupsAbove(instance, project);
  const labels = record.labels.map(title => {
    const own = project.labels.find(label => label.title === title);
    const label = own ?? above.flatMap(at => at.labels).find(candidate => candidate.title === title);
    return {
      label: labelJson(
        label ?? { title, color: '#6699cc', description: null },
        own ? 'ProjectLabel' : 'GroupLabel',
      ),
    };
  });
  const own = project.milestones.find(({ title }) => title === record.milestone);
  const milestone = own ?? above.flatMap(at => at.milestones).find(({ title }) => title === record.milestone);
  return {
    iid: record.iid,
    title: record.title,
    description: record.description,
    author_id: record.authorId,
    state: record.state,
    created_at: record.createdAt,
    label_links: labels,
    milestone:
      record.milestone === null
        ? null
        : {
            iid: own?.iid ?? null,
            title: record.milestone,
            description: milestone?.description ?? '',
            state: milestone?.state ?? 'active',
            of_group: own === undefined,
          },
    notes: record.notes.map(({ body, authorId }) => ({ note: body, author_id: authorId })),
  };
}

function labelJson({ title, color, description }: Omit<SampleLabel, 'id'>, type: string) {
  return { title, color, description, type };
}
