import { type ApiAnswer, forbidden, json } from '../answer.ts';
import { PROJECT_LISTS } from '../declarations/project-lists.ts';
import type { GitLabInstance } from '../instance.ts';
import { groupsAbove } from '../memberships.ts';
import type { SampleMilestone, SampleUser } from '../model.ts';
import { paginated } from '../pagination.ts';
import { canUse } from '../permissions.ts';
import type { SampleIssue, SampleProject, SampleProjectMilestone } from '../project-model.ts';
import { type CallOf, type Route, route } from '../route.ts';
import { presentBadge, presentLabel, presentMilestone } from './entities.ts';
import { compare } from './group-lists.ts';
import { canReadCode } from './project-entity.ts';
import { visibleIssues } from './project-issues.ts';
import { presentIssue, presentMergeRequest, presentProjectMilestone } from './project-list-entities.ts';
import { projectOf } from './project-of.ts';

export const PROJECT_PLANNING_ROUTES: readonly Route[] = [
  route(PROJECT_LISTS.issues, getIssues),
  route(PROJECT_LISTS.issuesStatistics, getIssuesStatistics),
  route(PROJECT_LISTS.mergeRequests, getMergeRequests),
  route(PROJECT_LISTS.labels, getLabels),
  route(PROJECT_LISTS.milestones, getMilestones),
  route(PROJECT_LISTS.boards, getBoards),
  route(PROJECT_LISTS.badges, getBadges),
];

/** Where issues are disabled, the list is empty and no error. */
function getIssues(call: CallOf<typeof PROJECT_LISTS.issues>): ApiAnswer {
  const { instance, params } = call;
  const { project } = projectOf(call);
  const issues = wantedIssues(call, project).filter(ofState(params.state)).sort(newestFirst(params));
  return paginated(call, issues, issue => presentIssue(instance, project, issue));
}

function getIssuesStatistics(call: CallOf<typeof PROJECT_LISTS.issuesStatistics>): ApiAnswer {
  const issues = wantedIssues(call, projectOf(call).project);
  const opened = issues.filter(ofState('opened')).length;
  const counts = { all: issues.length, closed: issues.length - opened, opened };
  return json(200, { statistics: { counts } });
}

function wantedIssues(
  call: CallOf<typeof PROJECT_LISTS.issues | typeof PROJECT_LISTS.issuesStatistics>,
  project: SampleProject,
): SampleIssue[] {
  const { instance, currentUser, params } = call;
  return visibleIssues(instance, currentUser, project)
    .filter(matching(params, currentUser))
    .filter(({ labels }) => (params.labels ?? []).every(label => labels.includes(label)))
    .filter(({ milestone }) => !params.milestone || milestone === params.milestone)
    .filter(({ authorId }) => (params.author_id ?? authorId) === authorId)
    .filter(({ confidential }) => (params.confidential ?? confidential) === confidential);
}

function getMergeRequests(call: CallOf<typeof PROJECT_LISTS.mergeRequests>): ApiAnswer {
  const { instance, currentUser, params } = call;
  const { project } = projectOf(call);
  requireFeature(call, project, 'mergeRequestsAccessLevel');
  if (!canReadCode(instance, currentUser, project)) throw forbidden();
  const requests = project.mergeRequests
    .filter(matching(params, currentUser))
    .filter(ofState(params.state))
    .filter(({ sourceBranch }) => (params.source_branch ?? sourceBranch) === sourceBranch)
    .filter(({ targetBranch }) => (params.target_branch ?? targetBranch) === targetBranch)
    .sort(newestFirst(params));
  return paginated(call, requests, request => presentMergeRequest(instance, project, request));
}

function getLabels(call: CallOf<typeof PROJECT_LISTS.labels>): ApiAnswer {
  const { instance, currentUser, params } = call;
  const { project } = projectOf(call);
  const search = params.search?.toLowerCase() ?? '';
  const own = new Set(project.labels);
  const groups = (params.include_ancestor_groups ?? true) ? groupsAbove(instance, project) : [];
  const labels = plans(instance, currentUser, project) ? [project, ...groups].flatMap(at => at.labels) : [];
  const found = labels
    .filter(label => `${label.title}\n${label.description ?? ''}`.toLowerCase().includes(search))
    .sort((a, b) => compare(a.title, b.title));
  return paginated(call, found, label => ({
    ...presentLabel(label),
    priority: null,
    is_project_label: own.has(label),
  }));
}

