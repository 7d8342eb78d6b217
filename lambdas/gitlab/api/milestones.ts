import * as z from 'zod/mini';
import type { GitLabClient, Page } from '../client.ts';
import { list } from '../schemas.ts';

const milestoneSchema = z.object({
  id: z.int(),
  iid: z.int(),
  title: z.string(),
  description: z.optional(z.nullable(z.string())),
  state: z.string(),
  group_id: z.optional(z.nullable(z.int())),
  /** Dates as YYYY-MM-DD. */
  start_date: z.optional(z.nullable(z.string())),
  due_date: z.optional(z.nullable(z.string())),
  created_at: z.optional(z.nullable(z.string())),
});
export type Milestone = z.infer<typeof milestoneSchema>;

const milestonesOf = (groupId: number, includeAncestors = false) => ({
  operation: 'list the milestones',
  path: `/groups/${groupId}/milestones`,
  // Every version from 13.4 on knows this name. 16.7 has another beside it and refuses both together, whatever their
  // values; `false` is what all versions take when neither is sent.
  query: includeAncestors ? { include_parent_milestones: true } : {},
  schema: list(milestoneSchema),
});

/** One page of the milestones of a group itself. */
export function listMilestones(
  client: GitLabClient,
  groupId: number,
  cursor: string | null,
): Promise<Page<Milestone>> {
  return client.page(milestonesOf(groupId), cursor);
}

/** All milestones that can be used in a group; its ancestors' too when asked for. */
export function allMilestones(
  client: GitLabClient,
  groupId: number,
  includeAncestors: boolean,
): Promise<Milestone[]> {
  return client.all(milestonesOf(groupId, includeAncestors));
}

export interface MilestoneAttributes {
  title: string;
  description?: string;
  start_date?: string;
  due_date?: string;
}

/** Creates a milestone. It is always active; a closed one needs `closeMilestone` after it. */
export function createMilestone(
  client: GitLabClient,
  groupId: number,
  milestone: MilestoneAttributes,
): Promise<Milestone> {
  return client.write({
    operation: 'create the milestone',
    method: 'POST',
    change: { kind: 'create', target: 'Milestone', title: milestone.title },
    path: `/groups/${groupId}/milestones`,
    json: { ...milestone },
    schema: milestoneSchema,
  });
}

/** Closes a milestone. */
export function closeMilestone(
  client: GitLabClient,
  groupId: number,
  { id, title }: Pick<Milestone, 'id' | 'title'>,
): Promise<Milestone> {
  return client.write({
    operation: 'close the milestone',
    method: 'PUT',
    change: { kind: 'change', target: 'Milestone', title, id, fields: ['state'] },
    path: `/groups/${groupId}/milestones/${id}`,
    json: { state_event: 'close' },
    schema: milestoneSchema,
  });
}
