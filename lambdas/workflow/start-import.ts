import pLimit from 'p-limit';
import { isTerminal } from '../domain/statuses.ts';
import { reopenEntities } from '../engine/reopen-entities.ts';
import { invocation, measure, noteIds } from '../platform/invocation.ts';
import { LogEvent, logger } from '../platform/logger.ts';
import { noteHeld } from '../store/children.ts';
import { copyForVerification } from '../store/entities.ts';
import { entityPages } from '../store/entity-lists.ts';
import { getImport, type Import, moveImport } from '../store/imports.ts';
import { importEventSchema } from './events.ts';

export interface GenerationRequest {
  importId: number;
  attempt: number;
  generation: number;
  /** Entities of this generation up to this id have been handed out already. */
  after: number;
}

/** First step: the import is running, and what another attempt moves again is open. A repeated start, and one of an import that was canceled before, go on. */
export const handler = invocation(async (event: unknown): Promise<GenerationRequest> => {
  const { importId, attempt } = importEventSchema.parse(event);
  const record = await getImport(importId);
  const { correlationId, kind } = record;
  noteIds({ correlationId, kind });
  if (record.attempt !== attempt) return { importId, attempt, generation: 0, after: 0 };
  if (record.kind === 'verification' && !isTerminal(record.status)) await copyEntities(record);
  const begun = await moveImport(record, 'started');
  if (begun !== undefined) measure('ImportsStarted', 1, {});
  const { status } = begun ?? (await getImport(importId));
  if (!isTerminal(status)) await reopenEntities(record);
  logger.info(LogEvent.ImportStarted, { importId, correlationId });
  return { importId, attempt, generation: 0, after: 0 };
});

/** Entities written at the same time. */
const PARALLEL_WRITES = 25;

/** Gives a verification the entities of its import, under their ids: repeated, it writes the same ones. */
async function copyEntities({ id, subjectId }: Import): Promise<void> {
  if (subjectId === undefined) throw new Error(`The verification ${id} has no import.`);
  for await (const entities of entityPages(subjectId)) {
    await noteHeld(id, entities);
    await pLimit(PARALLEL_WRITES).map(entities, entity => copyForVerification(entity, id));
  }
}
