import type { Import } from '../store/imports.ts';

/** What is kept of imports, in all of these. */
const all: Map<string, unknown>[] = [];

/**
 * Something that a process keeps of the imports that it has met last, so that it reads it once: a process serves many runs
 * of many entities. Of each attempt it is another, for what nobody had found may be there in the next.
 *
 * @param make what is kept of an import at first
 * @param most imports of which it is kept
 */
export function keptPerImport<Kept>(
  make: () => Kept,
  most: number,
): (record: Pick<Import, 'id' | 'createdAt' | 'attempt'>) => Kept {
  const kept = new Map<string, Kept>();
  all.push(kept);
  return ({ id, createdAt, attempt }) => {
    // Ids begin anew in another table, which a process of the tests may meet.
    const key = `${id} ${createdAt} ${attempt}`;
    const found = kept.get(key) ?? make();
    // The one that was used last goes last.
    kept.delete(key);
    kept.set(key, found);
    const [oldest] = kept.keys();
    if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    return found;
  };
}

/** Forgets all of it, as a new process does not know it. For tests. */
export function forgetKept(): void {
  for (const kept of all) kept.clear();
}
