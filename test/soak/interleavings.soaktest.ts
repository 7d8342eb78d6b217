import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { forgetTokens } from '../../lambdas/api/request/token-checks.ts';
import { Secret } from '../../lambdas/domain/secret.ts';
import { isTerminal, isTrackerTerminal } from '../../lambdas/domain/statuses.ts';
import { cancelImport, closeImport } from '../../lambdas/engine/end-import.ts';
import { subgroupEntities } from '../../lambdas/pipelines/subgroup-entities.ts';
import { takeIds } from '../../lambdas/store/counters.ts';
import { getEntity } from '../../lambdas/store/entities.ts';
import { entityFromItem } from '../../lambdas/store/entity.ts';
import { saveRun, startRun } from '../../lambdas/store/entity-runs.ts';
import { findImport, type Import } from '../../lambdas/store/imports.ts';
import { putOpenImport } from '../../lambdas/store/open-imports.ts';
import { putTokens } from '../../lambdas/store/sealed-tokens.ts';
import { newTracker } from '../../lambdas/store/trackers.ts';
import { handler as failEntity } from '../../lambdas/workflow/fail-entity.ts';
import { handler as finishImport } from '../../lambdas/workflow/finish-import.ts';
import { handler as reconcile } from '../../lambdas/workflow/reconcile.ts';
import { handler as recordCrash } from '../../lambdas/workflow/record-crash.ts';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { TOKENS } from '../support/service/bulk-imports-client.ts';
import { ExecutionsStandIn } from '../support/service/executions-stand-in.ts';
import { handlerOf } from '../support/service/pipeline-bench.ts';
import { post } from '../support/service/posting.ts';
import { startDestination, startSource, temporaryFolder } from '../support/service/service.ts';
import { setServiceEnvironment } from '../support/service/state-machine-in-memory.ts';
import { trackersOf } from '../support/table/entity-records.ts';
import { storeEntity, storeImport } from '../support/table/stored-records.ts';
import { standInForTable, type TableInMemory } from '../support/table/table-in-memory.ts';

/** A lane in which a group has nothing but its subgroups: the relation that makes entities. */
const lane = handlerOf(subgroupEntities);

/**
 * Two of those who write in an import meet in every order: one is stopped at each of its operations of the table in
 * turn, the other does all that it does, and the first goes on, or dies after one more write. Whatever
 * they leave, reconciliation ends it.
 */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const executions = new ExecutionsStandIn();
let source: SampleGitLab;
let acmeId: number;
let leafId: number;

