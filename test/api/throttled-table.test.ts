import { SFNClient, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeAll, describe, expect, it, type MockInstance, vi } from 'vitest';
import { time } from '../../lambdas/platform/time.ts';
import { type Answer, TOKENS } from '../support/service/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service/service.ts';
import { storeEntity, storeFailure, storeImport } from '../support/table/stored-records.ts';
import type { Operation, TableInMemory } from '../support/table/table-in-memory.ts';
import { mockedClient } from '../support/test-run/mocked-client.ts';

let service: TestService;
let table: TableInMemory;
let start: MockInstance<TestService['local']['engine']['start']>;
const ids = { import_id: 0, entity_id: 0 };
beforeAll(async () => {
  service = await startService();
  start = vi.spyOn(service.local.engine, 'start').mockResolvedValue(true);
  table = service.table as TableInMemory;
  const dora = service.destination.group('imported')?.members[0]?.userId ?? 0;
  const record = await storeImport(dora);
  const entity = await storeEntity(record);
  await storeFailure(entity);
  Object.assign(ids, { import_id: record.id, entity_id: entity.id });
});
const pause = vi.spyOn(time, 'pause').mockResolvedValue();
afterEach(() => {
  table.throttles = () => false;
  pause.mockClear();
});

const ROUTES = [
  'POST /bulk_imports',
  'GET /bulk_imports',
  'GET /bulk_imports/entities',
  'GET /bulk_imports/{import_id}',
  'GET /bulk_imports/{import_id}/entities',
  'GET /bulk_imports/{import_id}/entities/{entity_id}',
  'GET /bulk_imports/{import_id}/entities/{entity_id}/failures',
  'GET /bulk_imports/{import_id}/entities/{entity_id}/audit_events',
  'POST /bulk_imports/{import_id}/cancel',
];

let slugs = 0;

/** Calls a route with everything that it needs to succeed. */
function call(route: string): Promise<Answer> {
  const [method = '', path = ''] = route.split(' ');
  const filled = path.replace(/\{(\w+)\}/g, (_, name: keyof typeof ids) => String(ids[name]));
  const json = service.api.request([{ destination_slug: `slug-${slugs++}` }]);
  const headers = { 'idempotency-key': `key-${slugs}` };
  return service.api.call(method, filled, route === ROUTES[0] ? { json, headers } : {});
}

const BUSY = {
  message:
    'The service is overloaded and could not finish this request. Send it again in 5 seconds, a new import with an Idempotency-Key, so that it is started once.',
};

function expectBusy({ status, headers, body }: Answer): void {
  expect([status, headers.get('retry-after'), body]).toEqual([503, '5', BUSY]);
  expect(headers.get('x-request-id')).toBeTruthy();
}

/** Lets DynamoDB throttle what matches, and counts that. */
function throttle(matches: (operation: Operation, nth: number) => boolean): { count: number } {
  const throttled = { count: 0 };
  let nth = 0;
  table.throttles = operation => {
    nth += 1;
    const isThrottled = matches(operation, nth);
    if (isThrottled) throttled.count += 1;
    return isThrottled;
  };
  return throttled;
}

describe('a throttled table makes the service unavailable for some seconds:', () => {
  it.each(ROUTES)('%s', async route => {
    throttle(() => true);

    expectBusy(await call(route));
  });

  it.each(ROUTES)('%s, whichever of its requests to the table is the one', async route => {
    for (let first = 1; ; first++) {
      const throttled = throttle((_, nth) => nth >= first);
      start.mockClear();
      const answer = await call(route);
      // Its workflow runs, and notes that itself.
      if (answer.status === 201 && start.mock.calls.length === 1 && throttled.count > 0) continue;
      if (throttled.count === 0) {
        expect(answer.status).toBeLessThan(300);
        break;
      }
      expectBusy(answer);
    }
  });
});

it('a list whose items DynamoDB leaves over asks for them a few times and no more', async () => {
  const throttled = throttle(({ command }) => command === 'BatchGetCommand');

  expectBusy(await call('GET /bulk_imports'));

  expect(throttled.count).toBe(6);
  expect(pause).toHaveBeenCalledTimes(5);
});

it('a workflow service that throttles makes a cancel unavailable, and it can be sent again', async () => {
  const stepFunctions = mockedClient(SFNClient);
  const error = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
  stepFunctions.on(StopExecutionCommand).rejectsOnce(error).resolves({});
  stepFunctions.on(StartExecutionCommand).resolves({});

  expectBusy(await call('POST /bulk_imports/{import_id}/cancel'));
  const again = await call('POST /bulk_imports/{import_id}/cancel');

  expect([again.status, again.body]).toMatchObject([200, { status: 'canceled' }]);
  stepFunctions.restore();
});

it('the token is not asked about again because the table is throttled', async () => {
  await service.api.call('GET', '/bulk_imports', { token: TOKENS.otto });
  const before = service.destination.statistics.total;
  throttle(() => true);

  expectBusy(await service.api.call('GET', '/bulk_imports', { token: TOKENS.otto }));

  expect(service.destination.statistics.total).toBe(before);
});
