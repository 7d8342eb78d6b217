import type { Entity } from '../../lambdas/store/entities.ts';
import type { Failure } from '../../lambdas/store/failures.ts';
import type { Import } from '../../lambdas/store/imports.ts';
import type { Tracker } from '../../lambdas/store/trackers.ts';
import type { TableInMemory } from '../support/table-in-memory.ts';

/** The items of the one import of a schedule. */
export interface Records {
  record: Import | undefined;
  entities: Entity[];
  trackers: Tracker[];
  failures: Failure[];
}

/** Reads the records of the import from the table. */
export function recordsOf({ table }: { table: TableInMemory }): Records {
  const items = [...table.items.values()].filter(({ pk }) => String(pk).startsWith('IMPORT#'));
  const like = (prefix: string) => items.filter(({ sk }) => String(sk).startsWith(prefix));
  return {
    record: like('IMPORT')[0] as unknown as Records['record'],
    entities: like('ENTITY#') as unknown as Entity[],
    trackers: like('PIPELINE#') as unknown as Tracker[],
    failures: like('FAILURE#') as unknown as Failure[],
  };
}
