import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { LABELS_PER_DOCUMENT } from '../../lambdas/gitlab/api/labels.ts';
import { listEntities } from '../../lambdas/store/entity-lists.ts';
import type { Fault, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { ExecutionStore } from '../../lib/local/executions.ts';
import { LocalFunctions } from '../../lib/local/functions.ts';
import { WorkflowEngine } from '../../lib/local/workflow-engine.ts';
import { addLongLists, LONG_LISTS, lengthOf, PAGE, pageOf } from '../support/gitlab/long-lists.ts';
import { until, untilQuiet } from '../support/service/bulk-imports-client.ts';
import { startService, type TestService, temporaryFolder } from '../support/service/service.ts';

const WRITTEN = ['labels', 'milestones', 'badges'] as const;
type Written = (typeof WRITTEN)[number];

let service: TestService;
let functions: LocalFunctions;
beforeAll(async () => {
  service = await startService({ withoutAcme: true });
  addLongLists(service.source, 'labels');
  addLongLists(service.source, 'badges');
  functions = await LocalFunctions.load();
});
afterEach(() => {
  vi.useRealTimers();
  service.source.onRequest = undefined;
  service.destination.onRequest = undefined;
});

const isAbout = ({ body }: SampleRequest, name: string) =>
  JSON.stringify(body).includes(JSON.stringify(name));

/** A record of the list before the one that is held, and before the save that comes before that. */
const EARLIER = 40;

/**
 * Holds the request that writes this record, and before that an earlier one until the relations beside it have ended:
 * they are saved with this one.
 *
 * @returns waits for it, and lets the connection of its run break
 */
function holdAt(list: Written, index: number) {
  const nameAt = (of: number) => `${list}-${String(of).padStart(3, '0')}`;
  const [earlier, victim] = [nameAt(EARLIER), nameAt(index)];
  const beside = Promise.withResolvers<undefined>();
  const gate = Promise.withResolvers<Fault>();
  const held = new Set<string>();
  service.destination.onRequest = request => {
    if (!LONG_LISTS[list].isWritten(request)) return undefined;
    const name = [earlier, victim].find(of => isAbout(request, of) && !held.has(of));
    if (name === undefined) return undefined;
    held.add(name);
    return { kind: 'hold', until: name === victim ? gate.promise : beside.promise };
  };
  const arrived = (name = '') => until(`the request for ${name}`, () => held.has(name) || undefined);
  return {
    async arrived() {
      await arrived(earlier);
      await untilQuiet(service.source);
      await untilQuiet(service.destination);
      beside.resolve(undefined);
      await arrived(victim);
    },
    breakConnection: () => gate.resolve({ kind: 'drop-before' }),
  };
}

/** The statuses of the trackers of an import, by pipeline. */
async function trackersOf(importId: number): Promise<Record<string, unknown>> {
  const [entity] = await listEntities(importId);
  return Object.fromEntries(
    Object.entries(entity?.trackers ?? {}).map(([name, { status }]) => [name, status]),
  );
}

/** Starts an import whose execution is stopped, and forgotten, in the middle of a long list. */
async function stopAt(list: Written, held: ReturnType<typeof holdAt>, slug: string): Promise<number> {
  const importId = await service.api.start([{ source_full_path: `long-${list}`, destination_slug: slug }]);
  await held.arrived();
  // The relations beside it have come to their ends, so that it is clear what is left to do.
  await until('the other pipelines', async () => {
    const { [list]: _, ...others } = await trackersOf(importId);
    const beside = ['members', ...WRITTEN].filter(name => name !== list);
    return beside.every(name => others[name] === 'finished') || undefined;
  });
  service.local.engine.halt();
  return importId;
}

/** Runs the state machine again from its start, in an engine that knows nothing of the first. */
async function runAgain(importId: number): Promise<void> {
  // A badge whose request was lost is not sent again before that can have no effect any more.
  const invoke = async (name: string, event: unknown) => {
    const result = await functions.invoke(name, event);
    const { waitSeconds = 0 } = (result ?? {}) as { waitSeconds?: number };
    if (waitSeconds > 0) vi.setSystemTime(Date.now() + 1000 * waitSeconds);
    return result;
  };
  vi.useFakeTimers({ toFake: ['Date'] });
  const executions = await ExecutionStore.open(await temporaryFolder());
  const engine = new WorkflowEngine(executions, { invoke }, { withoutWaits: true });
  await engine.start(`import-${importId}-again`, JSON.stringify({ importId }));
}

describe.each([
  ['labels', PAGE + 50, [2, 3]],
  // The first page once more, after the wait for what the lost request may still do.
  ['badges', 50, [1, 1, 2]],
] as const)('an execution that is replaced in the middle of the %s', (list, index, pagesLeft) => {
  it('goes on from the cursor: nothing before it is read again, and nothing is written twice', async () => {
    const slug = `replaced-${list}`;
    const { source, destination } = service;
    const held = holdAt(list, index);
    const importId = await stopAt(list, held, slug);
    const [read, written] = [source.requests.length, destination.requests.length];

    await runAgain(importId);
    const record = await service.api.untilEnded(importId);
    // The run that was left behind hears of its request only now, when there is nothing left for it.
    held.breakConnection();
    await untilQuiet(destination);

    expect([record, await service.api.getImport(importId)]).toEqual([record, record]);
    expect(record).toMatchObject({ status: 'finished', has_failures: false });
    const readAgain = source.requests.slice(read);
    const pages = readAgain.filter(LONG_LISTS[list].isRead).map(pageOf);
    expect(pages).toEqual(pagesLeft);
    for (const other of ['members', ...WRITTEN] as const) {
      if (other !== list) expect(readAgain.filter(LONG_LISTS[other].isRead)).toEqual([]);
    }
    // What the first execution wrote after its cursor is found, not sent again; the record that it died with is.
    const writes = destination.requests.slice(written).filter(LONG_LISTS[list].isWritten);
    const sent = writes.flatMap(
      ({ body }) => JSON.stringify(body).match(new RegExp(`"${list}-\\d{3}"`, 'g')) ?? [],
    );
    // A document of labels that was under way is sent as a whole again, if nothing of it is there.
    const missing = lengthOf(list) - index + (list === 'labels' ? index % LABELS_PER_DOCUMENT : 0);
    expect(sent).toHaveLength(new Set(sent).size);
    expect(sent.length).toBeLessThanOrEqual(missing);
    const group = destination.group(`imported/${slug}`);
    for (const other of WRITTEN)
      expect([other, group?.[other].length]).toEqual([other, lengthOf(other, list)]);
    const [entity] = await service.api.getEntities(importId);
    for (const other of WRITTEN) {
      const length = lengthOf(other, list);
      expect(entity?.stats[other]).toMatchObject({ source: length, fetched: length, imported: length });
    }
  });
});
