import { labelErrors } from '../api/label-errors.ts';
import { addLabel } from '../group-contents.ts';
import { ACCESS_LEVELS } from '../model.ts';
import { canReadGroup, hasRole } from '../permissions.ts';
import { resourceNotAvailable } from './create-board.ts';
import { presentLabel } from './group-connections.ts';
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
export function labelCreate({ instance, user }: Viewer, input: LabelCreateInput): object {
  const group = instance.groupByPath(input.groupPath ?? '');
  if (
    !group ||
    !user ||
    !canReadGroup(instance, user, group) ||
    !hasRole(instance, user, group, ACCESS_LEVELS.reporter)
  ) {
    throw resourceNotAvailable();
  }
  const title = input.title.trim();
  const color = input.color?.trim() ?? DEFAULT_COLOR;
  const errors = labelErrors(title, color);
  if (group.labels.some(label => label.title === title)) errors.add('title', 'has already been taken');
  const clientMutationId = input.clientMutationId ?? null;
  if (errors.any) return { clientMutationId, label: null, errors: errors.toSentences() };
  const label = addLabel(instance, group, { title, color, description: input.description ?? null });
  return { clientMutationId, label: presentLabel(label), errors: [] };
}
