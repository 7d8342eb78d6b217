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

export const NOTHING_COUNTED: Counts = {
  source: 0,
  fetched: 0,
  imported: 0,
  skipped: 0,
  failed: 0,
  skips: {},
};
