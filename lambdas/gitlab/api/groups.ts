import * as z from 'zod/mini';
import { RESPONSE } from '../budgets.ts';
import type { GitLabClient, Page } from '../client.ts';
import { isGroupGone } from '../client-errors.ts';
import { NetworkError } from '../errors.ts';
import { list } from '../schemas.ts';

export const VISIBILITIES = ['private', 'internal', 'public'] as const;
export type Visibility = (typeof VISIBILITIES)[number];

/** What else GitLab shows stays readable by name, so that a write can be held against its response. */
const groupSchema = z.looseObject({
  id: z.int(),
  name: z.string(),
  path: z.string(),
  full_path: z.string(),
  visibility: z.string(),
  parent_id: z.nullable(z.int()),
  created_at: z.optional(z.nullable(z.string())),
  subgroup_creation_level: z.optional(z.nullable(z.string())),
  /** Only in the Enterprise Edition. */
  membership_lock: z.optional(z.nullable(z.boolean())),
  /** Only for top-level groups. */
  prevent_sharing_groups_outside_hierarchy: z.optional(z.nullable(z.boolean())),
});
export type Group = z.infer<typeof groupSchema>;

/** A group by its numeric id. The up to 100 projects that GitLab would embed are left out. */
export function getGroup(client: GitLabClient, groupId: number): Promise<Group> {
  return client.rest({
    operation: 'read the group',
    path: `/groups/${groupId}`,
    query: { with_projects: false },
    schema: groupSchema,
  });
}

/** The path that a group has now; `undefined` when it is gone, or the token's user cannot see it. */
export async function presentFullPath(client: GitLabClient, groupId: number): Promise<string | undefined> {
  try {
    return (await getGroup(client, groupId)).full_path;
  } catch (error) {
    if (error instanceof NetworkError && isGroupGone(error)) return undefined;
    throw error;
  }
}

/** Attributes of `POST /groups`. Absent ones are left to the destination's defaults. */
export interface GroupAttributes {
  name: string;
  path: string;
  parent_id?: number;
  description?: string;
  visibility?: Visibility;
  /** Taken by every version; `emails_enabled`, which replaces it, is ignored before 16.5. */
  emails_disabled?: boolean;
  lfs_enabled?: boolean;
  mentions_disabled?: boolean;
  project_creation_level?: string;
  request_access_enabled?: boolean;
  require_two_factor_authentication?: boolean;
  share_with_group_lock?: boolean;
  subgroup_creation_level?: string;
  two_factor_grace_period?: number;
}

/** Creates a group and returns it. */
export function createGroup(client: GitLabClient, attributes: GroupAttributes): Promise<Group> {
  return client.write({
    operation: 'create the group',
    method: 'POST',
    change: { kind: 'create', target: 'Group', title: attributes.name },
    path: '/groups',
    json: { ...attributes },
    schema: groupSchema,
  });
}

/** Changes settings of a group and returns it. Settings that the edition does not have are ignored by GitLab. */
export function updateGroup(
  client: GitLabClient,
  groupId: number,
  change: { json: Record<string, unknown> } | { form: FormData },
): Promise<Group> {
  const fields = 'form' in change ? [...change.form.keys()] : Object.keys(change.json);
  return client.write({
    operation: 'change the group',
    method: 'PUT',
    change: { kind: 'change', target: 'Group', title: null, id: groupId, fields },
    path: `/groups/${groupId}`,
    ...change,
    schema: groupSchema,
  });
}

const subgroupSchema = z.object({ id: z.int(), name: z.string(), path: z.string(), full_path: z.string() });
export type Subgroup = z.infer<typeof subgroupSchema>;

/** One page of a group's direct subgroups, in the order of their ids, which no rename changes while pages are read. */
export function listSubgroups(
  client: GitLabClient,
  groupId: number,
  cursor: string | null,
): Promise<Page<Subgroup>> {
  return client.page(
    {
      operation: 'list the subgroups',
      path: `/groups/${groupId}/subgroups`,
      query: { order_by: 'id', sort: 'asc' },
      schema: list(subgroupSchema),
    },
    cursor,
  );
}

/** One page of all groups below a group, at any depth, by id ascending. Since GitLab 13.5. */
export function listDescendants(
  client: GitLabClient,
  groupId: number,
  cursor: string | null,
): Promise<Page<Subgroup>> {
  return client.page(
    {
      operation: 'list the descendant groups',
      path: `/groups/${groupId}/descendant_groups`,
      query: { order_by: 'id', sort: 'asc' },
      schema: list(subgroupSchema),
    },
    cursor,
  );
}

/** Whether a path of the top level is taken by a group or a user, also by ones that the token's user cannot see. */
export async function isPathTaken(client: GitLabClient, path: string): Promise<boolean> {
  const { exists } = await client.rest({
    operation: 'tell whether a path is taken',
    path: `/namespaces/${encodeURIComponent(path)}/exists`,
    schema: z.object({ exists: z.boolean() }),
  });
  return exists;
}

/** What the instance says about exporting a group's relations. */
export type ExportPermission = 'allowed' | 'disabled' | 'forbidden';

/** Whether the token's user may export a group (its owner) or project, and the instance has exports switched on. */
export async function getExportPermission(
  client: GitLabClient,
  kind: 'groups' | 'projects',
  id: number,
): Promise<ExportPermission> {
  try {
    await client.rest({
      operation: 'tell whether it may be exported',
      path: `/${kind}/${id}/export_relations/status`,
      schema: z.unknown(),
    });
    return 'allowed';
  } catch (error) {
    if (error instanceof NetworkError && error.status === 404) return 'disabled';
    if (error instanceof NetworkError && error.status === 403) return 'forbidden';
    throw error;
  }
}

/** A group's avatar; `undefined` when it has none. Its type is in the bytes: GitLab sends `application/octet-stream`. */
export async function downloadAvatar(client: GitLabClient, groupId: number): Promise<Buffer | undefined> {
  const response = await client.download(
    'send the avatar',
    `/groups/${groupId}/avatar`,
    RESPONSE.avatarBytes,
  );
  return response?.body;
}
