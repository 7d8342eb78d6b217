import { type Counts, NOTHING_COUNTED } from '../../../lambdas/store/counts.ts';

/** Counts with these numbers; of the others nothing was counted. */
export function countsOf(counts: Partial<Counts>): Counts {
  return { ...NOTHING_COUNTED, ...counts };
}
