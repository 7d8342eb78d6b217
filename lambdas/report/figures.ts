import { type Changes, sumChanges } from '../store/changes.ts';

/** What a verification has found of a relation, by reading both GitLabs again. */
export interface VerifiedFigures {
  /** Records that are at both, and alike. */
  matched: number;
  /** Records that are at both, and differ. */
  different: number;
  /** Records of the source that should be at the destination, and are not. */
  missing: number;
  /** Records that came to the source after the import: neither right nor wrong. */
  newAtSource: number;
  /** Records that could not be compared. */
  unverified: number;
}

/** The figures of a relation, or of several together. */
export interface Figures {
  /** Our own counts, as `stats` have them. */
  source: number;
  imported: number;
  skipped: number;
  failed: number;
  /** `null` while nothing was verified: none of it is ever made of our own counts. */
  verified: VerifiedFigures | null;
  /** What a plan has said would become of them; `null` without one. */
  planned: Changes | null;
}

export const NO_FIGURES: Figures = {
  source: 0,
  imported: 0,
  skipped: 0,
  failed: 0,
  verified: null,
  planned: null,
};

const NOTHING_VERIFIED: VerifiedFigures = {
  matched: 0,
  different: 0,
  missing: 0,
  newAtSource: 0,
  unverified: 0,
};

/** Adds up figures. What was verified of some of them is what was verified. */
export function sumFigures(all: Iterable<Figures>): Figures {
  const total: Figures = { ...NO_FIGURES };
  for (const figures of all) addFigures(total, figures);
  return total;
}

/** Adds figures to a total. */
export function addFigures(total: Figures, figures: Figures): void {
  const { source, imported, skipped, failed, verified, planned } = figures;
  total.source += source;
  total.imported += imported;
  total.skipped += skipped;
  total.failed += failed;
  if (planned !== null) total.planned = sumChanges([...(total.planned ? [total.planned] : []), planned]);
  if (verified === null) return;
  total.verified ??= { ...NOTHING_VERIFIED };
  total.verified.matched += verified.matched;
  total.verified.different += verified.different;
  total.verified.missing += verified.missing;
  total.verified.unverified += verified.unverified;
  total.verified.newAtSource += verified.newAtSource;
}

/** How many records a verification has looked for at the destination. */
export const expectedOf = ({ matched, different, missing }: VerifiedFigures): number =>
  matched + different + missing;

/** Four digits behind the point. */
const DIGITS = 10_000;

/**
 * The share of the expected records that are at the destination as they should be: rounded down to four digits, so that it
 * is 1 only if none differs and none is missing. Weighted by records, never a mean of shares.
 *
 * @returns `null` while nothing was verified, and where there was nothing to be expected
 */
export function accuracyOf({ verified }: Pick<Figures, 'verified'>): number | null {
  const expected = verified === null ? 0 : expectedOf(verified);
  if (verified === null || expected === 0) return null;
  return Math.floor((verified.matched * DIGITS) / expected) / DIGITS;
}

/** Relations with records that a verification has not read again; none while nothing was verified. */
export function unreadAmong<T extends Figures>(relations: readonly T[]): T[] {
  if (relations.every(({ verified }) => verified === null)) return [];
  return relations.filter(({ source, verified }) => source > 0 && verified === null);
}

/** Whether all was read again and compared, and nothing differs and nothing is missing; `null` while nothing was verified. */
export function isComplete(relations: readonly Figures[]): boolean | null {
  const { verified } = sumFigures(relations);
  if (verified === null) return null;
  const { missing, different, unverified } = verified;
  return missing + different + unverified + unreadAmong(relations).length === 0;
}
