import type { SampleGroup } from '../model.ts';
import { findProject } from '../permissions.ts';
import type { SampleProject } from '../project-model.ts';
import type { ApiCall } from '../route.ts';

/** The project of the call's `:id`, and its group. Throws a 404 if the current user cannot see it. */
export function projectOf({ instance, currentUser, params }: ApiCall<{ readonly id: string }>): {
  group: SampleGroup;
  project: SampleProject;
} {
  const project = findProject(instance, currentUser, params.id);
  return { group: instance.groupOfProject(project), project };
}
