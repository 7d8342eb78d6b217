import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { isTrackerTerminal } from '../../lambdas/domain/statuses.ts';
import { listEntities } from '../../lambdas/store/entity-lists.ts';
import type { SampleGitLab, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { refuseDocuments } from '../support/gitlab/group-document.ts';
import { isLabelWrite } from '../support/gitlab/label-writes.ts';
import { addPeople, addTree } from '../support/gitlab/source-tree.ts';
import { until, untilQuiet } from '../support/service/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service/service.ts';
import { trackersOf } from '../support/table/entity-records.ts';
import { scanTable } from '../support/table/stored-records.ts';

/** What is being moved goes to its end: one page. */
const PAGE = 100;

let service: TestService;
beforeAll(async () => {
  service = await startService({ withoutAcme: true });
  addPeople(service.source);
  addTree(service.source, { labels: 2 * PAGE + 1 });
});
afterEach(() => {
  service.source.onRequest = undefined;
  service.destination.onRequest = undefined;
});

/** Holds the first request that a rule applies to, and tells of it when it arrives. */
function hold(gitlab: SampleGitLab, applies: (request: SampleRequest) => boolean) {
  const gate = Promise.withResolvers<undefined>();
  let held: SampleRequest | undefined;
  gitlab.onRequest = request => {
    if (held !== undefined || !applies(request)) return undefined;
    held = request;
    return { kind: 'hold', until: gate.promise };
  };
  return {
    arrived: () => until('the request to arrive', () => held),
    /** Lets it go, and waits until it is answered. */
    release: () => {
      gate.resolve(undefined);
      return until('the request to be answered', () => held?.status);
    },
  };
}

async function cancel(importId: number): Promise<void> {
  const { status, body } = await service.api.call('POST', `/bulk_imports/${importId}/cancel`);
  expect([status, body]).toMatchObject([200, { id: importId, status: 'canceled' }]);
}

const isSealed = ({ sk, source }: Record<string, unknown>) => sk === 'SECRET' && source !== undefined;

/** What is true of every import that was canceled, as soon as nothing runs any more. */
async function expectAllToBeCanceled(importId: number): Promise<void> {
  expect(await service.api.getImport(importId)).toMatchObject({ status: 'canceled' });
  const entities = await service.api.getEntities(importId);
  expect(entities.map(({ status }) => status)).toEqual(entities.map(() => 'canceled'));
  const items = (await scanTable()).filter(({ pk }) => pk === `IMPORT#${importId}`);
  expect(items.filter(isSealed)).toEqual([]);
  const trackers = (await listEntities(importId)).flatMap(trackersOf);
  expect(trackers.filter(({ status }) => !isTrackerTerminal(status))).toEqual([]);
}

it('an import that is canceled in the middle of a group stops there', async () => {
  const held = hold(service.destination, isLabelWrite);
  const importId = await service.api.start([{ destination_slug: 'middle' }]);
  await held.arrived();

  await cancel(importId);
  const tokens = (await scanTable()).filter(isSealed);
  await held.release();
  await untilQuiet(service.destination);
  const labels = service.destination.group('imported/middle')?.labels.length;

  expect(tokens).toEqual([]);
  expect(labels).toBeLessThanOrEqual(PAGE);
  expect(service.destination.group('imported/middle')?.boards).toEqual([]);
  expect(service.destination.group('imported/middle/platform')).toBeUndefined();
  await expectAllToBeCanceled(importId);
  expect((await service.api.getEntities(importId))[0]).toMatchObject({
    destination_full_path: 'imported/middle',
    namespace_id: service.destination.group('imported/middle')?.id,
  });
});

it('the execution of a canceled import is stopped', async () => {
  const held = hold(service.source, ({ path }) => path.endsWith('/labels'));
  const importId = await service.api.start([{ destination_slug: 'stopped' }]);
  await held.arrived();

  await cancel(importId);

  const file = join(service.dataDir, 'executions', `import-${importId}.json`);
  await until('the end of the execution', async () => {
    const { status } = JSON.parse(await readFile(file, 'utf8'));
    return status === 'ABORTED' ? true : undefined;
  });
  await held.release();
});

it('subgroups that are found just when an import is canceled are canceled as well', async () => {
  const held = hold(service.source, ({ path }) => path.endsWith('/subgroups'));
  refuseDocuments(service.source);
  const importId = await service.api.start([{ destination_slug: 'subgroups' }]);
  await held.arrived();

  await cancel(importId);
  await held.release();
  await untilQuiet(service.source);

  await expectAllToBeCanceled(importId);
  expect(service.destination.group('imported/subgroups/platform')).toBeUndefined();
});

it('an import that is canceled right after its start writes nothing later', async () => {
  const importId = await service.api.start([{ destination_slug: 'early' }]);

  await cancel(importId);
  await untilQuiet(service.destination);

  await expectAllToBeCanceled(importId);
  expect(service.destination.group('imported/early/platform')).toBeUndefined();
});

it('an import that has ended can be canceled and keeps what it has moved', async () => {
  const importId = await service.api.start([{ source_full_path: 'acme/empty', destination_slug: 'ended' }]);
  await service.api.untilEnded(importId);

  await cancel(importId);

  await expectAllToBeCanceled(importId);
  expect(service.destination.group('imported/ended')).toBeDefined();
});
