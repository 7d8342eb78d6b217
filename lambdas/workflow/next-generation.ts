import * as z from 'zod/mini';
import { isTerminal } from '../domain/statuses.ts';
import { placesFor } from '../engine/load-control.ts';
import { loadsOf } from '../engine/load-watch.ts';
import { environment } from '../platform/environment.ts';
import { invocation } from '../platform/invocation.ts';
import { listEntities } from '../store/entity-lists.ts';
import { getImport } from '../store/imports.ts';
import { importEventSchema } from './events.ts';
import type { GenerationRequest } from './start-import.ts';

/**
 * Ids per Map: at up to 17 bytes each they stay below a third of the 262,144 bytes that a state's input may have.
 * What is left of a generation comes in the next turn.
 */
const MOST_IDS = 5_000;

const requestSchema = z.extend(importEventSchema, { generation: z.int(), after: z.int() });

export interface Generation extends GenerationRequest {
  /** Entities to migrate now; empty at the end of the import. */
  entityIds: number[];
  entitiesInParallel: number;
  /** How many of them can run at the same time. */
  places: number;
  /** The lane in which they begin. */
  functionName: string;
  done: boolean;
}

/**
 * Which entities run next: those of the current generation that are open and were not handed out yet, else those of
 * the next one. Subgroups are of the generation after their parent's, so parents are always complete before them.
 * Every turn moves forward, so the loop ends after at most 21 generations (GitLab's depth of groups), even if an
 * entity never ends.
 */
export const handler = invocation(async (event: unknown): Promise<Generation> => {
  const request = requestSchema.parse(event);
  const { importId } = request;
  const functionName = environment.groupsLane();
  const { status, attempt, sourceUrl, destinationUrl } = await getImport(importId);
  const entitiesInParallel = placesFor(
    await loadsOf([sourceUrl, destinationUrl]),
    environment.entitiesInParallel(),
  );
  const done = { ...request, entityIds: [], entitiesInParallel, places: 0, functionName, done: true };
  if (isTerminal(status) || attempt !== request.attempt) return done;

  const waiting = (await listEntities(importId)).filter(
    ({ status, generation, id }) =>
      !isTerminal(status) &&
      (generation > request.generation || (generation === request.generation && id > request.after)),
  );
  if (waiting.length === 0) return done;
  const generation = Math.min(...waiting.map(entity => entity.generation));
  const entityIds = waiting
    .filter(entity => entity.generation === generation)
    .map(({ id }) => id)
    .slice(0, MOST_IDS);
  const after = entityIds.at(-1) ?? 0;
  const places = Math.min(entitiesInParallel, entityIds.length);
  return { ...request, generation, after, entityIds, places, entitiesInParallel, functionName, done: false };
});
