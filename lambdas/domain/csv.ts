/** CSV as RFC 4180 has it, and as spreadsheets save it. */

/** A record, and the line of the text on which it begins, from 1 on. */
export interface CsvRecord {
  line: number;
  cells: string[];
}

/** A text that is no CSV. */
export class CsvError extends Error {
  override name = 'CsvError';
  readonly line: number;

  constructor(line: number) {
    super(`line ${line} cannot be read`);
    this.line = line;
  }
}

/** What spreadsheets separate cells by, by the languages of their users. */
export const DELIMITERS = [',', ';', '\t'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/**
 * Reads records, of which those without anything in them are left out. A byte order mark at the beginning is no part of
 * the first cell, and lines may end in whatever way.
 *
 * @throws CsvError where a quotation is not ended, or goes on after its end
 */
export function* recordsOf(text: string, delimiter: Delimiter): Generator<CsvRecord> {
  const cell = new RegExp(
    `(?:"([^"]*(?:""[^"]*)*)"|((?:[^"${delimiter}\\r\\n][^${delimiter}\\r\\n]*)?))(${delimiter}|\\r\\n|\\n|\\r|$)`,
    'y',
  );
  cell.lastIndex = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  let record: CsvRecord = { line, cells: [] };
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text);
    if (found === null) throw new CsvError(line);
    const [whole, quoted, plain = '', end] = found;
    record.cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    line += whole.match(/\r\n|\n|\r/g)?.length ?? 0;
    if (end === delimiter) continue;
    if (record.cells.some(value => value !== '')) yield record;
    record = { line, cells: [] };
  }
  if (record.cells.some(value => value !== '')) yield record;
}

/** Records as one text, in lines that end as RFC 4180 has it. */
export function csvText(records: Iterable<readonly string[]>): string {
  const lines = [];
  for (const cells of records) lines.push(`${cells.map(quotedIfNeeded).join(',')}\r\n`);
  return lines.join('');
}

/** Cells with any separator in them are quoted, so that whoever guesses the separator guesses right. */
const quotedIfNeeded = (cell: string): string =>
  /["\r\n,;\t]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;

/** What a spreadsheet takes for a formula, behind as many apostrophes as were put before it. */
const FORMULA = /^'*[=+\-@;\t\r＝＋－＠]/;

/** A cell that no spreadsheet computes: one that looks like a formula gets an apostrophe, as in GitLab. */
export const asText = (cell: string): string => (FORMULA.test(cell) ? `'${cell}` : cell);

/** What a cell was before `asText`. */
export const fromText = (cell: string): string =>
  cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
