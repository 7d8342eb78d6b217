import {
  allLabels,
  createLabel,
  type Label,
  type LabelAttributes,
  listLabels,
} from '../gitlab/api/labels.ts';
import { NetworkError } from '../shared/errors.ts';
import { type Pipeline, present } from './pipeline.ts';
import { pipelineHandler } from './runner.ts';

/** Labels of the group itself, with colour and description. Priorities belong to projects and are not moved. */
export const labels: Pipeline<Label, LabelAttributes, Set<string>> = {
  name: 'labels',
  parallel: 4,

  extract: ({ entity, source }, cursor) => listLabels(source, entity.sourceId, cursor),

  async prepare(context) {
    const existing = await allLabels(context.destination, context.groupId(), false);
    return new Set(existing.map(label => label.name));
  },

  nameOf: label => ({ key: label.name, title: label.name }),

  transform: ({ name, color, description }) => ({ name, color, ...present({ description }) }),

  async load(label, context, titles) {
    if (titles.has(label.name)) return 'imported';
    try {
      await createLabel(context.destination, context.groupId(), label);
    } catch (error) {
      // 409: the group or an ancestor has the title, so the label can be used here.
      if (!(error instanceof NetworkError && error.status === 409)) throw error;
    }
    titles.add(label.name);
    return 'imported';
  },
};

export const handler = pipelineHandler(labels);
