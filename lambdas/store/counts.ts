import * as z from 'zod/mini';

export const countsSchema = z.object({
  /** Records that the source said it has. */
  source: z.int(),
  /** Records that were read and dealt with. `fetched = imported + skipped + failed`, always. */
  fetched: z.int(),
  imported: z.int(),
  skipped: z.int(),
  failed: z.int(),
  /** How many of the skipped records were left out for which reason; their sum is `skipped`. */
  skips: z.record(z.string(), z.int()),
});

/** What became of the records of one relation of one entity. */
export type Counts = z.infer<typeof countsSchema>;

/** Counts of several relations or entities together. */
export function sumCounts(counts: Iterable<Counts>): Counts {
  const total = { ...NOTHING_COUNTED, skips: {} as Record<string, number> };
  for (const { source, fetched, imported, skipped, failed, skips } of counts) {
    total.source += source;
    total.fetched += fetched;
    total.imported += imported;
    total.skipped += skipped;
    total.failed += failed;
    for (const [reason, count] of Object.entries(skips))
      total.skips[reason] = (total.skips[reason] ?? 0) + count;
  }
  return total;
}

export const NOTHING_COUNTED: Counts = {
  source: 0,
  fetched: 0,
  imported: 0,
  skipped: 0,
  failed: 0,
  skips: {},
};
