import { type Accepted, writeAccepted } from '../engine/accepted.ts';
import { type PipelineContext, present, type Relation } from '../engine/relation.ts';
import { requireShown } from '../engine/shown.ts';
import {
  allMilestones,
  closeMilestone,
  createMilestone,
  listMilestones,
  type Milestone,
  type MilestoneAttributes,
} from '../gitlab/api/milestones.ts';
import { NetworkError } from '../gitlab/errors.ts';

interface Attributes extends MilestoneAttributes {
  closed: boolean;
}

/** Milestones of the group itself; closed ones are created and then closed. */
export const milestones: Relation<Milestone, Attributes, Map<string, Milestone>> = {
  name: 'milestones',
  pipelineClass: 'BulkImports::Common::Pipelines::MilestonesPipeline',
  relation: 'milestones',
  parallel: 4,

  read: ({ entity, source }, cursor) => listMilestones(source, entity.sourceId, cursor),

  async existing(context) {
    const existing = await allMilestones(context.destination, context.target().id, false);
    return new Map(existing.map(milestone => [milestone.title, milestone]));
  },

  nameOf: ({ iid, title }, { entity, bulkImport }) => ({
    key: title,
    title,
    url: `${bulkImport.sourceUrl.replace(/\/+$/, '')}/groups/${entity.sourceFullPath}/-/milestones/${iid}`,
  }),

  want: ({ title, state, description, start_date, due_date }) => ({
    title,
    closed: state === 'closed',
    ...present({ description, start_date, due_date }),
  }),

  async load({ closed, ...attributes }, context, byTitle) {
    const { title } = attributes;
    const existing = byTitle.get(title);
    const { result, refused, isNew } = existing
      ? { result: existing, refused: undefined, isNew: false }
      : await create(attributes, context);
    byTitle.set(title, result);
    if (closed && result.state !== 'closed') {
      byTitle.set(title, await closeMilestone(context.destination, context.target().id, result.id));
    }
    const isOurs = isNew || wasMadeSince(result, context.bulkImport.createdAt);
    const asked = { ...(isOurs && attributes), ...(closed && { state: 'closed' }) };
    requireShown(asked, byTitle.get(title) ?? {}, 'milestone', refused);
    return 'imported';
  },
};

/** More than the clocks of this service and of a GitLab differ. */
const CLOCKS_DIFFER_MS = 5 * 60_000;

/**
 * Whether a milestone was made while this import ran: then by it, and what is missing in it is still to be told, as a
 * run that was interrupted before the milestone was closed has not.
 */
function wasMadeSince({ created_at: createdAt }: Milestone, begin: string): boolean {
  return Date.parse(createdAt ?? '') >= Date.parse(begin) - CLOCKS_DIFFER_MS;
}

/** Creates a milestone, or finds the one that a request without a response has made after the look-up. */
async function create(
  attributes: MilestoneAttributes,
  { destination, target }: PipelineContext,
): Promise<Accepted<Milestone> & { isNew: boolean }> {
  const optional = { description: undefined, start_date: undefined, due_date: undefined };
  try {
    const accepted = await writeAccepted(attributes, optional, accepted =>
      createMilestone(destination, target().id, accepted),
    );
    return { ...accepted, isNew: true };
  } catch (error) {
    const isTaken =
      error instanceof NetworkError && error.status === 400 && /already being used/.test(error.reason);
    const existing = isTaken ? await allMilestones(destination, target().id, false) : [];
    const own = existing.find(({ title }) => title === attributes.title);
    if (own === undefined) throw error;
    return { result: own, refused: new Map(), isNew: false };
  }
}
