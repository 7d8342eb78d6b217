import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { forgetTokens } from '../../lambdas/api/request/token-checks.ts';
import { forgetKept } from '../../lambdas/engine/kept-per-import.ts';
import { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { LocalFunctions } from '../../lib/local/functions.ts';
import { setServiceEnvironment } from '../support/service/state-machine-in-memory.ts';
import { standInForTable, type TableInMemory } from '../support/table/table-in-memory.ts';
import { ArchiveStorage } from './archive-storage.ts';
import { noteChangedResults } from './changed-results.ts';
import { troubleImports } from './import-trouble.ts';
import { Crashes } from './lambda-crashes.ts';
import { plan } from './mishaps.ts';
import { picks } from './picks.ts';
import { recordsOf } from './records.ts';
import { RequestTurns } from './request-turns.ts';
import {
  addGroups,
  addPeople,
  LATER_TOKENS,
  TOKENS,
  TOKENS_OF_OTHERS,
  type Tokens,
} from './sample-source.ts';
import type { Schedule, Wishes } from './schedule.ts';
import { SimulatedClock } from './simulated-clock.ts';
import { SoakedService } from './soaked-service.ts';
import { type Foreign, invite, inviteToProjects, noteReplacedExports, STRANGER } from './strangers.ts';
import { onceEnded, removeExpired, throttle } from './table-events.ts';

/** Who is a member of nothing. */
const OTHER = 'otto';
const STATUSES = ['created', 'started', 'finished', 'failed', 'canceled'];
/** When every schedule begins. */
const BEGINNING = Date.parse('2026-03-02T09:00:00Z');
const MINUTE_MS = 60_000;
/** How often a caller asks again who is told that the service is in trouble. */
const MOST_REPEATS = 25;
const DAY_MS = 24 * 3_600_000;
/** Longer than an import may be open before reconciliation looks at it. */
const LATER_MS = 20 * 60_000;
/** Reconciliation runs by the clock; each crash can spoil one run, and so can each time that the table throttles. */
const MOST_SWEEPS = 8;

/** What is left after a schedule. */
export interface Aftermath {
  source: SampleGitLab;
  destination: SampleGitLab;
  table: TableInMemory;
  /** Status of the answer to the POST; absent when nobody was left to answer. */
  answer: number | undefined;
  /** Status of the answer to the cancel, if there was one. */
  canceled: number | undefined;
  /** What the owner was shown under a status that it does not have. */
  wrongly: string[];
  /** Groups of strangers at the destination. */
  foreign: Foreign[];
  /** Projects of strangers at the destination. */
  foreignProjects: Foreign[];
  /** Projects whose export was asked for while there was one; more than once for some. */
  exportsReplaced: number[];
  /** Results of writes that were known, and were changed afterwards. */
  changedResults: string[];
  /** How often the deadly relation has killed a run. */
  deadlyDeaths: number;
  /** Names of what is left in the folder of archives. */
  archivesLeft: string[];
  /** Whatever went into functions and came out of them, as text. */
  passed: string;
  /**
   * Has the import tried again, and waits until nothing moves any more.
   *
   * @param bodies of the requests that ask for it at once
   * @param tokens those of the owner without it
   * @returns the statuses of the answers; without those of which nobody is left to give one
   */
  retry(bodies?: Record<string, unknown>[], tokens?: Tokens): Promise<number[]>;
  /** Sends a user mapping, as in the wishes of a schedule. @returns its id; `undefined` for one that maps nobody */
  map(mapped: Wishes['mapped']): Promise<number | undefined>;
  /** Lets so many days pass, after which tables and Step Functions have forgotten what they keep for a while only. */
  later(days: number): void;
  /** What the owner of the import sends. */
  readonly tokens: Tokens;
  /** From now on the owner's tokens are other ones, and those before are revoked. */
  changeTokens(): void;
  /** From now on nothing goes wrong any more. */
  calm(): void;
  stop(): Promise<void>;
}

let functions: LocalFunctions | undefined;

/**
 * Migrates the tree of a schedule with the whole service (handlers, state machine, reconciliation) between two sample
 * GitLabs, with everything happening that the schedule says, and waits until nothing moves any more. Waiting takes no
 * time.
 */
export async function live(schedule: Schedule): Promise<Aftermath> {
  const { tree, mishaps, crashes: points, cancelAfter, stranger, destination: options } = schedule;
  const [source, destination] = await Promise.all([
    new SampleGitLab().start(),
    new SampleGitLab(options).start(),
  ]);
  addPeople(source, TOKENS.source);
  addPeople(destination, TOKENS.destination, schedule.wishes?.isAdministrator);
  addGroups(source, tree);
  for (const [gitlab, name] of [
    [source, 'source'],
    [destination, 'destination'],
  ] as const) {
    gitlab.addToken(LATER_TOKENS[name], { username: 'owner' });
    gitlab.addUser({ username: OTHER, name: 'Otto Other' });
    gitlab.addToken(TOKENS_OF_OTHERS[name], { username: OTHER });
  }
  destination.addUser({ username: STRANGER, name: 'Eve Else' });
  setEnvironment(source, destination);
  const crashes = new Crashes(points, schedule.deadly);
  const { table, restore } = standInForTable(crashes.intercept);
  throttle(table, schedule.throttled);
  const changedResults = noteChangedResults(table);
  table.indexLag = schedule.look?.lag ?? 0;
  const archives = new ArchiveStorage((operation, act) =>
    turns.leave(insider => crashes.interceptArchive(operation, insider, act)),
  );
  process.env.ARCHIVES_FOLDER = archives.folder;
  const clock = new SimulatedClock(
    () => crashes.request(),
    () => turns.isInside || (turns.areDelivered && !archives.isBusy),
  );
  vi.setSystemTime(BEGINNING);
  const pick = picks(schedule.order);
  const chance = vi.spyOn(Math, 'random').mockImplementation(picks(schedule.order + 1).fraction);
  const turns = new RequestTurns({
    sender: () => crashes.current,
    pick: pick.below,
    isBusy: () => archives.isBusy,
    isOfStream: signal => clock.isOfStream(signal),
  });
  crashes.onGone = sender => turns.cut(sender);
  forgetTokens();
  forgetKept();
  functions ??= await LocalFunctions.load();
  const service = new SoakedService(functions, crashes, clock, () => turns.areDelivered);
  for (const [gitlab, name] of [
    [source, 'source'],
    [destination, 'destination'],
  ] as const) {
    plan(
      gitlab,
      mishaps.filter(mishap => mishap.gitlab === name),
    );
    gitlab.onSilence = request => {
      const limit = turns.limitOf(request);
      if (limit !== undefined) clock.expire(limit);
    };
  }
  const foreign = invite(destination, stranger);
  const foreignProjects = inviteToProjects(destination, schedule.projectStranger);
  troubleImports(destination, schedule.imports);
  const exportsReplaced = noteReplacedExports(source);
  if (schedule.isImpatient) onceEnded(table, id => void service.retry(id, {}));
  let canceled: number | undefined;
  const wrongly: string[] = [];
  crashes.onRequest = nth => {
    if (nth === schedule.look?.nth)
      void lookAt(service, schedule.isPlan).then(found => wrongly.push(...found));
    if (nth === cancelAfter) void service.cancel(schedule.isPlan).then(status => (canceled = status));
  };
  const { excluded } = schedule.wishes ?? {};
  const mappingId = await sendMapping(service, source, clock, schedule.wishes?.mapped);
  const answer = await postUntilAnswered(clock, () =>
    service.post(source.url, schedule.isPlan, {
      ...(excluded && { excluded }),
      mappingId,
      verify: schedule.isVerified,
    }),
  );
  await service.untilQuiet();
  // The last statuses have just been written, so this is where indexes that lag have most to hide.
  if (schedule.look !== undefined) wrongly.push(...(await lookAt(service, schedule.isPlan)));
  const untilClosed = async () => {
    const sweeps = MOST_SWEEPS + (schedule.throttled?.times ?? 0);
    for (let sweep = 0; sweep < sweeps && isOpen(table); sweep++) {
      clock.passTo(Date.now() + LATER_MS);
      await service.reconcile();
      await service.untilQuiet();
    }
  };
  await untilClosed();
  return {
    source,
    destination,
    table,
    answer,
    canceled,
    wrongly,
    foreign,
    foreignProjects,
    exportsReplaced,
    changedResults,
    deadlyDeaths: crashes.deadlyDeaths,
    get archivesLeft() {
      return archives.files();
    },
    get passed() {
      return service.passed.join('\n');
    },
    get tokens() {
      return service.tokens;
    },
    map: mapped => sendMapping(service, source, clock, mapped),
    later(days) {
      clock.passTo(Date.now() + days * DAY_MS);
      removeExpired(table);
      service.renew();
    },
    changeTokens() {
      service.tokens = LATER_TOKENS;
      source.revokeToken(TOKENS.source);
      destination.revokeToken(TOKENS.destination);
    },
    async retry(bodies = [{}], tokens = service.tokens) {
      const id = recordsOf({ table }).record?.id ?? 1;
      const answers = await Promise.all(bodies.map(body => service.retry(id, body, tokens)));
      await service.untilQuiet();
      await untilClosed();
      return answers.flatMap(answer => answer?.status ?? []);
    },
    calm() {
      crashes.calm();
      crashes.onRequest = undefined;
      table.throttles = () => false;
      for (const gitlab of [source, destination]) gitlab.onRequest = undefined;
      // Refusals of tokens are remembered for a while.
      forgetTokens();
      Object.assign(destination.archives.behaviour, { importError: undefined, failedRelations: [] });
    },
    async stop() {
      turns.stop();
      chance.mockRestore();
      clock.stop();
      restore();
      service.stop();
      archives.stop();
      await Promise.all([source.stop(), destination.stop()]);
    },
  };
}

/**
 * Asks as a caller does: who gets no answer, or is told that the service is in trouble, asks again with the same key,
 * which is known for a day.
 *
 * @returns the status of the last answer, if there was one
 */
async function postUntilAnswered(
  clock: SimulatedClock,
  post: () => Promise<number | undefined>,
): Promise<number | undefined> {
  let answer = await post();
  for (let again = 0; again < MOST_REPEATS && Date.now() < BEGINNING + DAY_MS; again++) {
    if (answer !== undefined && answer < 500) break;
    if (answer !== undefined) clock.passTo(Date.now() + MINUTE_MS);
    answer = await post();
  }
  return answer;
}

/** Sends the user mapping that is wished for, if any, until it is taken: without a key each is a new one. */
async function sendMapping(
  service: SoakedService,
  source: SampleGitLab,
  clock: SimulatedClock,
  mapped: Wishes['mapped'] = {},
): Promise<number | undefined> {
  const until = Date.now() + DAY_MS / 2;
  const users = Object.entries(mapped).map(([person, username]) => ({
    source_user_id: source.userId(person),
    ...(username === null ? { skip: true } : { username }),
  }));
  if (users.length === 0) return undefined;
  for (let again = 0; again < MOST_REPEATS && Date.now() < until; again++) {
    const id = await service.map(source.url, users);
    clock.passTo(Date.now() + MINUTE_MS);
    if (id !== undefined) return id;
  }
  return undefined;
}

/** Looks at the owner's lists by status. @returns what is shown under a status that it does not have */
async function lookAt(service: SoakedService, isPlan = false): Promise<string[]> {
  const wrongly: string[] = [];
  for (const what of ['imports', 'user-entities'] as const) {
    for (const status of STATUSES) {
      const shown = (await service.list(what, status)) ?? [];
      if (isPlan) wrongly.push(...shown.map(one => `${what}: a plan is listed as '${one}'`));
      wrongly.push(
        ...shown.filter(one => one !== status).map(one => `${what}: '${one}' is listed as '${status}'`),
      );
    }
  }
  return wrongly;
}

/** Whether an import is listed as not ended. */
function isOpen(table: TableInMemory): boolean {
  return [...table.items.values()].some(({ pk }) => pk === 'OPEN');
}

let keyFile: string | undefined;

function setEnvironment(source: SampleGitLab, destination: SampleGitLab): void {
  if (keyFile === undefined) {
    keyFile = join(mkdtempSync(join(tmpdir(), 'soak-key-')), 'token.key');
    writeFileSync(keyFile, randomBytes(32));
  }
  setServiceEnvironment(keyFile, {
    DESTINATION_GITLAB_URL: destination.url,
    // So a redirect to any other port is one that is refused.
    SOURCE_PORTS: [source, destination].map(({ url }) => new URL(url).port).join(),
  });
}
