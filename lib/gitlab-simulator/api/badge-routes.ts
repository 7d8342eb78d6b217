import { type ApiAnswer, json, refuse } from '../answer.ts';
import { addBadge } from '../group-contents.ts';
import { ACCESS_LEVELS } from '../model.ts';
import { paginated } from '../pagination.ts';
import { declared, required, text } from '../params.ts';
import { requireRole } from '../permissions.ts';
import type { ApiCall, Route } from '../route.ts';
import { ValidationErrors } from '../validation-errors.ts';
import { presentBadge } from './entities.ts';
import { groupOf } from './group-routes.ts';

export const BADGE_ROUTES: readonly Route[] = [
  { method: 'GET', pattern: '/api/v4/groups/:id/badges', handler: getBadges },
  { method: 'POST', pattern: '/api/v4/groups/:id/badges', handler: postBadge },
];

function getBadges(call: ApiCall): ApiAnswer {
  const { name } = declared({ name: text }, call.params);
  const badges = groupOf(call).badges.filter(badge => name === undefined || badge.name === name);
  return paginated(call, badges, presentBadge);
}

function postBadge(call: ApiCall): ApiAnswer {
  const params = declared({ link_url: required(text), image_url: required(text), name: text }, call.params);
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
