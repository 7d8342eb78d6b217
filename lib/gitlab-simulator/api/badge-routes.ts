import { type ApiAnswer, json, refuse } from '../answer.ts';
import { BADGES } from '../declarations/badges.ts';
import { addBadge } from '../group-contents.ts';
import { ACCESS_LEVELS } from '../model.ts';
import { paginated } from '../pagination.ts';
import { requireRole } from '../permissions.ts';
import { type CallOf, type Route, route } from '../route.ts';
import { ValidationErrors } from '../validation-errors.ts';
import { presentBadge } from './entities.ts';
import { groupOf } from './group-of.ts';

export const BADGE_ROUTES: readonly Route[] = [
  route(BADGES.list, getBadges),
  route(BADGES.create, postBadge),
];

function getBadges(call: CallOf<typeof BADGES.list>): ApiAnswer {
  const { name } = call.params;
  const badges = groupOf(call).badges.filter(badge => !name || badge.name === name);
  return paginated(call, badges, presentBadge);
}

function postBadge(call: CallOf<typeof BADGES.create>): ApiAnswer {
  const { params } = call;
  const group = groupOf(call);
  requireRole(call.instance, call.currentUser, group, ACCESS_LEVELS.owner);
  const errors = new ValidationErrors();
  for (const attribute of ['link_url', 'image_url'] as const) {
    if (!isWebAddress(params[attribute])) {
      errors.add(attribute, 'is blocked: Only allowed schemes are http, https');
    }
  }
  if (errors.any) throw refuse(400, errors);
  const badge = addBadge(call.instance, group, {
    name: params.name ?? null,
    linkUrl: params.link_url,
    imageUrl: params.image_url,
  });
  return json(201, presentBadge(badge));
}

/** Placeholders such as `%{project_path}` may stand anywhere. */
function isWebAddress(address: string): boolean {
  const url = URL.parse(address.replaceAll(/%\{[a-z_]+\}/g, 'placeholder'));
  return url?.protocol === 'http:' || url?.protocol === 'https:';
}
