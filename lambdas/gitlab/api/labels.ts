import * as z from 'zod/mini';
import type { GitLabClient, Page } from '../client.ts';
import { list } from '../schemas.ts';

const labelSchema = z.object({
  id: z.int(),
  name: z.string(),
  color: z.string(),
  description: z.optional(z.nullable(z.string())),
});
export type Label = z.infer<typeof labelSchema>;

const labelsOf = (groupId: number, includeAncestors: boolean) => ({
  operation: 'list the labels',
  path: `/groups/${groupId}/labels`,
  query: { include_ancestor_groups: includeAncestors },
  schema: list(labelSchema),
});

/** One page of the labels of a group itself, without those of its ancestors. */
export function listLabels(
  client: GitLabClient,
  groupId: number,
  cursor: string | null,
): Promise<Page<Label>> {
  return client.page(labelsOf(groupId, false), cursor);
}

/** All labels that can be used in a group; its ancestors' too when asked for. */
export function allLabels(
  client: GitLabClient,
  groupId: number,
  includeAncestors: boolean,
): Promise<Label[]> {
  return client.all(labelsOf(groupId, includeAncestors));
}

export interface LabelAttributes {
  name: string;
  /** `#RRGGBB`, or a CSS colour name. */
  color: string;
  description?: string;
}

/** Creates a label in a group. GitLab answers 409 when the group or an ancestor has the title. */
export function createLabel(client: GitLabClient, groupId: number, label: LabelAttributes): Promise<Label> {
  return client.write({
    operation: 'create the label',
    method: 'POST',
    change: { kind: 'create', target: 'Label', title: label.name },
    path: `/groups/${groupId}/labels`,
    json: { ...label },
    schema: labelSchema,
  });
}
