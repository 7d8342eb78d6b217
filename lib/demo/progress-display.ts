import type { EntityAnswer } from './api-client.ts';
import { LiveDisplay } from './live-display.ts';
import { changeLines, type EntityProgress, liveTable, progressOf } from './progress.ts';
import type { Screen } from './terminal.ts';

/** Shows how far the entities are: a table that is redrawn where the screen can do that, lines elsewhere. */
export class ProgressDisplay {
  readonly #write: (text: string) => void;
  readonly #screen: () => Screen;
  readonly #live: LiveDisplay;
  readonly #started = Date.now();
  #shown: EntityProgress[] = [];

  constructor(write: (text: string) => void, screen: () => Screen) {
    this.#write = write;
    this.#screen = screen;
    this.#live = new LiveDisplay(write);
  }

  update(entities: readonly EntityAnswer[]): void {
    const seconds = (Date.now() - this.#started) / 1000;
    const progress = progressOf(entities);
    const screen = this.#screen();
    if (screen.live) this.#live.draw(liveTable(progress, seconds, screen), screen.columns);
    else
      this.#write(
        changeLines(this.#shown, progress, seconds)
          .map(line => `${line}\n`)
          .join(''),
      );
    this.#shown = progress;
  }

  /** Leaves what is shown last where it is. */
  end(): void {
    this.#live.end();
  }
}
