import { ProjectCreationError } from '../domain/errors.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { replicaLag, wasMadeJustNow } from '../engine/replica-lag.ts';
import { probeImports } from '../gitlab/api/project-imports.ts';
import { isRefusal } from '../gitlab/client-errors.ts';
import {
  adviceOnImport,
  isNamespaceMissing,
  isRemoteImportHidden,
  isSourceOff,
} from '../gitlab/project-refusals.ts';
import { findingOf, isFirstOf, noteFinding } from '../store/firsts.ts';
import { readParent } from './parent-group.ts';

/** The finding where the destination takes projects, as far as one can tell. */
const ALLOWED = '';
/** The finding where the destination has no imports by link: archives are sent to it. */
const HIDDEN = 'The destination has no imports by link.';

/**
 * Finds out whether the destination takes projects before anything is exported for it: thousands of exports for a
 * GitLab that takes none would be hours of load for nothing. It is asked once per import, since that counts as one of six
 * imports a minute; those that come before there is an answer are not held up. Of projects that were asked for by name it
 * was known before the import began.
 *
 * @throws ProjectCreationError with what has to be done; TemporaryError for trouble, and while it is not our turn
 */
export async function checkImportPermission(context: PipelineContext): Promise<void> {
  const { importId, id, parentId } = context.entity;
  if (parentId === null) return;
  const finding = await findingOf(importId, 'IMPORTS');
  if (finding) throw new ProjectCreationError(finding);
  if (finding === ALLOWED || !(await isFirstOf(importId, 'IMPORTS', id))) return;
  const refusal = await ask(context);
  const advice = adviceOnImport(refusal);
  if (isRemoteImportHidden(refusal)) await noteFinding(context.entity, 'LINKS', HIDDEN);
  // What is wrong with one group is found out for each of them.
  await noteFinding(
    context.entity,
    'IMPORTS',
    advice !== undefined && isSourceOff(refusal) ? advice : ALLOWED,
  );
  if (advice !== undefined) throw new ProjectCreationError(advice);
}

/** How the destination refuses an import that nobody could take. @throws whatever is no refusal */
async function ask(context: PipelineContext): Promise<unknown> {
  const parent = await readParent(context);
  if (parent === null) return undefined;
  try {
    await probeImports(context.destination, parent.id);
    return undefined;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (isNamespaceMissing(error) && (await wasMadeJustNow(context.entity)))
      throw replicaLag('ask for an import');
    return error;
  }
}
