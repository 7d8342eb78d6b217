import type { ApiAnswer } from '../answer.ts';
import type { ParamsOf } from '../declarations/declaration.ts';
import type { GROUPS } from '../declarations/groups.ts';
import { maximumAccessLevel } from '../memberships.ts';
import { ACCESS_LEVELS, type SampleGroup } from '../model.ts';
import { paginated } from '../pagination.ts';
import { canReadGroup } from '../permissions.ts';
import type { CallOf } from '../route.ts';
import { presentGroup } from './group-entity.ts';
import { groupOf } from './group-of.ts';

type ListParams = ParamsOf<typeof GROUPS.subgroups>;

/** Without `all_available`, only administrators get groups which they are no members of. */
export function getGroups(call: CallOf<typeof GROUPS.list>): ApiAnswer {
  const { instance, currentUser, params } = call;
  const all = params.all_available ?? currentUser.admin;
  const groups = [...instance.groups.values()]
    .filter(group => all || maximumAccessLevel(instance, currentUser, group) > 0)
    .filter(group => !params.top_level_only || group.parentId === null);
  return listed(call, groups);
}

/** Direct subgroups. */
export function getSubgroups(call: CallOf<typeof GROUPS.subgroups>): ApiAnswer {
  return listed(call, call.instance.childrenOf(groupOf(call).id));
}

/** Subgroups of whatever depth. */
export function getDescendants(call: CallOf<typeof GROUPS.descendants>): ApiAnswer {
  return listed(call, call.instance.descendantsOf(groupOf(call)));
}

function listed(
  call: CallOf<typeof GROUPS.list | typeof GROUPS.subgroups | typeof GROUPS.descendants>,
  candidates: readonly SampleGroup[],
): ApiAnswer {
  const { instance, currentUser, params } = call;
  const least = params.owned ? ACCESS_LEVELS.owner : (params.min_access_level ?? 0);
  const search = params.search?.toLowerCase() ?? '';
  const groups = candidates
    .filter(group => canReadGroup(instance, currentUser, group) && instance.isReplicated(group))
    .filter(group => least === 0 || maximumAccessLevel(instance, currentUser, group) >= least)
    .filter(group => !params.visibility || group.visibility === params.visibility)
    .filter(group => !params.skip_groups?.includes(group.id))
    .filter(group => `${group.name}\n${group.path}`.toLowerCase().includes(search))
    .sort(orderOf(params.order_by));
  if (params.sort === 'desc') groups.reverse();
  return paginated(call, groups, group => presentGroup(instance, group));
}

function orderOf(orderBy: ListParams['order_by']): (a: SampleGroup, b: SampleGroup) => number {
  const key = orderBy === 'path' || orderBy === 'id' ? orderBy : 'name';
  return (a, b) => compare(a[key], b[key]) || a.id - b.id;
}

/** By code point, so that the order does not depend on the machine's language. */
export function compare(a: string | number, b: string | number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
