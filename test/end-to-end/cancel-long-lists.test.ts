import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isTrackerTerminal } from '../../lambdas/domain/statuses.ts';
import { listEntities } from '../../lambdas/store/entity-lists.ts';
import { RECONCILE, WORKFLOW_STEPS } from '../../lambdas/workflow/steps.ts';
import type { SampleGitLab, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { GROUPS_LANE, LocalFunctions } from '../../lib/local/functions.ts';
import { addLongLists, LONG_LISTS, type LongList, PAGE, pageOf } from '../support/gitlab/long-lists.ts';
import { until, untilQuiet } from '../support/service/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service/service.ts';
import { trackersOf } from '../support/table/entity-records.ts';
import { scanTable } from '../support/table/stored-records.ts';

const LISTS = Object.keys(LONG_LISTS) as LongList[];
const WRITES = LISTS.map(list => LONG_LISTS[list].isWritten);

let service: TestService;
beforeAll(async () => {
  service = await startService({ withoutAcme: true });
  addLongLists(service.source);
});
afterEach(() => {
  service.source.onRequest = undefined;
  service.destination.onRequest = undefined;
});

/** Holds all requests of these kinds. @returns waits for one of each kind, and lets all of them go */
function holdAll(gitlab: SampleGitLab, kinds: ((request: SampleRequest) => boolean)[]) {
  const gate = Promise.withResolvers<undefined>();
  const held = new Set<number>();
  gitlab.onRequest = request => {
    const kind = kinds.findIndex(applies => applies(request));
    if (kind === -1) return undefined;
    held.add(kind);
    return { kind: 'hold', until: gate.promise };
  };
  return {
    arrived: () => until('a request of each kind', () => held.size === kinds.length || undefined),
    release: () => gate.resolve(undefined),
  };
}

/** How many requests both GitLabs have got so far. */
const soFar = () => ({
  source: service.source.requests.length,
  destination: service.destination.requests.length,
});

/** What has become of an import and everything in it. */
async function statusesOf(importId: number) {
  const items = (await scanTable()).filter(({ pk }) => pk === `IMPORT#${importId}`);
  const of = (prefix: string) => items.filter(({ sk }) => String(sk).startsWith(prefix));
  const stored = (await listEntities(importId)).flatMap(trackersOf);
  const trackers = stored.map(({ pipeline, status }) => [pipeline, status] as const);
  return {
    record: of('IMPORT').map(({ status }) => status),
    entities: of('ENTITY#').map(({ status }) => status),
    group: Object.fromEntries(trackers).group,
    open: trackers.filter(([, status]) => !isTrackerTerminal(status)),
    secrets: of('SECRET').filter(({ source }) => source !== undefined).length,
  };
}

const CANCELED = {
  record: ['canceled'],
  entities: ['canceled'],
  group: 'finished',
  open: [],
  secrets: 0,
};

const cancel = (importId: number) => service.api.call('POST', `/bulk_imports/${importId}/cancel`);

/** Starts an import of the long lists and cancels it when a request of each list is held. */
async function cancelAmong(slug: string, held: ReturnType<typeof holdAll>) {
  const importId = await service.api.start([{ source_full_path: 'long', destination_slug: slug }]);
  await held.arrived();
  const { status, body } = await cancel(importId);
  const answered = soFar();
  held.release();
  await untilQuiet(service.destination);
  const source = service.source.requests.slice(answered.source);
  const destination = service.destination.requests.slice(answered.destination);
  return { importId, answer: [status, body], source, destination };
}

describe('canceling while four pipelines move long lists', () => {
  it('lets each of them write the page that it has, and read no other', async () => {
    const held = holdAll(service.destination, WRITES);

    const { importId, answer, source, destination } = await cancelAmong('writing', held);

    expect(answer).toMatchObject([200, { id: importId, status: 'canceled' }]);
    expect(source).toEqual([]);
    for (const list of LISTS) {
      const late = destination.filter(LONG_LISTS[list].isWritten);
      expect([list, late.length]).toEqual([list, expect.toSatisfy(count => count < PAGE)]);
    }
    const group = service.destination.group('imported/writing');
    for (const list of ['labels', 'milestones', 'badges'] as const) {
      expect([list, group?.[list].length]).toEqual([list, expect.toSatisfy(count => count <= PAGE)]);
    }
    expect(await statusesOf(importId)).toMatchObject(CANCELED);
  });

  it('ends with the page that is just being read', async () => {
    const held = holdAll(
      service.source,
      LISTS.map(list => request => LONG_LISTS[list].isRead(request) && pageOf(request) === 2),
    );

    const { importId, source, destination } = await cancelAmong('reading', held);

    expect(source).toEqual([]);
    for (const list of LISTS) {
      const late = destination.filter(LONG_LISTS[list].isWritten);
      expect([list, late.length]).toEqual([list, expect.toSatisfy(count => count <= PAGE)]);
    }
    expect(await statusesOf(importId)).toMatchObject(CANCELED);
  });
});

describe('an import that was canceled in the middle', () => {
  let importId: number;
  let entityId: number;
  beforeAll(async () => {
    const held = holdAll(service.destination, WRITES);
    ({ importId } = await cancelAmong('final', held));
    entityId = (await service.api.getEntities(importId))[0]?.id ?? 0;
  });

  it('can be canceled again, which changes nothing', async () => {
    const before = await statusesOf(importId);
    const requests = soFar();

    const again = await cancel(importId);

    expect([again.status, again.body]).toMatchObject([200, { id: importId, status: 'canceled' }]);
    expect(await statusesOf(importId)).toEqual(before);
    // Whose token it is, as for every write.
    expect(soFar()).toEqual({ ...requests, destination: requests.destination + 1 });
  });

  const steps = [...Object.values(WORKFLOW_STEPS), RECONCILE].map(step => [`workflow/${step}`, 'step']);
  it.each([...steps, [GROUPS_LANE, 'all'], [GROUPS_LANE, 'labels']])(
    'stays so when %s comes late (%s)',
    async (name, what) => {
      const functions = await LocalFunctions.load();
      const lane = { functionName: GROUPS_LANE, ...(what === 'labels' && { only: what, run: 1 }) };
      const event = { importId, entityId, ...lane, generation: 0, after: 0, error: { Error: 'Late' } };
      const requests = soFar();

      await functions.invoke(name, event);

      expect(await statusesOf(importId)).toMatchObject(CANCELED);
      expect(soFar()).toEqual(requests);
    },
  );
});
