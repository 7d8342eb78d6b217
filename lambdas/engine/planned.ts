import type { OfKind } from '../domain/kinds.ts';
import type { Foreseen } from '../store/changes.ts';
import type { Outlook, PipelineContext } from './relation.ts';

/** The id of a group that does not exist yet. GitLab's begin with 1. */
export const ONLY_PLANNED = 0;

/** Whether the run only looks, and what would be written into does not exist yet. */
export function isOnlyPlanned({ isClosed, entity }: Pick<PipelineContext, 'isClosed' | 'entity'>): boolean {
  const id = entity.sourceType === 'project_entity' ? entity.projectId : entity.namespaceId;
  return isClosed && id === null;
}

/** Whether the run only looks at what an import before it has brought. */
export const isVerification = ({ bulkImport }: { bulkImport: OfKind }): boolean =>
  bulkImport.kind === 'verification';

/** What was foreseen of one record. */
export function foreseen(
  as: 'create' | 'update' | 'unchanged' | 'blocked',
  { writes, emails = 0, isUnknown = false }: Pick<Outlook, 'writes' | 'emails' | 'isUnknown'>,
): Foreseen {
  const fate = isUnknown && as !== 'blocked' ? 'unknown' : as;
  const none = { create: 0, update: 0, unchanged: 0, unknown: 0 };
  // What is blocked counts as failed, as in every run.
  return { ...none, ...(fate !== 'blocked' && { [fate]: 1 }), writes, emails };
}
