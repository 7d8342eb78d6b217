import type { Status } from '../domain/statuses.ts';
import { SKIP_REASONS } from '../engine/relation.ts';
import { accuracyOf, expectedOf, type Figures } from './figures.ts';
import { count, number } from './markup.ts';
import type { Report } from './report.ts';

/** Statuses in the words of people. */
export const STATUS_WORDS: Readonly<Record<Status, string>> = {
  created: 'waiting',
  started: 'running',
  finished: 'finished',
  timeout: 'timed out',
  failed: 'failed',
  canceled: 'canceled',
};

/** A status in words; `finished` alone would say that everything has arrived. */
export function statusWords(status: Status, hasFailures: boolean): string {
  return status === 'finished' && hasFailures ? 'finished with failures' : STATUS_WORDS[status];
}

/** Why records were left out, as a sentence. A reason that this version does not know stands for itself. */
export function skipReason(reason: string): string {
  return Object.hasOwn(SKIP_REASONS, reason) ? SKIP_REASONS[reason as keyof typeof SKIP_REASONS] : reason;
}

/** An accuracy as people read it: `99.57 %`. Four digits are exact in it. */
export const percentage = (accuracy: number): string => `${Number((accuracy * 100).toFixed(2))} %`;

/** What the figures say, in sentences. */
export function verdict({ totals, problemsTotal, isWhole }: Report): string[] {
  const { source, imported, skipped, failed } = totals;
  const problems = isWhole ? count(problemsTotal, 'problem') : `More than ${count(problemsTotal, 'problem')}`;
  return [
    `Of ${count(source, 'record')} that were counted at the source, ${number(imported)} were imported, ${number(skipped)} skipped on purpose and ${number(failed)} failed.`,
    verifiedWords(totals),
    `${problems} ${problemsTotal === 1 ? 'is' : 'are'} listed by cause.`,
  ];
}

function verifiedWords(totals: Figures): string {
  const { verified } = totals;
  const accuracy = accuracyOf(totals);
  if (verified === null) {
    return 'Nothing was verified: these are the counts of the import itself, and nobody has read both GitLabs again.';
  }
  const { matched, different, missing, newAtSource } = verified;
  return `Read again at both GitLabs, ${number(matched)} of ${number(expectedOf(verified))} expected records are there and alike${accuracy === null ? '' : ` (${percentage(accuracy)})`}, ${number(different)} differ, ${number(missing)} are missing; ${number(newAtSource)} are new at the source.`;
}
