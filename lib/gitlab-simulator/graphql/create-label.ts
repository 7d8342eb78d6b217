import { colorOf } from '../api/label-colors.ts';
import { labelErrors } from '../api/label-errors.ts';
import { addLabel } from '../group-contents.ts';
import { changeableGroup } from './changeable-group.ts';
import { presentLabel } from './issue-objects.ts';
import type { Viewer } from './viewer.ts';

export interface LabelCreateInput {
  readonly clientMutationId?: string | null;
  readonly groupPath?: string | null;
  readonly title: string;
  readonly description?: string | null;
  readonly color?: string | null;
}

/** GitLab's colour of a label that names none. */
const DEFAULT_COLOR = '#6699cc';

/** Unlike REST, it does not look at the titles of ancestors. */
export function labelCreate(viewer: Viewer, input: LabelCreateInput): object {
  const group = changeableGroup(viewer, input.groupPath);
  const title = input.title.trim();
  const color = colorOf(input.color ?? DEFAULT_COLOR);
  const errors = labelErrors(title, color);
  if (group.labels.some(label => label.title === title)) errors.add('title', 'has already been taken');
  const clientMutationId = input.clientMutationId ?? null;
  if (errors.any) return { clientMutationId, label: null, errors: errors.toSentences() };
  const label = addLabel(viewer.instance, group, { title, color, description: input.description ?? null });
  return { clientMutationId, label: presentLabel(label), errors: [] };
}