beforeAll(async () => {
  const destination = await startDestination();
  source = await startSource();
  const group = { members: [{ username: 'sofia', accessLevel: 50 as const }] };
  acmeId = source.addGroup({ name: 'Acme', path: 'acme', ...group }).id;
  source.addGroup({ name: 'A', path: 'a', parent: 'acme' });
  leafId = source.addGroup({ name: 'B', path: 'b', parent: 'acme' }).id;
  const keyFile = join(await temporaryFolder(), 'token.key');
  writeFileSync(keyFile, randomBytes(32));
  setServiceEnvironment(keyFile, { DESTINATION_GITLAB_URL: destination.url });
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterAll(() => {
  vi.useRealTimers();
  executions.restore();
});

/** Milliseconds between the looks of reconciliation: at what is over, then at what has not changed for a day. */
const SWEEPS = [6 * MINUTE, 30 * MINUTE, 30 * MINUTE, 25 * HOUR, 30 * MINUTE, 30 * MINUTE];

/** Calls a function without killing it. */
const whole = { call: <T>(_: string, act: () => Promise<T>) => act() };
const lambda = { getRemainingTimeInMillis: () => 15 * MINUTE };
const run = (event: Event) => lane(event, lambda);

/** What the workflow hands to the runs of an entity. */
interface Event {
  importId: number;
  entityId: number;
  functionName: string;
}

/** An import in the middle: one entity runs, with its relation alone in hand, and one has not begun. */
interface Subject {
  record: Import;
  running: Event;
  waiting: Event;
  /** The run of the entity that runs. */
  latest: number;
}

async function subject(): Promise<Subject> {
  const record = await storeImport(7, { status: 'started', sourceUrl: source.url });
  await putOpenImport(record.id);
  const [running, waiting] = [
    await storeEntity(record, { sourceId: acmeId, destinationFullPath: 'imported' }),
    await storeEntity(record, { sourceId: leafId, destinationFullPath: 'imported/b' }),
  ].map(({ id }) => ({ importId: record.id, entityId: id, functionName: 'lane' })) as [Event, Event];
  await putTokens(record, { source: new Secret(TOKENS.source), destination: new Secret(TOKENS.dora) });
  executions.statuses.set(`import-${record.id}`, 'RUNNING');
  const begun = await startRun(await getEntity(record.id, running.entityId));
  if (begun === undefined) throw new Error('The entity does not run.');
  const { name, relation } = subgroupEntities;
  await saveRun(begun, { trackers: { [name]: newTracker(relation, 'started') }, set: { alone: name } });
  return { record, running, waiting, latest: begun.run };
}

const error = { Error: 'States.Timeout' };
const REASON = { exceptionClass: 'BulkImports::TokenRejectedError', message: 'The token was refused.' };

/** What may be at work in an import. */
const ACTS: Record<string, (on: Subject) => Promise<unknown>> = {
  'the first run of an entity': ({ waiting }) => run(waiting),
  'a run of an entity': ({ running }) => run(running),
  'a run of one relation': ({ running, latest }) =>
    lane({ ...running, only: subgroupEntities.name, run: latest }, lambda),
  'the crash of a relation that was alone': ({ running }) => recordCrash({ ...running, crashes: 1, error }),
  'the crash of a relation beside others': ({ running }) =>
    recordCrash({ ...running, only: subgroupEntities.name, error }),
  'the failure of an entity': ({ running }) => failEntity({ ...running, error }),
  'the end of the import': ({ record }) => finishImport({ importId: record.id }),
  'a cancel': async ({ record }) =>
    cancelImport((await findImport(record.id)) ?? record, async () => {
      executions.statuses.set(`import-${record.id}`, 'ABORTED');
    }),
  'the end for a refused token': ({ record }) => closeImport(record, 'failed', REASON),
};
const REPEATED_POST = 'a POST that is sent again';
const CLOCK = 'reconciliation, after a sleep';
const OTHERS: Record<string, (on: Subject) => Promise<unknown>> = {
  ...ACTS,
  [CLOCK]: async () => {
    vi.setSystemTime(Date.now() + 6 * MINUTE);
    await reconcile({});
  },
};

/** Where one of them is stopped for the other, and how many writes it still does then. */
interface Point {
  at: number;
  writesLeft: number;
}

/** @returns whether the first came as far as the point, and what is left open */
async function meet(
  first: (on: Subject) => Promise<unknown>,
  second: (on: Subject) => Promise<unknown>,
  { at, writesLeft }: Point,
  prepare: () => Promise<Subject>,
): Promise<{ met: boolean; left: string[] }> {
  const isFirst = new AsyncLocalStorage<true>();
  const death = Promise.withResolvers<undefined>();
  let [operations, writes, met, dead] = [0, 0, false, false];
  let on: Subject | undefined;
  let between: Promise<unknown> | undefined;
  const { table, restore } = standInForTable(async ({ kind }, act) => {
    if (isFirst.getStore() === undefined || on === undefined) return act();
    if (dead) return new Promise(() => undefined);
    const prepared = on;
    if (++operations === at) {
      met = true;
      between = isFirst.exit(() => second(prepared).catch(() => undefined));
      await between;
    }
    if (met && kind === 'write' && writes++ >= writesLeft) {
      dead = true;
      death.resolve(undefined);
      return new Promise(() => undefined);
    }
    return act();
  });
  executions.statuses.clear();
  forgetTokens();
  try {
    on = await prepare();
    const prepared = on;
    await Promise.race([isFirst.run(true, () => first(prepared)).catch(() => undefined), death.promise]);
    // The first may have done several things at once, and have died while the second was at it.
    await between;
    for (const pause of SWEEPS) {
      vi.setSystemTime(Date.now() + pause);
      await reconcile({});
    }
    return { met, left: met ? leftOpen(table) : [] };
  } finally {
    restore();
  }
}

function leftOpen(table: TableInMemory): string[] {
  const items = [...table.items.values()];
  const of = (prefix: string) =>
    items.filter(({ pk, sk }) => String(pk).startsWith('IMPORT#') && String(sk).startsWith(prefix));
  const imports = of('IMPORT');
  const isCanceled = imports.some(({ status }) => status === 'canceled');
  return [
    ...imports.filter(({ status }) => !isTerminal(status as never)).map(({ status }) => `import ${status}`),
    ...of('ENTITY#')
      .filter(({ status }) => (isCanceled ? status !== 'canceled' : !isTerminal(status as never)))
      .map(({ id, status }) => `entity ${id} ${status}`),
    ...of('ENTITY#')
      .flatMap(item => trackersOf(entityFromItem(item)))
      .filter(({ status }) => !isTrackerTerminal(status))
      .map(({ entityId, pipeline, status }) => `${pipeline} of ${entityId} ${status}`),
    ...of('SECRET').flatMap(({ source: sealed }) => (sealed === undefined ? [] : ['tokens'])),
    ...items.filter(({ pk }) => pk === 'OPEN').map(({ importId }) => `${importId} listed`),
  ];
}

/** Lets both meet at every point. */
async function meetEverywhere(
  first: (on: Subject) => Promise<unknown>,
  second: (on: Subject) => Promise<unknown>,
  prepare: () => Promise<Subject>,
): Promise<{ points: number; broken: string[] }> {
  const broken: string[] = [];
  for (let at = 1; ; at++) {
    for (const writesLeft of [Number.POSITIVE_INFINITY, 1]) {
      const { met, left } = await meet(first, second, { at, writesLeft }, prepare);
      if (!met) return { points: at - 1, broken };
      if (left.length > 0) broken.push(`at ${at}, ${writesLeft} writes left: ${left.join(', ')}`);
    }
  }
}

describe.each(Object.keys(ACTS))('nothing is left open by %s', name => {
  it.each(Object.keys(OTHERS))('when it meets %s', async other => {
    const { points, broken } = await meetEverywhere(ACTS[name] as never, OTHERS[other] as never, subject);

    expect(broken).toEqual([]);
    expect(points).toBeGreaterThan(2);
  });
});

describe('nothing is left open by a POST', () => {
  /** Before it: nothing, or what an earlier one with the same key has left long ago, when it died at once. */
  const nothing = async () => ({}) as Subject;
  const earlier = async () => {
    await putOpenImport(await takeIds('IMPORT'));
    vi.setSystemTime(Date.now() + HOUR);
    return {} as Subject;
  };
  const posted = () => post(source.url, whole);
  const cancel = async () => {
    const record = await findImport(1);
    if (record !== undefined) await ACTS['a cancel']?.({ record } as Subject);
  };

  it.each([
    [REPEATED_POST, posted, nothing],
    ['a cancel', cancel, nothing],
    [CLOCK, OTHERS[CLOCK], nothing],
    ['reconciliation of what an earlier one has listed', () => reconcile({}), earlier],
  ] as const)('when it meets %s', async (_, other, prepare) => {
    const { points, broken } = await meetEverywhere(posted, other as never, prepare);

    expect(broken).toEqual([]);
    expect(points).toBeGreaterThan(5);
  });
});
