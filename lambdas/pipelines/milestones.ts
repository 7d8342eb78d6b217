import { collection } from '../engine/collection.ts';
import { present } from '../engine/relation.ts';
import { listMilestonesFrom } from '../gitlab/api/group-connections.ts';
import {
  allMilestones,
  closeMilestone,
  createMilestone,
  type Milestone,
  type MilestoneAttributes,
} from '../gitlab/api/milestones.ts';
import { status } from '../gitlab/client-errors.ts';

interface Wanted extends MilestoneAttributes {
  state?: 'closed';
}

/** Milestones of the group itself; closed ones are created and then closed. */
export const milestones = collection<Milestone, Wanted, Milestone>({
  name: 'milestones',
  pipelineClass: 'BulkImports::Common::Pipelines::MilestonesPipeline',
  relation: 'milestones',
  what: 'milestone',
  part: { only: 'milestones', page: group => group.milestones },
  read: listMilestonesFrom,
  existing: (destination, groupId) => allMilestones(destination, groupId, false),
  keyOf: ({ title }) => title,
  nameOf: ({ iid, title }, { entity, bulkImport }) => ({
    key: title,
    title,
    url: `${bulkImport.sourceUrl.replace(/\/+$/, '')}/groups/${entity.sourceFullPath}/-/milestones/${iid}`,
  }),
  want: ({ title, state, description, start_date, due_date }) => ({
    title,
    ...present({ description, start_date, due_date }),
    ...(state === 'closed' && { state }),
  }),
  create: (destination, groupId, { state: _, ...attributes }) =>
    createMilestone(destination, groupId, attributes),
  compared: ({ state }) => ({ state }),
  optional: { description: undefined, start_date: undefined, due_date: undefined },
  afterwards: { attributes: ['state'], write: closeMilestone },
  isTakenHere: status(400, /already being used/),
  createdAt: ({ created_at }) => created_at,
});
