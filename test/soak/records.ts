import type { AuditEvent } from '../../lambdas/store/audit-events.ts';
import { type Entity, entityFromItem } from '../../lambdas/store/entity.ts';
import type { Failure } from '../../lambdas/store/failures.ts';
import { type Import, importFromItem } from '../../lambdas/store/imports.ts';
import { type NamedTracker, trackersOf } from '../support/table/entity-records.ts';
import type { TableInMemory } from '../support/table/table-in-memory.ts';

/** The items of the one import of a schedule, as the service reads them. */
export interface Records {
  record: Import | undefined;
  entities: Entity[];
  /** Of all entities, as they are shown: whatever ends an entity ends what is open in it. */
  trackers: NamedTracker[];
  failures: Failure[];
  auditEvents: AuditEvent[];
}

/** Reads the records of the import from the table. */
export function recordsOf({ table }: { table: TableInMemory }): Records {
  const items = [...table.items.values()].filter(({ pk }) => String(pk).startsWith('IMPORT#'));
  const like = (prefix: string) => items.filter(({ sk }) => String(sk).startsWith(prefix));
  const entities = like('ENTITY#').map(entityFromItem);
  return {
    record: like('IMPORT').map(importFromItem)[0],
    entities,
    trackers: entities.flatMap(trackersOf),
    failures: like('FAILURE#') as unknown as Failure[],
    auditEvents: like('AUDIT#') as unknown as AuditEvent[],
  };
}
