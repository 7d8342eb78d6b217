import { stripVTControlCharacters } from 'node:util';

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const CLEAR_TO_END_OF_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

/**
 * Lines at the bottom of a terminal that are drawn again in place. Each frame is one write that overwrites the one
 * before, so that nothing flickers.
 */
export class LiveDisplay {
  readonly #write: (text: string) => void;
  #widths: number[] = [];
  #hidden = false;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** Replaces the lines, none of which may be wider than the terminal. */
  draw(lines: readonly string[], columns: number): void {
    // In a terminal that has become narrower, a line of the last frame takes several.
    const rows = this.#widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    const back = rows === 0 ? '' : `\x1b[${rows}A\r`;
    const text = lines.map(line => `${line}${CLEAR_TO_END_OF_LINE}\n`).join('');
    this.#write(`${this.#hidden ? '' : HIDE_CURSOR}${back}${text}${CLEAR_BELOW}`);
    this.#hidden = true;
    this.#widths = lines.map(line => stripVTControlCharacters(line).length);
  }

  /** Leaves the last frame where it is and gives the cursor back. */
  end(): void {
    if (this.#hidden) this.#write(SHOW_CURSOR);
    this.#hidden = false;
    this.#widths = [];
  }
}
