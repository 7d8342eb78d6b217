import type { Entity } from '../store/entity.ts';
import type { SkippedRecords } from './report.ts';

/** Adds up what was left out on purpose, by relation and reason. */
export class Skips {
  readonly #found = new Map<string, SkippedRecords>();

  add({ stats }: Pick<Entity, 'stats'>): void {
    for (const [relation, { skips }] of Object.entries(stats)) {
      for (const [reason, count] of Object.entries(skips)) {
        const key = JSON.stringify([relation, reason]);
        const known = this.#found.get(key);
        if (known === undefined) this.#found.set(key, { relation, reason, count });
        else known.count += count;
      }
    }
  }

  /** The most frequent first. */
  list(): SkippedRecords[] {
    return [...this.#found.values()].sort((a, b) => b.count - a.count);
  }
}

/** What was left out of all of these. */
export function sumSkips(entities: Iterable<Pick<Entity, 'stats'>>): SkippedRecords[] {
  const skips = new Skips();
  for (const entity of entities) skips.add(entity);
  return skips.list();
}
