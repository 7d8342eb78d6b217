import { isComplete, sumFigures, unreadAmong, type VerifiedFigures } from './figures.ts';
import { count, number } from './markup.ts';
import { relationName } from './relation-names.ts';
import type { RelationFigures, Report } from './report.ts';

/** Names that a sentence has room for. */
const MOST_NAMES = 10;

/** The figures of each relation of each group and project: what one of them has is not compared by another's. */
const figuresOf = ({ entities }: Pick<Report, 'entities'>) => entities.flatMap(({ relations }) => relations);

/**
 * Whether an import is complete: all that was to be migrated was read again and compared, in each group and project, nothing
 * differs and nothing is missing. What is not migrated at all stands beside it. `null` while nothing was verified.
 */
export const isReportComplete = (report: Pick<Report, 'entities'>): boolean | null =>
  isComplete(figuresOf(report));

/** Why it is not, in sentences; none where it is, and while nothing was verified. */
export function whyIncomplete(report: Pick<Report, 'entities'>): string[] {
  const all = figuresOf(report);
  if (isComplete(all) !== false) return [];
  const reason = (which: keyof VerifiedFigures, one: string, several: string): string[] => {
    const sum = sumFigures(all).verified?.[which] ?? 0;
    if (sum === 0) return [];
    return [
      `${count(sum, 'record')} ${sum === 1 ? one : several}: ${namesOf(all, ({ verified }) => verified?.[which] ?? 0)}.`,
    ];
  };
  const unread = new Set(unreadAmong(all));
  return [
    ...reason('missing', 'is missing', 'are missing'),
    ...reason('different', 'differs', 'differ'),
    ...reason('unverified', 'could not be compared', 'could not be compared'),
    ...(unread.size === 0
      ? []
      : [
          `What was not read again, so that nobody knows what of it is there: ${namesOf(all, one => (unread.has(one) ? one.source : 0))}.`,
        ]),
  ];
}

/** `Labels (3), Boards (1)`: relations with so many records, those with the most first. */
function namesOf(all: readonly RelationFigures[], countOf: (figures: RelationFigures) => number): string {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(one.relation, (counts.get(one.relation) ?? 0) + countOf(one));
  const some = [...counts].filter(([, sum]) => sum > 0).sort(([, a], [, b]) => b - a);
  const named = some
    .slice(0, MOST_NAMES)
    .map(([relation, sum]) => `${relationName(relation)} (${number(sum)})`);
  const more = some.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${number(more)} more` : ''}`;
}
