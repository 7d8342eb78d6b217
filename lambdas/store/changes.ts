import * as z from 'zod/mini';
import type { Counts } from './counts.ts';

/** What a run that only looks has found that would be done about the records of a relation. */
export const foreseenSchema = z.object({
  create: z.int(),
  update: z.int(),
  unchanged: z.int(),
  /** Of these only the attempt can tell, as where a licence is needed and there is no group yet to be asked for it. */
  unknown: z.int(),
  /** Records of the destination that would be written, those of unknown fate among them: a board and its lists are several. */
  writes: z.int(),
  /** E-mails that the destination would send to people. */
  emails: z.int(),
});
export type Foreseen = z.infer<typeof foreseenSchema>;

export const NOTHING_FORESEEN: Foreseen = {
  create: 0,
  update: 0,
  unchanged: 0,
  unknown: 0,
  writes: 0,
  emails: 0,
};

/** Adds up what was foreseen. */
export function sumForeseen(all: Iterable<Foreseen>): Foreseen {
  const total = { ...NOTHING_FORESEEN };
  for (const one of all) {
    for (const name of Object.keys(total) as (keyof Foreseen)[]) total[name] += one[name];
  }
  return total;
}

/** The fates that a plan tells of the records of a relation. */
export const FATES = ['create', 'update', 'unchanged', 'skip', 'blocked', 'unknown'] as const;
export const changesSchema = z.record(z.enum(FATES), z.int());
export type Changes = z.infer<typeof changesSchema>;

/** What the archives of projects would come to. */
export const archivesSchema = z.object({
  projects: z.int(),
  /** Of so many of them the source does not say how large they are. */
  unknown: z.int(),
  /** Of all others. */
  bytes: z.int(),
});
export type Archives = z.infer<typeof archivesSchema>;
export const NO_ARCHIVES: Archives = { projects: 0, unknown: 0, bytes: 0 };

/** The same with one more archive; `undefined`, or `null`, where nobody knows its size. */
export const withArchive = ({ projects, unknown, bytes }: Archives, size?: number | null): Archives => ({
  projects: projects + 1,
  unknown: unknown + Number(size == null),
  bytes: bytes + (size ?? 0),
});

/** What a plan has come to, over all of its entities. */
export const planTotalsSchema = z.object({
  changes: changesSchema,
  writes: z.int(),
  emails: z.int(),
  /** Members of the source: those with a counterpart by a mapping or by their address, and those without one. */
  users: z.object({ mapped: z.int(), matched: z.int(), unmatched: z.int() }),
  /** How many records there are of what is not moved, by relation. */
  notMigrated: z.record(z.string(), z.int()),
  /** Absent in one of before this was kept. */
  archives: z.optional(archivesSchema),
  /** Requests per minute that the destination allows; 0 where it names no limit. */
  limit: z.number(),
  /**
   * How many groups there are, and records in them: what of an import moves record by record. Absent in totals that were
   * written before this was kept.
   */
  groups: z.optional(z.object({ count: z.int(), records: z.int() })),
});
export type PlanTotals = z.infer<typeof planTotalsSchema>;

/** What would become of the records of a relation: what was foreseen, beside what is counted of every run. */
export function changesOf(
  { create, update, unchanged, unknown }: Foreseen,
  { skipped, failed }: Pick<Counts, 'skipped' | 'failed'>,
): Changes {
  return { create, update, unchanged, skip: skipped, blocked: failed, unknown };
}

/** Adds up changes of several relations or entities. */
export function sumChanges(all: Iterable<Changes>): Changes {
  const total = changesOf(NOTHING_FORESEEN, { skipped: 0, failed: 0 });
  for (const one of all) for (const fate of FATES) total[fate] += one[fate];
  return total;
}
