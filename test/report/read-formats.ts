/** Reads the formats of a report again, as those do who get them. */

/** The rows of a CSV (RFC 4180). */
export function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    if (end === '' && plain === '' && quoted === undefined && row.length === 0) break;
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

/** The tables of a Markdown text, without the line below the head. */
export function markdownTables(text: string): string[][][] {
  const tables: string[][][] = [];
  let isInside = false;
  for (const line of text.split('\n')) {
    const isRow = line.startsWith('|');
    if (isRow && !isInside) tables.push([]);
    if (isRow && !/^\|( ---:? \|)+$/.test(line)) {
      const cells = line.split('|').slice(1, -1);
      tables.at(-1)?.push(cells.map(cell => cell.trim().replaceAll('**', '')));
    }
    isInside = isRow;
  }
  return tables;
}

/** The tables of an HTML page, as texts. */
export function htmlTables(page: string): string[][][] {
  return [...page.matchAll(/<table[^>]*>(.*?)<\/table>/gs)].map(([, table = '']) =>
    [...table.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) =>
      [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) =>
        cell.replaceAll(/<[^>]*>/g, ''),
      ),
    ),
  );
}

/** A number as it is written for people; `null` for the dash that stands for none. */
export function numberIn(cell: string): number | null {
  return cell === '–' ? null : Number(cell.replaceAll(',', ''));
}
