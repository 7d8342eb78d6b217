import * as z from 'zod/mini';
import type { GitLabClient, Page } from '../client.ts';
import { list } from '../schemas.ts';
import { type Created, createRecords } from './created-records.ts';
import { globalId } from './global-id.ts';

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

/**
 * Labels of one document. GitLab counts 6 points each with what is shown of them, and takes 250 points; text and
 * variables of forty have some 3,700 of 10,000 characters.
 */
export const LABELS_PER_DOCUMENT = 40;

const createdLabelSchema = z.object({
  label: z.object({
    id: globalId,
    title: z.string(),
    color: z.string(),
    description: z.optional(z.nullable(z.string())),
  }),
});

/**
 * Creates labels in a group, up to 40 per request. Unlike REST, GitLab then does not look at the titles of ancestors:
 * the group gets a label of its own, as at the source.
 */
export function createLabels(
  client: GitLabClient,
  groupFullPath: string,
  labels: readonly LabelAttributes[],
): Promise<Created<Label>[]> {
  const document = {
    operation: 'create the labels',
    mutation: 'labelCreate',
    inputType: 'LabelCreateInput',
    selection: 'label { id title color description }',
    schema: createdLabelSchema,
    items: labels.map(({ name, color, description }) => ({
      input: {
        groupPath: groupFullPath,
        title: name,
        color,
        ...(description !== undefined && { description }),
      },
      change: { kind: 'create', target: 'Label', title: name } as const,
    })),
  };
  return createRecords(client, document, LABELS_PER_DOCUMENT, {
    recordOf: ({ label: { title, ...label } }) => ({ ...label, name: title }),
    taken: /^Title has already been taken$/,
    attributes: { Title: 'name', Color: 'color', Description: 'description' },
  });
}
