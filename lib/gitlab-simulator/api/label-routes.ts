import { type ApiAnswer, json, notFound, refuse } from '../answer.ts';
import { addLabel, labelById, labelByTitle } from '../group-contents.ts';
import { ACCESS_LEVELS } from '../model.ts';
import { paginated } from '../pagination.ts';
import { boolean, declared, required, text } from '../params.ts';
import { requireRole } from '../permissions.ts';
import type { ApiCall, Route } from '../route.ts';
import { ValidationErrors } from '../validation-errors.ts';
import { presentLabel } from './entities.ts';
import { groupOf } from './group-routes.ts';

/** The basic colour names of CSS; GitLab stores their hexadecimal form. */
const COLOR_NAMES = new Map(
  Object.entries({
    aqua: '#00FFFF',
    black: '#000000',
    blue: '#0000FF',
    fuchsia: '#FF00FF',
    gray: '#808080',
    green: '#008000',
    lime: '#00FF00',
    maroon: '#800000',
    navy: '#000080',
    olive: '#808000',
    orange: '#FFA500',
    purple: '#800080',
    red: '#FF0000',
    silver: '#C0C0C0',
    teal: '#008080',
    white: '#FFFFFF',
    yellow: '#FFFF00',
  }),
);

export const LABEL_ROUTES: readonly Route[] = [
  { method: 'GET', pattern: '/api/v4/groups/:id/labels', handler: getLabels },
  { method: 'POST', pattern: '/api/v4/groups/:id/labels', handler: postLabel },
  { method: 'GET', pattern: '/api/v4/groups/:id/labels/:name', handler: getLabel },
];

function getLabels(call: ApiCall): ApiAnswer {
  const group = groupOf(call);
  const params = declared({ include_ancestor_groups: boolean, search: text }, call.params);
  const groups = (params.include_ancestor_groups ?? true) ? call.instance.selfAndAncestors(group) : [group];
  const search = params.search?.toLowerCase() ?? '';
  const labels = groups
    .flatMap(at => at.labels)
    .filter(label => `${label.title}\n${label.description ?? ''}`.toLowerCase().includes(search))
    .sort((a, b) => (a.title < b.title ? -1 : Number(a.title > b.title)));
  return paginated(call, labels, presentLabel);
}

function getLabel(call: ApiCall): ApiAnswer {
  const group = groupOf(call);
  const reference = String(call.params.name);
  const label =
    labelById(call.instance, group, Number(reference)) ?? labelByTitle(call.instance, group, reference);
  if (!label) throw notFound('Label');
  return json(200, presentLabel(label));
}

function postLabel(call: ApiCall): ApiAnswer {
  const { instance, currentUser } = call;
  const params = declared({ name: required(text), color: required(text), description: text }, call.params);
  const group = groupOf(call);
  requireRole(instance, currentUser, group, ACCESS_LEVELS.reporter);
  const title = params.name.trim();
  // Ancestors count as well: a label of theirs can be used in the group already.
  if (labelByTitle(instance, group, title)) throw refuse(409, 'Label already exists');
  const color = COLOR_NAMES.get(params.color.trim().toLowerCase()) ?? params.color.trim();
  const errors = labelErrors(title, color);
  if (errors.any) throw refuse(400, errors);
  const label = addLabel(instance, group, { title, color, description: params.description ?? null });
  return json(201, presentLabel(label));
}

function labelErrors(title: string, color: string): ValidationErrors {
  const errors = new ValidationErrors();
  if (!/^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(color)) errors.add('color', 'must be a valid color code');
  if (title === '') errors.add('title', "can't be blank");
  if (title.includes(',')) errors.add('title', 'is invalid');
  if (title.length > 255) errors.add('title', 'is too long (maximum is 255 characters)');
  return errors;
}
