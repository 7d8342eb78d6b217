import type { ApiAnswer } from '../answer.ts';
import type { GROUPS } from '../declarations/groups.ts';
import { maximumAccessLevel } from '../memberships.ts';
import { ACCESS_LEVELS } from '../model.ts';
import { paginated } from '../pagination.ts';
import { canReadProject } from '../permissions.ts';
import type { CallOf } from '../route.ts';
import { compare } from './group-lists.ts';
import { groupOf } from './group-of.ts';
import { presentProject, presentProjectBasic } from './project-entity.ts';

/**
 * The projects of a group, also archived ones and those that wait for their deletion, unless the request says
 * otherwise. Groups are never shared with others here, so that `with_shared` adds none.
 */
export function getProjects(call: CallOf<typeof GROUPS.projects>): ApiAnswer {
  const { instance, currentUser, params } = call;
  const group = groupOf(call);
  const groups = [
    group,
    ...(params.include_subgroups ? instance.descendantsOf(group) : []),
    ...(params.include_ancestor_groups ? instance.selfAndAncestors(group).slice(1) : []),
  ];
  const search = params.search?.toLowerCase() ?? '';
  const least = params.owned ? ACCESS_LEVELS.owner : (params.min_access_level ?? 0);
  const key = params.order_by === 'name' || params.order_by === 'path' ? params.order_by : 'id';
  const projects = groups
    .flatMap(at => at.projects)
    .filter(project => canReadProject(instance, currentUser, project))
    .filter(project => least === 0 || maximumAccessLevel(instance, currentUser, project) >= least)
    // Nobody has starred anything.
    .filter(() => !params.starred)
    .filter(({ archived }) => (params.archived ?? archived) === archived)
    .filter(({ visibility }) => (params.visibility ?? visibility) === visibility)
    .filter(({ settings }) => !params.with_issues_enabled || settings.issuesAccessLevel !== 'disabled')
    .filter(
      ({ settings }) =>
        !params.with_merge_requests_enabled || settings.mergeRequestsAccessLevel !== 'disabled',
    )
    .filter(({ name, path }) => `${name}\n${path}`.toLowerCase().includes(search))
    .sort((a, b) => compare(a[key], b[key]) || a.id - b.id);
  if (params.sort !== 'asc') projects.reverse();
  const present = params.simple ? presentProjectBasic : presentProject;
  return paginated(call, projects, project => present(instance, currentUser, project));
}
