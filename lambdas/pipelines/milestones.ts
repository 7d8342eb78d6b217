import {
  allMilestones,
  closeMilestone,
  createMilestone,
  listMilestones,
  type Milestone,
  type MilestoneAttributes,
} from '../gitlab/api/milestones.ts';
import { type Pipeline, present } from './pipeline.ts';
import { pipelineHandler } from './runner.ts';

interface Attributes extends MilestoneAttributes {
  closed: boolean;
}

/** Milestones of the group itself; closed ones are created and then closed. */
export const milestones: Pipeline<Milestone, Attributes, Map<string, Milestone>> = {
  name: 'milestones',
  parallel: 4,

  extract: ({ entity, source }, cursor) => listMilestones(source, entity.sourceId, cursor),

  async prepare(context) {
    const existing = await allMilestones(context.destination, context.groupId(), false);
    return new Map(existing.map(milestone => [milestone.title, milestone]));
  },

  nameOf: ({ iid, title }, { entity, record }) => ({
    key: title,
    title,
    url: `${record.sourceUrl.replace(/\/+$/, '')}/groups/${entity.sourceFullPath}/-/milestones/${iid}`,
  }),

  transform: ({ title, state, description, start_date, due_date }) => ({
    title,
    closed: state === 'closed',
    ...present({ description, start_date, due_date }),
  }),

  async load({ closed, ...attributes }, context, byTitle) {
    const { destination } = context;
    let milestone = byTitle.get(attributes.title);
    if (milestone === undefined) {
      milestone = await createMilestone(destination, context.groupId(), attributes);
      byTitle.set(attributes.title, milestone);
    }
    if (closed && milestone.state !== 'closed') {
      byTitle.set(attributes.title, await closeMilestone(destination, context.groupId(), milestone.id));
    }
    return 'imported';
  },
};

export const handler = pipelineHandler(milestones);
