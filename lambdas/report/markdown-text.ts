import { printable } from './markup.ts';
import { relationName } from './relation-names.ts';

/**
 * A foreign text as code, which is neither markup nor a link, a mention or a reference of GitLab. The bar would end a cell
 * of a table even in code, however it is escaped.
 */
export function literal(text: string, longest?: number): string {
  const shown = printable(text, longest).replaceAll('|', '¦');
  const fence = '`'.repeat(Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  if (shown.trim() === '') return '` `';
  return shown.startsWith('`') || shown.endsWith('`') || shown.startsWith(' ')
    ? `${fence} ${shown} ${fence}`
    : `${fence}${shown}${fence}`;
}

/** A relation by the name that people use; one that nobody knows is a foreign text. */
export const nameOf = (relation: string) =>
  /^[A-Za-z/ ]+$/.test(relationName(relation)) ? relationName(relation) : literal(relation, 60);

/** A table whose last columns are numbers. */
export function table(columns: string[], numbers: number, rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const rule = columns.map((_, index) => (index < columns.length - numbers ? '---' : '---:'));
  return [columns, rule, ...rows].map(line).join('\n');
}
