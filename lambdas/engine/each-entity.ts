import pLimit from 'p-limit';
import type { Entity } from '../store/entity.ts';
import { entityPages } from '../store/entity-lists.ts';

/** Entities changed at the same time; each is a few small writes. */
const PARALLEL_WRITES = 16;

/**
 * Does something to each entity of an import, several at a time, as long as there is time. Entities are read in pages, so
 * that 20,000 of them need neither the memory nor, where time is short, the reading of all.
 *
 * @param until epoch ms; nothing is begun after it
 * @returns whether all of them were dealt with
 */
export async function eachEntity(
  importId: number,
  until: number,
  act: (entity: Entity) => Promise<unknown>,
): Promise<boolean> {
  const limit = pLimit(PARALLEL_WRITES);
  let isComplete = true;
  for await (const page of entityPages(importId)) {
    await limit.map(page, async entity => {
      if (Date.now() < until) await act(entity);
      else isComplete = false;
    });
    if (!isComplete) break;
  }
  return isComplete;
}
