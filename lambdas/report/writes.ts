import { AUDIT_RESULTS, type AuditResult } from '../store/audit-events.ts';
import type { AuditOutcome } from '../store/audit-pages.ts';

/** Records of one kind that were written at the destination, by what became of the writes. */
export interface Writes {
  /** GitLab's name of the kind of record. */
  target: string;
  results: Readonly<Partial<Record<AuditResult, number>>>;
}

/** Adds up what became of writes. */
export class WriteCounts {
  readonly #found = new Map<string, Partial<Record<AuditResult, number>>>();

  add({ target, result }: AuditOutcome): void {
    const results = this.#found.get(target) ?? {};
    results[result] = (results[result] ?? 0) + 1;
    this.#found.set(target, results);
  }

  /** By the names of the kinds. */
  list(): Writes[] {
    return [...this.#found]
      .map(([target, results]) => ({ target, results }))
      .sort((a, b) => a.target.localeCompare(b.target, 'en'));
  }
}

/** The results that there are, in the order in which people ask for them. */
export function resultsIn(writes: readonly Writes[]): AuditResult[] {
  return AUDIT_RESULTS.filter(result => writes.some(({ results }) => results[result] !== undefined)).sort(
    (a, b) => Number(a === 'sent') - Number(b === 'sent'),
  );
}

/** Results in the words of people. */
export const RESULT_WORDS: Readonly<Record<AuditResult, string>> = {
  created: 'Created',
  updated: 'Changed',
  deleted: 'Deleted',
  refused: 'Refused',
  found: 'Found there later',
  not_found: 'Not found, sent again',
  not_sent: 'Not sent',
  sent: 'Without an answer',
};
