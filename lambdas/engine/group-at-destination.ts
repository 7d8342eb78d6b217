import { type Group, getGroup } from '../gitlab/api/groups.ts';
import { isOnlyPlanned, ONLY_PLANNED } from './planned.ts';
import type { PipelineContext } from './relation.ts';

/** The entity's group as the destination shows it, or as it would show one that does not exist yet. */
export async function groupAtDestination(context: PipelineContext): Promise<Group> {
  if (!isOnlyPlanned(context)) return getGroup(context.destination, context.target().id);
  const { destinationFullPath, destinationNamespace, destinationShown, destinationSlug } = context.entity;
  return {
    id: ONLY_PLANNED,
    name: destinationSlug,
    path: destinationSlug,
    full_path: destinationFullPath ?? '',
    parent_id: destinationNamespace === '' ? null : ONLY_PLANNED,
    visibility: destinationShown?.visibility ?? 'private',
  };
}
