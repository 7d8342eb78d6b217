import { setTimeout as sleep } from 'node:timers/promises';
import { kindsOfUndeclared } from '../gitlab-simulator/undeclared.ts';
import { BulkImportsClient, type EntityAnswer } from './api-client.ts';
import { compareGitLabs, expectedFailures } from './comparison.ts';
import { StagedMishaps } from './mishaps.ts';
import type { DemoOptions } from './options.ts';
import { ProgressDisplay } from './progress-display.ts';
import { failureLines, groupFailures, totalsOf, totalsTable } from './report.ts';
import { DESTINATION_TOKEN } from './sample-people.ts';
import { countLevels } from './sample-source.ts';
import { Stage } from './stage.ts';
import { paint, type Screen, wrap } from './terminal.ts';
import * as texts from './texts.ts';

/** What the demo needs of the program around it. */
export interface DemoSurroundings {
  write: (text: string) => void;
  /** What the terminal can do at this moment; it may be resized at any time. */
  screen: () => Screen;
  /** Ends the demo early, or the time that it is kept running. */
  signal: AbortSignal;
}

const POLL_MS = 150;
/** A migration that takes longer than this is stuck. */
const LONGEST_MS = 180_000;
const WIDEST_TEXT = 100;

/**
 * Runs the demo: starts everything, migrates, reports, and stops everything.
 *
 * @returns whether the migration went as planned
 * @throws AbortError when it was interrupted before the report
 */
export async function runDemo(options: DemoOptions, surroundings: DemoSurroundings): Promise<boolean> {
  const stage = await Stage.start();
  try {
    return await new Demo(stage, surroundings).run(options.keep);
  } finally {
    await stage.stop();
  }
}

interface Outcome {
  importId: number;
  status: string;
  entities: EntityAnswer[];
}

class Demo {
  readonly #stage: Stage;
  readonly #surroundings: DemoSurroundings;
  readonly #client: BulkImportsClient;

  constructor(stage: Stage, surroundings: DemoSurroundings) {
    this.#stage = stage;
    this.#surroundings = surroundings;
    this.#client = new BulkImportsClient(stage.urls.service, DESTINATION_TOKEN);
  }

  async run(keep: boolean): Promise<boolean> {
    const { urls, source, destination } = this.#stage;
    const { signal } = this.#surroundings;
    signal.throwIfAborted();
    this.#text(texts.ABOUT);
    this.#lines(['']);
    const groups = source.gitlab.groups();
    const projects = groups.reduce((sum, group) => sum + group.projects.length, 0);
    this.#lines(texts.introduction(urls, { groups: groups.length, levels: countLevels(groups), projects }));

    const mishaps = new StagedMishaps();
    const calm = mishaps.stage(destination.gitlab);
    const outcome = await this.#migrate();
    calm();
    this.#report(outcome);
    const good = this.#verify(outcome, mishaps);

    this.#heading('What next');
    if (!keep) this.#lines(texts.nextSteps());
    else await this.#keep(outcome);
    return good;
  }

  /** Sends the request and shows the progress to its end. */
  async #migrate(): Promise<Outcome> {
    const { urls } = this.#stage;
    this.#heading('One request starts the migration of the whole tree');
    this.#lines(texts.requestLines(urls), '  ');
    const { id } = await this.#client.createImport(texts.requestBody(urls));
    this.#lines(['', `The response is 201 Created: it is import ${id}.`]);

    this.#heading(`Progress, as GET /api/v4/bulk_imports/${id}/entities tells it`);
    this.#lines(['Subgroups follow when their parent is complete, projects when all groups are.', '']);
    const display = new ProgressDisplay(this.#surroundings.write, this.#surroundings.screen);
    try {
      return await this.#watch(id, display);
    } finally {
      display.end();
    }
  }

  async #watch(importId: number, display: ProgressDisplay): Promise<Outcome> {
    const { signal } = this.#surroundings;
    const deadline = Date.now() + LONGEST_MS;
    while (Date.now() < deadline) {
      signal.throwIfAborted();
      // The import first: when it has ended, the entities read after it are final.
      const { status } = await this.#client.getImport(importId);
      const entities = await this.#client.listEntities(importId);
      display.update(entities);
      if (status !== 'created' && status !== 'started') return { importId, status, entities };
      await sleep(POLL_MS, undefined, { signal });
    }
    throw new Error(`The import had not ended after ${LONGEST_MS / 1000} seconds.`);
  }

  #report({ entities }: Outcome): void {
    const screen = this.#surroundings.screen();
    this.#heading('What was moved');
    this.#lines(totalsTable(totalsOf(entities), screen));
    this.#lines(['']);
    this.#text(texts.LEFT_OUT);
    for (const line of texts.renamed(entities)) {
      this.#lines(['']);
      this.#text(line);
    }

    this.#heading('What was not, and why');
    this.#lines(failureLines(groupFailures(entities), screen));
  }

  /** Compares both GitLabs and says what that shows. */
  #verify({ status, entities }: Outcome, mishaps: StagedMishaps): boolean {
    const { source, destination } = this.#stage;
    const comparisons = compareGitLabs(source, destination);
    const problems = [
      ...(status === 'finished' ? [] : [`the import ended as '${status}'`]),
      ...texts.problemsOf(comparisons),
      ...texts.failureProblems(totalsOf(entities), expectedFailures(source)),
      ...(mishaps.complete ? [] : ['not every staged mishap took place']),
      ...kindsOfUndeclared([...source.gitlab.undeclared, ...destination.gitlab.undeclared]),
    ];
    this.#heading('Both GitLabs compared, record by record');
    this.#text(texts.verification(comparisons));
    this.#lines(['']);
    this.#text(texts.mishapLine(mishaps));
    this.#lines(['']);
    const screen = this.#surroundings.screen();
    if (problems.length === 0) this.#lines([paint('green', 'Everything went as planned.', screen)]);
    for (const problem of problems) this.#text(paint('red', `Not as planned: ${problem}.`, screen));
    return problems.length === 0;
  }

  /** Leaves everything running until it is interrupted. */
  async #keep({ importId, entities }: Outcome): Promise<void> {
    const failed = entities.find(({ failures }) => failures.length > 0);
    this.#lines(texts.requestsToTry(this.#stage.urls, importId, failed?.id ?? 1));
    this.#lines(['', 'Everything keeps running. Ctrl-C stops and removes it.']);
    const { signal } = this.#surroundings;
    await new Promise<void>(resolve => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    this.#lines(['', 'Stopping ...']);
  }

  #heading(text: string): void {
    this.#lines(['', paint('bold', text, this.#surroundings.screen()), '']);
  }

  #text(text: string): void {
    this.#lines(wrap(text, Math.min(this.#surroundings.screen().columns, WIDEST_TEXT)));
  }

  #lines(lines: readonly string[], indent = ''): void {
    this.#surroundings.write(lines.map(line => `${line === '' ? '' : indent + line}\n`).join(''));
  }
}
