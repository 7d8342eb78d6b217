import type { GitLabInstance } from '../instance.ts';
import type {
  SampleIssue,
  SampleMergeRequest,
  SamplePipeline,
  SampleProject,
  SampleProjectMilestone,
  SampleRef,
  SampleRelease,
  SampleSnippet,
} from '../project-model.ts';
import { presentUserBasic } from './entities.ts';

/** What issues and merge requests show alike. */
function presentIssuable(
  instance: GitLabInstance,
  project: SampleProject,
  record: SampleIssue | SampleMergeRequest,
) {
  const author = instance.users.get(record.authorId);
  return {
    id: record.id,
    iid: record.iid,
    project_id: project.id,
    title: record.title,
    description: record.description,
    state: record.state,
    created_at: record.createdAt,
    updated_at: record.createdAt,
    labels: record.labels,
    author: author ? presentUserBasic(instance, author) : null,
    assignees: [],
    assignee: null,
    user_notes_count: record.notes.length,
  };
}

export function presentIssue(instance: GitLabInstance, project: SampleProject, issue: SampleIssue) {
  return {
    ...presentIssuable(instance, project, issue),
    milestone: issue.milestone === null ? null : { title: issue.milestone },
    type: 'ISSUE',
    issue_type: 'issue',
    confidential: issue.confidential,
    web_url: `${instance.url}/${instance.projectPath(project)}/-/issues/${issue.iid}`,
  };
}

export function presentMergeRequest(
  instance: GitLabInstance,
  project: SampleProject,
  request: SampleMergeRequest,
) {
  return {
    ...presentIssuable(instance, project, request),
    milestone: request.milestone === null ? null : { title: request.milestone },
    source_branch: request.sourceBranch,
    target_branch: request.targetBranch,
    source_project_id: project.id,
    target_project_id: project.id,
    web_url: `${instance.url}/${instance.projectPath(project)}/-/merge_requests/${request.iid}`,
  };
}

export function presentProjectMilestone(
  instance: GitLabInstance,
  project: SampleProject,
  milestone: SampleProjectMilestone,
) {
  return {
    id: milestone.id,
    iid: milestone.iid,
    project_id: project.id,
    title: milestone.title,
    description: milestone.description,
    state: milestone.state,
    created_at: project.createdAt,
    updated_at: project.createdAt,
    due_date: null,
    start_date: null,
    expired: false,
    web_url: `${instance.url}/${instance.projectPath(project)}/-/milestones/${milestone.iid}`,
  };
}

export function presentRelease(project: SampleProject, release: SampleRelease) {
  return {
    tag_name: release.tag,
    name: release.name,
    description: release.description,
    created_at: project.createdAt,
    released_at: project.createdAt,
    upcoming_release: false,
  };
}

export function presentPipeline(
  instance: GitLabInstance,
  project: SampleProject,
  { id, iid, ref, sha, status }: SamplePipeline,
) {
  const webUrl = `${instance.url}/${instance.projectPath(project)}/-/pipelines/${id}`;
  return { id, iid, project_id: project.id, sha, ref, status, source: 'push', web_url: webUrl };
}

export function presentSnippet(project: SampleProject, { id, title, fileName }: SampleSnippet) {
  return {
    id,
    title,
    description: null,
    visibility: project.visibility,
    project_id: project.id,
    file_name: fileName,
    files: [{ path: fileName }],
  };
}

export function presentRef({ name, sha }: SampleRef) {
  return { name, commit: { id: sha, short_id: sha.slice(0, 8) }, protected: false };
}

export function presentVariable(key: string) {
  return {
    variable_type: 'env_var',
    key,
    value: `the value of ${key}`,
    protected: false,
    masked: false,
    raw: false,
    environment_scope: '*',
  };
}