function getMilestones(call: CallOf<typeof PROJECT_LISTS.milestones>): ApiAnswer {
  const { instance, currentUser, params } = call;
  const { project } = projectOf(call);
  if (!plans(instance, currentUser, project)) throw forbidden();
  const withAncestors = params.include_ancestors ?? params.include_parent_milestones ?? false;
  const milestones: (SampleProjectMilestone | SampleMilestone)[] = [
    ...project.milestones,
    ...(withAncestors ? groupsAbove(instance, project).flatMap(at => at.milestones) : []),
  ];
  const search = params.search?.toLowerCase() ?? '';
  const found = milestones
    .filter(({ iid }) => !params.iids?.length || params.iids.includes(iid))
    .filter(ofState(params.state))
    .filter(({ title }) => !params.title || title === params.title)
    .filter(({ title, description }) => `${title}\n${description}`.toLowerCase().includes(search));
  return paginated(call, found, milestone =>
    'groupId' in milestone
      ? presentMilestone(instance, milestone)
      : presentProjectMilestone(instance, project, milestone),
  );
}

/** GitLab makes the first board when somebody looks at the page of boards, which nobody does here. */
function getBoards(call: CallOf<typeof PROJECT_LISTS.boards>): ApiAnswer {
  requireFeature(call, projectOf(call).project, 'issuesAccessLevel');
  return paginated(call, [], board => board);
}

/** Projects of the sample have no badges of their own, but GitLab shows them those of the groups above. */
function getBadges(call: CallOf<typeof PROJECT_LISTS.badges>): ApiAnswer {
  const { name } = call.params;
  const badges = groupsAbove(call.instance, projectOf(call).project).flatMap(at => at.badges);
  return paginated(
    call,
    badges.filter(badge => !name || badge.name === name),
    presentBadge,
  );
}

/** Labels and milestones are gone only where neither issues nor merge requests can be used. */
function plans(instance: GitLabInstance, user: SampleUser, project: SampleProject): boolean {
  const { issuesAccessLevel, mergeRequestsAccessLevel } = project.settings;
  return [issuesAccessLevel, mergeRequestsAccessLevel].some(access =>
    canUse(instance, user, project, access),
  );
}

function requireFeature(
  { instance, currentUser }: { readonly instance: GitLabInstance; readonly currentUser: SampleUser },
  project: SampleProject,
  feature: 'issuesAccessLevel' | 'mergeRequestsAccessLevel',
): void {
  if (!canUse(instance, currentUser, project, project.settings[feature])) throw forbidden();
}

interface Filters {
  readonly iids?: readonly number[] | null | undefined;
  readonly search?: string | null | undefined;
  readonly scope?: string | null | undefined;
}

/** Nobody is assigned to anything. */
function matching({ iids, search, scope }: Filters, user: SampleUser) {
  const term = search?.toLowerCase() ?? '';
  const kind = scope?.replaceAll('-', '_') ?? 'all';
  return ({ iid, title, description, authorId }: SampleIssue | SampleProject['mergeRequests'][number]) =>
    (!iids?.length || iids.includes(iid)) &&
    `${title}\n${description}`.toLowerCase().includes(term) &&
    (kind === 'all' || (kind === 'created_by_me' && authorId === user.id));
}

function ofState(wanted: string | null | undefined) {
  return ({ state }: { readonly state: string }) => !wanted || wanted === 'all' || wanted === state;
}

interface Order {
  readonly order_by?: string | null | undefined;
  readonly sort?: string | null | undefined;
}

function newestFirst({ order_by: orderBy, sort }: Order) {
  const direction = sort === 'asc' ? 1 : -1;
  return (a: { id: number; title: string }, b: { id: number; title: string }) =>
    direction * ((orderBy === 'title' ? compare(a.title, b.title) : 0) || a.id - b.id);
}
