import type { Changes } from '../store/changes.ts';
import { accuracyOf, type Figures, type VerifiedFigures } from './figures.ts';
import { number } from './markup.ts';
import type { Report } from './report.ts';
import { percentage } from './words.ts';

/** A column of figures in the tables that people read. */
export interface Column {
  name: string;
  /** Whether anything but none is bad. */
  isBad?: true;
  of(figures: Figures): number | null;
  /** As people read it; a number with separators by default. */
  text?(value: number): string;
}

const own = (name: string, key: 'source' | 'imported' | 'skipped' | 'failed', isBad?: true): Column => ({
  name,
  ...(isBad && { isBad }),
  of: figures => figures[key],
});
const verified = (name: string, key: keyof VerifiedFigures, isBad?: true): Column => ({
  name,
  ...(isBad && { isBad }),
  of: figures => figures.verified?.[key] ?? null,
});
const planned = (name: string, fate: keyof Changes, isBad?: true): Column => ({
  name,
  ...(isBad && { isBad }),
  of: figures => figures.planned?.[fate] ?? null,
});

const SOURCE = own('Source', 'source');
const OWN = [own('Imported', 'imported'), own('Skipped', 'skipped'), own('Failed', 'failed', true)];
const VERIFIED: readonly Column[] = [
  verified('Matched', 'matched'),
  verified('Different', 'different', true),
  verified('Missing', 'missing', true),
  verified('Not compared', 'unverified', true),
  verified('New at source', 'newAtSource'),
  { name: 'Accuracy', of: accuracyOf, text: percentage },
];
const PLANNED: readonly Column[] = [
  planned('To create', 'create'),
  planned('To change', 'update'),
  planned('There already', 'unchanged'),
  planned('To skip', 'skip'),
  planned('Blocked', 'blocked', true),
  planned('Only known then', 'unknown'),
];

/** The columns of a report's tables: of a plan what would be done, of an import what was, and what was verified. */
export function columnsOf({ kind, totals }: Report): readonly Column[] {
  if (kind === 'plan') return [SOURCE, ...PLANNED];
  return totals.verified === null ? [SOURCE, ...OWN] : [SOURCE, ...OWN, ...VERIFIED];
}

/** The columns of a plan beside what the import that was bound to it has come to. */
export const PLAN_BESIDE_RESULT: readonly Column[] = [...PLANNED, ...OWN];

/** The figures of a row as people read them; a dash for what is not known. */
export function cellsOf(columns: readonly Column[], figures: Figures): string[] {
  return columns.map(({ of, text = number }) => {
    const value = of(figures);
    return value === null ? '–' : text(value);
  });
}
