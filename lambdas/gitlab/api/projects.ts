import * as z from 'zod/mini';
import { LIST } from '../budgets.ts';
import type { GitLabClient, Page } from '../client.ts';
import { isNotFound } from '../client-errors.ts';
import { list, shortText } from '../schemas.ts';

/** Projects of either GitLab. What older versions or lower roles do not show is absent. */

const text = z.nullish(shortText);
const flag = z.nullish(z.boolean());
const number = z.nullish(z.number());

const sourceProject = {
  id: z.int(),
  name: shortText,
  path: shortText,
  path_with_namespace: shortText,
  archived: flag,
  marked_for_deletion_on: text,
  /** The same in older versions. */
  marked_for_deletion_at: text,
  empty_repo: flag,
  visibility: text,
};
const sourceProjectSchema = z.object(sourceProject);
/** A project of a list. */
export type SourceProject = z.infer<typeof sourceProjectSchema>;

/** Whether a project is to be deleted, and is only kept for a few days in case that was a mistake. */
export function isAwaitingDeletion(project: SourceProject): boolean {
  return Boolean(project.marked_for_deletion_on ?? project.marked_for_deletion_at);
}

/** What else GitLab shows stays readable by name, so that a write can be held against its response. */
export const projectSchema = z.looseObject({
  ...sourceProject,
  creator_id: number,
  created_at: text,
  import_type: text,
  import_status: text,
  web_url: text,
  default_branch: text,
  namespace: z.nullish(z.object({ id: z.int(), full_path: z.optional(shortText), kind: text })),
  lfs_enabled: flag,
  emails_enabled: flag,
  emails_disabled: flag,
  shared_runners_enabled: flag,
  build_timeout: number,
  ci_config_path: text,
  ci_default_git_depth: number,
  ci_forward_deployment_enabled: flag,
  auto_cancel_pending_pipelines: text,
  squash_option: text,
  merge_method: text,
  topics: z.nullish(list(shortText, LIST.elements)),
  permissions: z.nullish(
    z.object({
      project_access: z.nullish(z.object({ access_level: z.int() })),
      group_access: z.nullish(z.object({ access_level: z.int() })),
    }),
  ),
});
/** A project as far as it is used here. */
export type Project = z.infer<typeof projectSchema>;

/** `GET /projects/:id`. @throws NetworkError 404 for one that is not there, or not visible */
export function getProject(client: GitLabClient, id: number): Promise<Project> {
  return client.rest({ operation: 'read the project', path: `/projects/${id}`, schema: projectSchema });
}

/** The project at a path, `undefined` when there is none. Paths of before redirect, and are no longer the project's. */
export async function findProject(client: GitLabClient, fullPath: string): Promise<Project | undefined> {
  try {
    const found = await client.rest({
      operation: 'look up the project',
      path: `/projects/${encodeURIComponent(fullPath)}`,
      schema: projectSchema,
    });
    return found.path_with_namespace.toLowerCase() === fullPath.toLowerCase() ? found : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** `PUT /projects/:id` (Maintainer). @param title what people call the project */
export function updateProject(
  client: GitLabClient,
  id: number,
  attributes: Record<string, unknown>,
  title: string | null,
): Promise<Project> {
  return client.write({
    operation: 'update the project',
    method: 'PUT',
    change: { kind: 'change', target: 'Project', title, id, fields: Object.keys(attributes) },
    path: `/projects/${id}`,
    json: attributes,
    schema: projectSchema,
  });
}

/** `POST /projects/:id/archive` (Owner); it changes nothing for one that is archived. */
export function archiveProject(client: GitLabClient, id: number): Promise<Project> {
  return setArchived(client, id, 'archive');
}

/** `POST /projects/:id/unarchive` (Owner). */
export function unarchiveProject(client: GitLabClient, id: number): Promise<Project> {
  return setArchived(client, id, 'unarchive');
}

function setArchived(client: GitLabClient, id: number, what: 'archive' | 'unarchive'): Promise<Project> {
  return client.write({
    operation: `${what} the project`,
    method: 'POST',
    change: { kind: 'change', target: 'Project', title: null, id, fields: ['archived'] },
    path: `/projects/${id}/${what}`,
    schema: projectSchema,
  });
}

/** `DELETE /projects/:id` (Owner, 202). Where deletion is delayed, the project is renamed and its path is free. */
export async function deleteProject(client: GitLabClient, id: number): Promise<void> {
  await client.write({
    operation: 'delete the project',
    method: 'DELETE',
    change: { kind: 'delete', target: 'Project', title: null, id },
    path: `/projects/${id}`,
    schema: z.unknown(),
  });
}

/**
 * One page of a group's projects (`GET /groups/:id/projects`), those that are to be deleted too.
 *
 * @param withSubgroups whether those of the groups below it are among them
 */
export function listGroupProjects(
  client: GitLabClient,
  groupId: number,
  cursor: string | null,
  withSubgroups = false,
): Promise<Page<SourceProject>> {
  return client.page(
    {
      operation: 'list the projects of the group',
      path: `/groups/${groupId}/projects`,
      query: { include_subgroups: withSubgroups, with_shared: false, order_by: 'id', sort: 'asc' },
      schema: list(sourceProjectSchema),
    },
    cursor,
  );
}
