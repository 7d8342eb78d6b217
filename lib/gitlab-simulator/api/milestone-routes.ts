import { type ApiAnswer, json, recordNotFound, refuse } from '../answer.ts';
import { MILESTONES } from '../declarations/milestones.ts';
import { addMilestone, changeMilestone, ownMilestoneByTitle } from '../group-contents.ts';
import { ACCESS_LEVELS, type SampleGroup, type SampleMilestone } from '../model.ts';
import { paginated } from '../pagination.ts';
import { requireRole } from '../permissions.ts';
import { type ApiCall, type CallOf, type Route, route } from '../route.ts';
import { ValidationErrors } from '../validation-errors.ts';
import { presentMilestone } from './entities.ts';
import { groupOf } from './group-of.ts';

export const MILESTONE_ROUTES: readonly Route[] = [
  route(MILESTONES.list, getMilestones),
  route(MILESTONES.create, postMilestone),
  route(MILESTONES.get, getMilestone),
  route(MILESTONES.change, putMilestone),
];

function getMilestones(call: CallOf<typeof MILESTONES.list>): ApiAnswer {
  const group = groupOf(call);
  const { params, instance } = call;
  const withAncestors = params.include_ancestors ?? params.include_parent_milestones ?? false;
  const groups = [
    ...(withAncestors ? instance.selfAndAncestors(group) : [group]),
    ...(params.include_descendants ? instance.descendantsOf(group) : []),
  ];
  const search = params.search?.toLowerCase() ?? '';
  const milestones = groups
    .flatMap(at => at.milestones)
    .filter(({ iid }) => !params.iids?.length || params.iids.includes(iid))
    .filter(
      ({ updatedAt }) => !params.updated_after || Date.parse(updatedAt) >= Date.parse(params.updated_after),
    )
    .filter(
      ({ updatedAt }) => !params.updated_before || Date.parse(updatedAt) <= Date.parse(params.updated_before),
    )
    .filter(({ state }) => (params.state ?? 'all') === 'all' || state === params.state)
    .filter(({ title }) => !params.title || title === params.title)
    .filter(({ title, description }) => `${title}\n${description}`.toLowerCase().includes(search))
    .sort((a, b) => compareDueDate(a, b) || a.id - b.id);
  return paginated(call, milestones, milestone => presentMilestone(call.instance, milestone));
}

function getMilestone(call: CallOf<typeof MILESTONES.get>): ApiAnswer {
  return json(200, presentMilestone(call.instance, milestoneOf(call, groupOf(call))));
}

function postMilestone(call: CallOf<typeof MILESTONES.create>): ApiAnswer {
  const { params } = call;
  const group = groupOf(call);
  requireRole(call.instance, call.currentUser, group, ACCESS_LEVELS.reporter);
  const attributes = {
    title: params.title,
    description: params.description ?? '',
    startDate: dayOrNull(params.start_date),
    dueDate: dayOrNull(params.due_date),
  };
  const errors = milestoneErrors(group, attributes);
  if (errors.any) throw refuse(400, `Failed to create milestone ${errors.toRubyHash()}`);
  const milestone = addMilestone(call.instance, group, { ...attributes, state: 'active' });
  return json(201, presentMilestone(call.instance, milestone));
}

function putMilestone(call: CallOf<typeof MILESTONES.change>): ApiAnswer {
  const { params } = call;
  const group = groupOf(call);
  requireRole(call.instance, call.currentUser, group, ACCESS_LEVELS.reporter);
  const milestone = milestoneOf(call, group);
  const attributes = {
    title: params.title ?? milestone.title,
    description: params.description ?? milestone.description,
    startDate: params.start_date === undefined ? milestone.startDate : dayOrNull(params.start_date),
    dueDate: params.due_date === undefined ? milestone.dueDate : dayOrNull(params.due_date),
  };
  const errors = milestoneErrors(group, attributes, milestone);
  if (errors.any) throw refuse(400, `Failed to update milestone ${errors.toRubyHash()}`);
  changeMilestone(group, milestone, {
    ...attributes,
    state: stateAfter(params.state_event) ?? milestone.state,
  });
  return json(200, presentMilestone(call.instance, milestone));
}

function milestoneOf(
  { params: { milestone_id: id } }: ApiCall<{ readonly milestone_id: number }>,
  group: SampleGroup,
): SampleMilestone {
  const milestone = group.milestones.find(candidate => candidate.id === id);
  if (!milestone) throw recordNotFound();
  return milestone;
}

function milestoneErrors(
  group: SampleGroup,
  { title, startDate, dueDate }: Pick<SampleMilestone, 'title' | 'startDate' | 'dueDate'>,
  existing?: SampleMilestone,
): ValidationErrors {
  const errors = new ValidationErrors();
  if (title.trim() === '') errors.add('title', "can't be blank");
  const sameTitle = ownMilestoneByTitle(group, title);
  if (sameTitle && sameTitle !== existing) {
    errors.add('title', 'already being used for another group or project milestone.');
  }
  if (startDate && dueDate && dueDate < startDate) errors.add('due_date', 'must be greater than start date');
  return errors;
}

function stateAfter(event: 'close' | 'activate' | null | undefined): SampleMilestone['state'] | undefined {
  if (!event) return undefined;
  return event === 'close' ? 'closed' : 'active';
}

/** GitLab takes an unreadable date for none. */
function dayOrNull(date: string | null | undefined): string | null {
  const day = /^\d{4}-\d{2}-\d{2}/.exec(date ?? '')?.[0];
  return day && !Number.isNaN(Date.parse(day)) ? day : null;
}

/** Earliest first, those without a due date last. */
function compareDueDate(a: SampleMilestone, b: SampleMilestone): number {
  if (a.dueDate === b.dueDate) return 0;
  if (a.dueDate === null) return 1;
  if (b.dueDate === null) return -1;
  return a.dueDate < b.dueDate ? -1 : 1;
}
