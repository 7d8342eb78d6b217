import type { Attributes } from '../support/table/items.ts';
import type { TableInMemory } from '../support/table/table-in-memory.ts';

/** Who finds out that a record is there is right, also when its late answer says once more that it was made. */
const MAY_FOLLOW: Record<string, string[]> = { found: ['created', 'updated', 'deleted'] };

/** Notes from now on which results of audit events are changed that were known. @returns what was noted, in words */
export function noteChangedResults(table: TableInMemory): string[] {
  const changed: string[] = [];
  const set = table.items.set.bind(table.items);
  table.items.set = (id: string, item: Attributes) => {
    const [before, after] = [table.items.get(id)?.result, item.result].map(String);
    const isKnown = String(item.sk).startsWith('AUDIT#') && table.items.has(id) && before !== 'sent';
    if (isKnown && before !== after && !MAY_FOLLOW[before ?? '']?.includes(after ?? ''))
      changed.push(`the event ${item.sk} was '${before}', and is '${after}'`);
    return set(id, item);
  };
  return changed;
}
