import { collection } from '../engine/collection.ts';
import { present } from '../engine/relation.ts';
import { listLabelsFrom } from '../gitlab/api/group-connections.ts';
import {
  allLabels,
  createLabel,
  createLabels,
  LABELS_PER_DOCUMENT,
  type Label,
  type LabelAttributes,
} from '../gitlab/api/labels.ts';
import { status } from '../gitlab/client-errors.ts';

/** What GitLab gives a label when it is asked for none; the API asks for one. */
const GITLABS_OWN_COLOR = '#6699cc';

/** Labels of the group itself, with colour and description. Priorities belong to projects and are not moved. */
export const labels = collection<Label, LabelAttributes, Label>({
  name: 'labels',
  pipelineClass: 'BulkImports::Common::Pipelines::LabelsPipeline',
  relation: 'labels',
  what: 'label',
  part: { only: 'labels', page: group => group.labels },
  read: listLabelsFrom,
  existing: (destination, groupId) => allLabels(destination, groupId, false),
  usable: (destination, groupId) => allLabels(destination, groupId, true),
  keyOf: ({ name }) => name,
  want: ({ name, color, description }) => ({ name, color, ...present({ description }) }),
  create: createLabel,
  createMany: { size: LABELS_PER_DOCUMENT, create: createLabels },
  optional: { color: GITLABS_OWN_COLOR, description: undefined },
  isTaken: status(409),
});
