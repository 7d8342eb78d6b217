import { styleText } from 'node:util';

/** Where the demo writes to, and what can be done there. */
export interface Screen {
  columns: number;
  rows: number;
  color: boolean;
  /** Whether lines can be redrawn in place. */
  live: boolean;
}

/** Width of what does not go to a terminal. */
const PLAIN_COLUMNS = 100;
const DEFAULT_ROWS = 24;

/** What a stream can do. `plain` is for people (and pipes) who want lines and nothing else. */
export function screenOf(
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'rows'>,
  env: NodeJS.ProcessEnv,
  plain: boolean,
): Screen {
  const live = stream.isTTY === true && !plain && env.TERM !== 'dumb';
  return {
    live,
    color: live && !env.NO_COLOR,
    // A terminal that does not tell its size says 0.
    columns: (stream.isTTY && stream.columns) || PLAIN_COLUMNS,
    rows: (stream.isTTY && stream.rows) || DEFAULT_ROWS,
  };
}

export type Style = Parameters<typeof styleText>[0];

/** The text in this style, or as it is on a screen without colours. */
export function paint(style: Style, text: string, { color }: Pick<Screen, 'color'>): string {
  return color ? styleText(style, text, { validateStream: false }) : text;
}

/** The text in exactly this many columns, the end cut off or filled with spaces. */
export function toWidth(text: string, columns: number): string {
  if (text.length <= columns) return text.padEnd(columns);
  return columns < 1 ? '' : `${text.slice(0, columns - 1)}…`;
}

/** The same, but a text that is too long loses its beginning, for paths say most at their ends. */
export function endToWidth(text: string, columns: number): string {
  if (text.length <= columns) return text.padEnd(columns);
  return columns < 1 ? '' : `…${text.slice(text.length - columns + 1)}`;
}

/** The text broken between words into lines of at most this many columns, all after the same indent. */
export function wrap(text: string, columns: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > columns) {
      lines.push(indent + line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, indent + line];
}
