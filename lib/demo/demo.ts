import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { kindsOfUndeclared } from '../gitlab-simulator/undeclared.ts';
import { BulkImportsClient, type EntityAnswer, type PlanEntityAnswer } from './api-client.ts';
import { compareGitLabs, expectedFailures } from './comparison.ts';
import { StagedMishaps } from './mishaps.ts';
import type { DemoOptions } from './options.ts';
import { ProgressDisplay } from './progress-display.ts';
import { failureLines, groupFailures, plannedOf, totalsOf, totalsTable } from './report.ts';
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
 * Runs the demo: starts everything, plans, migrates, tries again, reports, and stops everything.
 *
 * @returns whether the migration went as planned
 * @throws AbortError when it was interrupted before the report
 */
export async function runDemo(options: DemoOptions, surroundings: DemoSurroundings): Promise<boolean> {
  const stage = await Stage.start();
  try {
    return await new Demo(stage, surroundings).run(options);
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

  async run({ keep, report }: Pick<DemoOptions, 'keep' | 'report'>): Promise<boolean> {
    const { urls, source, destination } = this.#stage;
    const { signal } = this.#surroundings;
    signal.throwIfAborted();
    this.#text(texts.ABOUT);
    this.#lines(['']);
    const groups = source.gitlab.groups();
    const projects = groups.reduce((sum, group) => sum + group.projects.length, 0);
    this.#lines(texts.introduction(urls, { groups: groups.length, levels: countLevels(groups), projects }));

    const plan = await this.#plan();
    const mishaps = new StagedMishaps();
    const calm = mishaps.stage(destination.gitlab);
    const first = await this.#migrate();
    calm();
    this.#report(first, plan);
    const outcome = await this.#retry(first);
    await this.#verify(outcome);
    const good = this.#compare(outcome, mishaps);
    await this.#leaveReport(outcome.importId, report);

    this.#heading('What next');
    if (!keep) this.#lines(texts.nextSteps());
    else await this.#keep(outcome);
    return good;
  }

  /** Looks what the migration would do, which changes nothing. */
  async #plan(): Promise<PlanEntityAnswer[]> {
    const { urls } = this.#stage;
    this.#heading('First a plan: what would the migration do?');
    this.#lines(texts.requestLines(urls, '/plans'), '  ');
    const { id } = await this.#client.createPlan(texts.requestBody(urls));
    const plan = await this.#untilEnded('The plan', () => this.#client.getPlan(id));
    this.#lines(['']);
    this.#text(texts.planned(plan));
    return this.#client.listPlanEntities(id);
  }

  /** Sends the request and shows the progress to its end. */
  async #migrate(): Promise<Outcome> {
    const { urls } = this.#stage;
    this.#heading('The same request without /plans starts the migration of the whole tree');
    const { id } = await this.#client.createImport(texts.requestBody(urls));
    this.#lines([`The response is 201 Created: it is import ${id}.`]);

    this.#heading(`Progress, as GET /api/v4/bulk_imports/${id}/entities tells it`);
    this.#lines(['Subgroups follow when their parent is complete, projects when all groups are.', '']);
    const display = new ProgressDisplay(this.#surroundings.write, this.#surroundings.screen);
    try {
      return await this.#watch(id, display);
    } finally {
      display.end();
    }
  }

  async #watch(importId: number, display?: ProgressDisplay): Promise<Outcome> {
    return this.#untilEnded('The import', async () => {
      // The import first: when it has ended, the entities read after it are final.
      const { status } = await this.#client.getImport(importId);
      const entities = await this.#client.listEntities(importId);
      display?.update(entities);
      return { importId, status, entities };
    });
  }

  /** Looks time and again until it has ended. */
  async #untilEnded<T extends { status: string }>(what: string, look: () => Promise<T>): Promise<T> {
    const { signal } = this.#surroundings;
    const deadline = Date.now() + LONGEST_MS;
    while (Date.now() < deadline) {
      signal.throwIfAborted();
      const now = await look();
      if (now.status !== 'created' && now.status !== 'started') return now;
      await sleep(POLL_MS, undefined, { signal });
    }
    throw new Error(`${what} had not ended after ${LONGEST_MS / 1000} seconds.`);
  }

  #report({ entities }: Outcome, plan: readonly PlanEntityAnswer[]): void {
    const screen = this.#surroundings.screen();
    this.#heading('What was moved');
    this.#lines(totalsTable(totalsOf(entities), screen, plannedOf(plan)));
    this.#lines(['']);
    this.#text(texts.PLANNED);
    this.#lines(['']);
    this.#text(texts.LEFT_OUT);
    for (const line of texts.renamed(entities)) {
      this.#lines(['']);
      this.#text(line);
    }

    this.#heading('What was not, and why');
    this.#lines(failureLines(groupFailures(entities), screen));
  }

  /** Tries again what has failed, in the same groups and projects. */
  async #retry(first: Outcome): Promise<Outcome> {
    const { urls } = this.#stage;
    this.#heading('Then again what has failed, in place');
    this.#lines(texts.requestOfAttempt(urls, `${first.importId}/retry`), '  ');
    await this.#client.retry(first.importId, texts.sourceToken());
    const outcome = await this.#watch(first.importId);
    this.#lines(['']);
    this.#text(texts.repaired(groupFailures(first.entities), groupFailures(outcome.entities)));
    return outcome;
  }

  /** Saves the report of the service, to be opened, mailed or printed. */
  async #leaveReport(importId: number, file: string): Promise<void> {
    await writeFile(file, await this.#client.reportPage(importId));
    this.#heading('The report, to be opened in a browser, mailed or printed');
    this.#lines([resolve(file)], '  ');
  }

  /** Has the service read both GitLabs again. */
  async #verify({ importId }: Outcome): Promise<void> {
    const { urls } = this.#stage;
    this.#heading('Did everything arrive? The service reads both GitLabs again');
    this.#lines(texts.requestOfAttempt(urls, `${importId}/verify`), '  ');
    await this.#client.verify(importId, texts.sourceToken());
    const found = await this.#untilEnded('The verification', () => this.#client.getVerification(importId));
    this.#lines(['']);
    this.#text(texts.verified(found));
  }

  /** Compares both GitLabs, without the service, and says what that shows. */
  #compare({ status, entities }: Outcome, mishaps: StagedMishaps): boolean {
    const { source, destination } = this.#stage;
    const comparisons = compareGitLabs(source, destination);
    const problems = [
      ...(status === 'finished' ? [] : [`the import ended as '${status}'`]),
      ...texts.problemsOf(comparisons),
      ...texts.failureProblems(totalsOf(entities), expectedFailures(source)),
      ...(mishaps.complete ? [] : ['not every staged mishap took place']),
      ...kindsOfUndeclared([...source.gitlab.undeclared, ...destination.gitlab.undeclared]),
    ];
    this.#heading('Both GitLabs compared, record by record, without the service');
    this.#text(texts.compared(comparisons));
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
