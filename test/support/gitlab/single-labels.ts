import { labels } from '../../../lambdas/pipelines/labels.ts';

const { many: _, ...single } = labels;

/** The labels relation at a destination that takes no documents of mutations: each label is a request of its own. */
export const singleLabels: typeof labels = single;
