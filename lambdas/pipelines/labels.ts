import { type Accepted, writeAccepted } from '../engine/accepted.ts';
import { type PipelineContext, present, type Relation } from '../engine/relation.ts';
import { requireShown } from '../engine/shown.ts';
import {
  allLabels,
  createLabel,
  type Label,
  type LabelAttributes,
  listLabels,
} from '../gitlab/api/labels.ts';
import { NetworkError } from '../gitlab/errors.ts';

/** What GitLab gives a label when it is asked for none; the API asks for one. */
const GITLABS_OWN_COLOR = '#6699cc';

/** Labels of the group itself, with colour and description. Priorities belong to projects and are not moved. */
export const labels: Relation<Label, LabelAttributes, Set<string>> = {
  name: 'labels',
  pipelineClass: 'BulkImports::Common::Pipelines::LabelsPipeline',
  relation: 'labels',
  parallel: 4,

  read: ({ entity, source }, cursor) => listLabels(source, entity.sourceId, cursor),

  async existing(context) {
    const existing = await allLabels(context.destination, context.target().id, false);
    return new Set(existing.map(label => label.name));
  },

  nameOf: label => ({ key: label.name, title: label.name }),

  want: ({ name, color, description }) => ({ name, color, ...present({ description }) }),

  async load(label, context, titles) {
    if (titles.has(label.name)) return 'imported';
    const created = await create(label, context);
    titles.add(label.name);
    if (created !== undefined) requireShown({ ...label }, created.result, 'label', created.refused);
    return 'imported';
  },
};

/** Creates a label; `undefined` when the group or an ancestor has the title (409), so that it can be used here. */
async function create(
  label: LabelAttributes,
  { destination, target }: PipelineContext,
): Promise<Accepted<Label> | undefined> {
  try {
    return await writeAccepted(label, { color: GITLABS_OWN_COLOR, description: undefined }, attributes =>
      createLabel(destination, target().id, attributes),
    );
  } catch (error) {
    if (error instanceof NetworkError && error.status === 409) return undefined;
    throw error;
  }
}
