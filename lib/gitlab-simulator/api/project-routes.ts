import { type ApiAnswer, json, notFound } from '../answer.ts';
import { PROJECTS } from '../declarations/projects.ts';
import type { SampleGroup } from '../model.ts';
import { canReadGroup } from '../permissions.ts';
import type { SampleProject } from '../project-model.ts';
import { type ApiCall, type CallOf, type Route, route } from '../route.ts';
import { presentProject } from './entities.ts';

export const PROJECT_ROUTES: readonly Route[] = [route(PROJECTS.get, getProject)];

function getProject(call: CallOf<typeof PROJECTS.get>): ApiAnswer {
  const { group, project } = projectOf(call);
  return json(200, presentProject(call.instance, group, project));
}

/** The project of the call's `:id`, and its group. Throws a 404 if the current user cannot see it. */
export function projectOf({ instance, currentUser, params }: ApiCall<{ id: string }>): {
  group: SampleGroup;
  project: SampleProject;
} {
  const wanted = params.id.toLowerCase();
  for (const group of instance.groups.values()) {
    if (group.projects.length === 0 || !canReadGroup(instance, currentUser, group)) continue;
    const project = group.projects.find(
      ({ id, path }) => wanted === String(id) || wanted === `${group.fullPath}/${path}`.toLowerCase(),
    );
    if (project) return { group, project };
  }
  throw notFound('Project');
}
