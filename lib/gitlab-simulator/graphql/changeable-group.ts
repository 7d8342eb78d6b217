import { GraphQLError } from 'graphql';
import { ACCESS_LEVELS, type SampleGroup } from '../model.ts';
import { canReadGroup, hasRole } from '../permissions.ts';
import type { Viewer } from './viewer.ts';

/** The group whose boards and labels the viewer may change. @throws GitLab's one error for all others, there or not */
export function changeableGroup(
  { instance, user }: Viewer,
  fullPath: string | null | undefined,
): SampleGroup {
  const group = instance.groupByPath(fullPath ?? '');
  if (
    !group ||
    !user ||
    !canReadGroup(instance, user, group) ||
    !hasRole(instance, user, group, ACCESS_LEVELS.reporter)
  ) {
    throw resourceNotAvailable();
  }
  return group;
}

export function resourceNotAvailable(): GraphQLError {
  return new GraphQLError(
    "The resource that you are attempting to access does not exist or you don't have permission to perform this action",
  );
}
