import type * as z from 'zod/mini';
import { type Archives, NO_ARCHIVES, type PlanTotals } from '../../store/changes.ts';
import type { Import } from '../../store/imports.ts';
import { type archivesSchema, planSchema } from './plan-schema.ts';
import { presentImport } from './present-import.ts';

/** An import can be bound to a plan for so long: what was looked at then says little later. */
export const PLAN_LIFETIME_MS = 24 * 3600_000;

/** Presents a plan. */
export function presentPlan(record: Import): z.infer<typeof planSchema> {
  const { requested = 0, children = 0, totals } = record;
  const { has_failures, plan_id: _, verification: __, ...shown } = presentImport(record);
  return planSchema.parse({
    ...shown,
    entities_count: requested + children,
    has_blockers: has_failures,
    expires_at: new Date(Date.parse(record.createdAt) + PLAN_LIFETIME_MS).toISOString(),
    changes: totals?.changes ?? null,
    destination_writes: totals?.writes ?? null,
    seconds: totals === undefined ? null : secondsOf(totals),
    emails: totals?.emails ?? null,
    users: totals?.users ?? null,
    archives: totals === undefined ? null : presentArchives(totals.archives),
    not_migrated:
      totals === undefined
        ? null
        : Object.entries(totals.notMigrated).map(([relation, source]) => ({ relation, source })),
  });
}

/** The sizes of archives, as the API has them. */
export function presentArchives({
  projects,
  unknown,
  bytes,
}: Archives = NO_ARCHIVES): z.infer<typeof archivesSchema> {
  return { projects, unknown, size: bytes };
}

function secondsOf({ writes, limit }: PlanTotals): number | null {
  return limit > 0 ? Math.ceil((60 * writes) / limit) : null;
}
