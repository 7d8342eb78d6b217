import { ParentNotCreatedError } from '../domain/errors.ts';
import type { PipelineContext, RecordName } from '../engine/relation.ts';

/** What writes the failures of the `group` relation. */
export type Failed = Pick<PipelineContext, 'recordFailure'>;

/** The name of the one failure that speaks of all subgroups that have none of their own. */
export const REST_OF_SUBGROUPS = { key: 'descendants', title: 'subgroups' };

/** The same for projects. */
export const REST_OF_PROJECTS = { key: 'projects', title: 'projects' };

/** Writes the failure of a group or project, or of several, that no entity was made of because the one above has failed. */
export function recordLeftOut(context: Failed, name: RecordName, message: string): Promise<void> {
  return context.recordFailure('loader', name, new ParentNotCreatedError(message));
}

/**
 * Says that the groups and projects below one that was ended from outside were not migrated. Whoever ends it cannot ask the source
 * for their names: only runs may open the tokens of an import.
 */
export function recordUnlisted(context: Failed): Promise<void> {
  return recordLeftOut(
    context,
    REST_OF_SUBGROUPS,
    'If this group has subgroups or projects, those without an entity or a failure of their own were not migrated, since its migration stopped before they were listed. Look them up at the source, and import the group again.',
  );
}
