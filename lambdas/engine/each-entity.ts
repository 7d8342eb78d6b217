import pLimit from 'p-limit';
import type { Entity } from '../store/entities.ts';

/** Entities changed at the same time; each is a few small writes. */
const PARALLEL_WRITES = 16;

/**
 * Does something to each of these entities, several at a time, as long as there is time.
 *
 * @param until epoch ms; nothing is begun after it
 * @returns whether all of them were dealt with
 */
export async function eachEntity(
  entities: Entity[],
  until: number,
  act: (entity: Entity) => Promise<unknown>,
): Promise<boolean> {
  let isComplete = true;
  await pLimit(PARALLEL_WRITES).map(entities, async entity => {
    if (Date.now() < until) await act(entity);
    else isComplete = false;
  });
  return isComplete;
}
