import { IMPORTABLE_RELATIONS, type ImportableRelation } from '../domain/relation-names.ts';
import { oncePerRun } from '../engine/once-per-run.ts';
import { isFailureOf } from '../engine/record-failures.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { isMeant } from '../engine/retry-selection.ts';
import { listRelationImports } from '../gitlab/api/relation-imports.ts';
import { isRefusal, status } from '../gitlab/client-errors.ts';
import type { Entity } from '../store/entity.ts';
import { type Failure, listFailures } from '../store/failures.ts';
import { membersAtRisk } from './first-member.ts';

/**
 * A project that has arrived, and of which records are missing, is repaired by a later attempt: GitLab imports single
 * relations of a new archive into it, and leaves alone what is there (docs/adr/0035). `project` sends them, and
 * `project_import` tells what has come of it.
 */

/** The relation whose failures, and those of the counts, are repaired. */
export const REPAIRED = 'project_import';

type OfAttempt = Pick<PipelineContext, 'bulkImport' | 'entity'>;

/** Whether this is a relation that GitLab imports by itself. */
export function isImportable(relation: string | null | undefined): relation is ImportableRelation {
  return IMPORTABLE_RELATIONS.some(name => name === relation);
}

/** Whether this attempt is to bring the record of a failure. */
export function isToBring(failure: Failure, { bulkImport, entity }: OfAttempt): boolean {
  const { retry } = bulkImport;
  const isOpen = failure.broughtBy === REPAIRED && failure.attempt < entity.attempt;
  return isOpen && retry !== undefined && isMeant(failure, REPAIRED, retry);
}

/** The open failures of the import of the project, without those of what was counted after it. */
export async function failuresOfImport({
  importId,
  id,
}: Pick<Entity, 'importId' | 'id'>): Promise<Failure[]> {
  return (await listFailures(importId, id)).filter(isFailureOf(REPAIRED));
}

/** The relations that this attempt imports into a project that has arrived before; none for any other. */
export async function relationsToBring(context: OfAttempt): Promise<ImportableRelation[]> {
  const { arrivedBefore, importId, id } = context.entity;
  if (arrivedBefore !== true) return [];
  const failures = (await listFailures(importId, id)).filter(failure => isToBring(failure, context));
  return IMPORTABLE_RELATIONS.filter(name => failures.some(({ relation }) => relation === name));
}

/** Whether the destination imports single relations, and lets the importing user do that. */
export const canImportRelations = oncePerRun(async ({ destination, target }: PipelineContext) => {
  try {
    await listRelationImports(destination, target().id);
    return true;
  } catch (error) {
    if (isNone(error)) return false;
    throw error;
  }
});

/** Without the endpoint, or the role that it needs. */
const isNone = status([403, 404]);

/** Whether the archive of the project is needed: one that has arrived needs it for a repair that can be made. */
export async function needsArchive(context: PipelineContext): Promise<boolean> {
  if (context.entity.arrivedBefore !== true) return true;
  if ((await relationsToBring(context)).length === 0 || !(await canImportRelations(context))) return false;
  try {
    return (await membersAtRisk(context)) === 0;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

/** Whether something of the project is missing that another attempt may bring. */
export async function awaitsRepair({ entity }: PipelineContext): Promise<boolean> {
  if (!entity.failuresRecorded) return false;
  const failures = await listFailures(entity.importId, entity.id);
  return failures.some(({ broughtBy, retryable }) => broughtBy === REPAIRED && retryable);
}
