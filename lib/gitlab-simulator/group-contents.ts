import type { GitLabInstance } from './instance.ts';
import type { SampleBadge, SampleGroup, SampleLabel, SampleMilestone } from './model.ts';
import { RecordIndex } from './record-index.ts';

const labelsByTitle = new RecordIndex<SampleLabel, string>(label => label.title);
const milestonesByTitle = new RecordIndex<SampleMilestone, string>(milestone => milestone.title);

/** The label with this title in the group or the closest ancestor which has one. */
export function labelByTitle(
  instance: GitLabInstance,
  group: SampleGroup,
  title: string,
): SampleLabel | undefined {
  return firstOf(instance.selfAndAncestors(group), at => labelsByTitle.find(at.labels, title));
}

/** Titles of labels are unique inside a group; REST looks at its ancestors, too, before it makes one, and GraphQL does not. */
export function ownLabelByTitle(group: SampleGroup, title: string): SampleLabel | undefined {
  return labelsByTitle.find(group.labels, title);
}

export function labelById(instance: GitLabInstance, group: SampleGroup, id: number): SampleLabel | undefined {
  return firstOf(instance.selfAndAncestors(group), at => at.labels.find(label => label.id === id));
}

/** The milestone with this title in the group or the closest ancestor which has one. */
export function milestoneByTitle(
  instance: GitLabInstance,
  group: SampleGroup,
  title: string,
): SampleMilestone | undefined {
  return firstOf(instance.selfAndAncestors(group), at => ownMilestoneByTitle(at, title));
}

export function milestoneById(
  instance: GitLabInstance,
  group: SampleGroup,
  id: number,
): SampleMilestone | undefined {
  return firstOf(instance.selfAndAncestors(group), at =>
    at.milestones.find(milestone => milestone.id === id),
  );
}

/** Titles of milestones are unique inside a group only; ancestors may have the same. */
export function ownMilestoneByTitle(group: SampleGroup, title: string): SampleMilestone | undefined {
  return milestonesByTitle.find(group.milestones, title);
}

export function addLabel(
  instance: GitLabInstance,
  group: SampleGroup,
  attributes: Omit<SampleLabel, 'id'>,
): SampleLabel {
  const label: SampleLabel = { id: instance.nextId(), ...attributes };
  group.labels.push(label);
  return label;
}

export function addMilestone(
  instance: GitLabInstance,
  group: SampleGroup,
  attributes: Pick<SampleMilestone, 'title' | 'description' | 'state' | 'startDate' | 'dueDate'>,
): SampleMilestone {
  const now = new Date().toISOString();
  const milestone: SampleMilestone = {
    id: instance.nextId(),
    iid: (group.milestones.at(-1)?.iid ?? 0) + 1,
    groupId: group.id,
    ...attributes,
    createdAt: now,
    updatedAt: now,
  };
  group.milestones.push(milestone);
  return milestone;
}

export function changeMilestone(
  group: SampleGroup,
  milestone: SampleMilestone,
  attributes: Partial<Pick<SampleMilestone, 'title' | 'description' | 'state' | 'startDate' | 'dueDate'>>,
): void {
  Object.assign(milestone, attributes, { updatedAt: new Date().toISOString() });
  milestonesByTitle.forget(group.milestones);
}

export function addBadge(
  instance: GitLabInstance,
  group: SampleGroup,
  attributes: Omit<SampleBadge, 'id'>,
): SampleBadge {
  const badge: SampleBadge = { id: instance.nextId(), ...attributes };
  group.badges.push(badge);
  return badge;
}

function firstOf<G, R>(groups: readonly G[], find: (group: G) => R | undefined): R | undefined {
  for (const group of groups) {
    const found = find(group);
    if (found) return found;
  }
  return undefined;
}
