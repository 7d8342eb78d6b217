import { type ApiAnswer, forbidden, notFound } from '../answer.ts';
import { GROUP_LEFT_OUT } from '../declarations/group-left-out.ts';
import { ACCESS_LEVELS } from '../model.ts';
import { paginated } from '../pagination.ts';
import { requireRole } from '../permissions.ts';
import { type CallOf, type Route, route } from '../route.ts';
import { groupOf } from './group-of.ts';

/** Lists of what no migration of a group moves. */
export const GROUP_LEFT_OUT_ROUTES: readonly Route[] = [
  route(GROUP_LEFT_OUT.epics, getEpics),
  route(GROUP_LEFT_OUT.hooks, getHooks),
  route(GROUP_LEFT_OUT.variables, getVariables),
];

function getEpics(call: CallOf<typeof GROUP_LEFT_OUT.epics>): ApiAnswer {
  const group = groupOf(call);
  if (!call.instance.premium) throw forbidden();
  const isWithDescendants = call.params.include_descendant_groups ?? true;
  const groups = [...call.instance.groups.values()].filter(
    ({ fullPath }) => isWithDescendants && fullPath.startsWith(`${group.fullPath}/`),
  );
  const epics = [group, ...groups].flatMap(({ leftOut }) => leftOut.epics);
  return paginated(call, epics, title => ({ iid: epics.indexOf(title) + 1, title }));
}

function getHooks(call: CallOf<typeof GROUP_LEFT_OUT.hooks>): ApiAnswer {
  const group = groupOf(call);
  if (!call.instance.premium) throw notFound();
  requireRole(call.instance, call.currentUser, group, ACCESS_LEVELS.owner);
  return paginated(call, group.leftOut.hooks, url => ({ id: group.leftOut.hooks.indexOf(url) + 1, url }));
}

function getVariables(call: CallOf<typeof GROUP_LEFT_OUT.variables>): ApiAnswer {
  const group = groupOf(call);
  requireRole(call.instance, call.currentUser, group, ACCESS_LEVELS.owner);
  return paginated(call, group.leftOut.variables, key => ({ key, variable_type: 'env_var' }));
}
