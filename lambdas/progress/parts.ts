import type { Status } from '../domain/statuses.ts';
import { foreign, html, type Markup, number } from '../report/markup.ts';
import { relationName } from '../report/relation-names.ts';
import { statusWords } from '../report/words.ts';
import type { FailureCount, ImportProgress } from './progress.ts';

/** A bar that has a name, a value in words, and stays readable without colours. */
export function bar(value: number, most: number, labelledBy: string, unit: string): Markup {
  const max = Math.max(most, 1);
  return html`<progress max="${max}" value="${Math.min(value, max)}" aria-labelledby="${labelledBy}" aria-valuetext="${number(value)} of ${number(most)} ${unit}"></progress>`;
}

/** A status as a badge. `finished` alone would say that everything has arrived. */
export function badge(status: Status, hasFailures: boolean): Markup {
  const isPartial = status === 'finished' && hasFailures;
  return html`<span class="bip-badge bip-${isPartial ? 'partial' : status}">${statusWords(status, hasFailures)}</span>`;
}

/** Whole percents; 100 only when everything is done. */
export function percent(value: number, most: number): string {
  return `${most === 0 ? 0 : Math.floor((value / most) * 100)} %`;
}

/** How many groups and projects have ended, of how many. */
export function entitiesOf(records: ImportProgress[]): { ended: number; known: number } {
  const known = records.flatMap(({ statuses }) => Object.values(statuses)).reduce((sum, n) => sum + n, 0);
  const open = records.reduce((sum, { statuses }) => sum + statuses.created + statuses.started, 0);
  return { ended: known - open, known };
}

/** Failures of several together. */
export function sumFailures(counts: FailureCount[]): FailureCount {
  return {
    known: counts.reduce((sum, { known }) => sum + known, 0),
    isExact: counts.every(({ isExact }) => isExact),
  };
}

/** `1 group or project`, `2 groups and projects`: by its status alone nobody tells which it is. */
export const entityCount = (of: number) =>
  `${number(of)} ${of === 1 ? 'group or project' : 'groups and projects'}`;

/** A relation by the name that people use; one that nobody knows is a foreign text. */
export const relationText = (relation: string): Markup => foreign(relationName(relation), 60);

/** Pieces with commas between them. */
export const listed = (pieces: Markup[]): Markup[] =>
  pieces.map((piece, at) => html`${at === 0 ? '' : ', '}${piece}`);

/** Whether there are any, known or not. */
export const hasFailures = ({ known, isExact }: FailureCount) => known > 0 || !isExact;

/** How many there are, in words. */
export function failureText(failures: FailureCount): string {
  return failures.known === 0 && !failures.isExact ? 'some' : atLeast(failures);
}

/** A number, or a number with a plus. */
export const atLeast = ({ known, isExact }: FailureCount) => (isExact ? number(known) : `${number(known)}+`);
