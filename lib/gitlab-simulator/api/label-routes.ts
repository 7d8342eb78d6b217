import { type ApiAnswer, json, notFound, refuse } from '../answer.ts';
import { LABELS } from '../declarations/labels.ts';
import { addLabel, labelById, labelByTitle } from '../group-contents.ts';
import { ACCESS_LEVELS } from '../model.ts';
import { paginated } from '../pagination.ts';
import { requireRole } from '../permissions.ts';
import { type CallOf, type Route, route } from '../route.ts';
import { presentLabel } from './entities.ts';
import { groupOf } from './group-of.ts';
import { colorOf } from './label-colors.ts';
import { labelErrors } from './label-errors.ts';

export const LABEL_ROUTES: readonly Route[] = [
  route(LABELS.list, getLabels),
  route(LABELS.create, postLabel),
  route(LABELS.get, getLabel),
];

function getLabels(call: CallOf<typeof LABELS.list>): ApiAnswer {
  const group = groupOf(call);
  const { params, instance } = call;
  const groups = [
    ...((params.include_ancestor_groups ?? true) ? instance.selfAndAncestors(group) : [group]),
    ...(params.include_descendant_groups ? instance.descendantsOf(group) : []),
  ];
  const search = params.search?.toLowerCase() ?? '';
  const labels = groups
    .flatMap(at => at.labels)
    .filter(label => `${label.title}\n${label.description ?? ''}`.toLowerCase().includes(search))
    .sort((a, b) => (a.title < b.title ? -1 : Number(a.title > b.title)));
  return paginated(call, labels, presentLabel);
}

function getLabel(call: CallOf<typeof LABELS.get>): ApiAnswer {
  const group = groupOf(call);
  const reference = call.params.name;
  const label =
    labelById(call.instance, group, Number(reference)) ?? labelByTitle(call.instance, group, reference);
  if (!label) throw notFound('Label');
  return json(200, presentLabel(label));
}

function postLabel(call: CallOf<typeof LABELS.create>): ApiAnswer {
  const { instance, currentUser, params } = call;
  const group = groupOf(call);
  requireRole(instance, currentUser, group, ACCESS_LEVELS.reporter);
  const title = params.name.trim();
  // Ancestors count as well: a label of theirs can be used in the group already.
  if (labelByTitle(instance, group, title)) throw refuse(409, 'Label already exists');
  const color = colorOf(params.color);
  const errors = labelErrors(title, color);
  if (errors.any) throw refuse(400, errors);
  const label = addLabel(instance, group, { title, color, description: params.description ?? null });
  return json(201, presentLabel(label));
}
