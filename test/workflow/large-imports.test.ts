import { setImmediate } from 'node:timers/promises';
import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Secret } from '../../lambdas/domain/secret.ts';
import type { Status } from '../../lambdas/domain/statuses.ts';
import { cancelImport, closeImport } from '../../lambdas/engine/end-import.ts';
import { getImport, type Import } from '../../lambdas/store/imports.ts';
import { ENTITY_PREFIX, importPk } from '../../lambdas/store/keys.ts';
import { deleteOpenImport, listOpenImports, putOpenImport } from '../../lambdas/store/open-imports.ts';
import { getTokens, putTokens, TokensErasedError } from '../../lambdas/store/sealed-tokens.ts';
import { handler as finishImport } from '../../lambdas/workflow/finish-import.ts';
import { handler as reconcile } from '../../lambdas/workflow/reconcile.ts';
import { setWorkflowEnvironment, useWorkflowTable } from '../support/service/workflow-table.ts';
import { storeCopies, storeEntity, storeImport, takeOffList } from '../support/table/stored-records.ts';
import { standInForTable, type TableInMemory } from '../support/table/table-in-memory.ts';
import { mockedClient } from '../support/test-run/mocked-client.ts';

const MANY = 10_000;
const SECOND = 1_000;

const stepFunctions = mockedClient(SFNClient);

useWorkflowTable();

/** What the table was asked for by the test, by kind and the beginning of the sort key. */
let operations: { kind: string; sk: string }[] = [];
/** Every write takes this long, by the clock of the test. */
let writeMs = 0;
let onOperation: (act: () => unknown) => Promise<unknown>;
let table: TableInMemory;
let restore: (() => void) | undefined;

beforeEach(() => {
  setWorkflowEnvironment();
  stepFunctions.reset();
  stepFunctions.on(StopExecutionCommand).resolves({});
  vi.useFakeTimers({ toFake: ['Date'] });
  writeMs = 0;
  onOperation = async act => act();
  ({ table, restore } = standInForTable(async (operation, act) => {
    operations.push(operation);
    if (operation.kind === 'write') vi.setSystemTime(Date.now() + writeMs);
    return onOperation(act);
  }));
});
afterEach(async () => {
  for (const open of await listOpenImports()) await deleteOpenImport(open);
  restore?.();
  vi.useRealTimers();
});

/** An import with so many entities that are open, and tokens. */
async function large(count: number, entities: 'created' | 'started' = 'created'): Promise<Import> {
  const record = await storeImport(7, { status: 'started' });
  await putOpenImport(record.id);
  await putTokens(record, { source: new Secret('sample-source'), destination: new Secret('sample') });
  await storeCopies(await storeEntity(record, { status: entities }), count - 1);
  operations = [];
  return record;
}

/** How many entities have which status, as it is written. */
function statusesOf({ id }: Import): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { pk, sk, status } of table.items.values()) {
    if (pk !== importPk(id) || !String(sk).startsWith(ENTITY_PREFIX)) continue;
    counts[String(status)] = (counts[String(status)] ?? 0) + 1;
  }
  return counts;
}

const writes = (sk = '') =>
  operations.filter(operation => operation.kind === 'write' && operation.sk.startsWith(sk)).length;

/** What Lambda tells a function that still has so many ms. */
function lambdaWith(milliseconds: number) {
  const end = Date.now() + milliseconds;
  return { getRemainingTimeInMillis: () => Math.max(0, end - Date.now()) };
}

const aborted = ({ id }: Import) => ({
  'detail-type': 'Step Functions Execution Status Change',
  detail: { name: `import-${id}`, status: 'ABORTED', error: 'Canceled', cause: 'The import was canceled.' },
});

describe('a cancel of 10,000 entities', () => {
  it('answers with a handful of writes, the workflow stopped between the status and everything else', async () => {
    const record = await large(MANY);
    let atTheStop: [Status, number] | undefined;

    const canceled = await cancelImport(record, async () => {
      atTheStop = [(await getImport(record.id)).status, writes()];
    });

    expect(canceled.status).toBe('canceled');
    // The marker and the status before, the tokens after it.
    expect(atTheStop).toEqual(['canceled', 2]);
    expect(writes()).toBe(3);
    expect(statusesOf(record)).toEqual({ created: MANY });
    await expect(getTokens(record)).rejects.toBeInstanceOf(TokensErasedError);
  });

  it('is completed by reconciliation over several calls, each entity written once', async () => {
    const record = await large(MANY);
    await cancelImport(record, async () => undefined);
    operations = [];
    writeMs = 10;

    let calls = 0;
    const left: number[] = [];
    while ((await listOpenImports()).length > 0 && calls < 10) {
      await reconcile(calls === 0 ? aborted(record) : {}, lambdaWith(60 * SECOND));
      left.push(statusesOf(record).created ?? 0);
      vi.setSystemTime(Date.now() + 15 * 60 * SECOND);
      calls++;
    }

    expect(calls).toBe(3);
    // Each takes as many as its time allows, and the rest is there for the next one.
    expect(left.slice(0, 2).every(count => count > 0)).toBe(true);
    expect(statusesOf(record)).toEqual({ canceled: MANY });
    expect(writes('ENTITY#')).toBe(MANY);
    expect((await getImport(record.id)).status).toBe('canceled');
  }, 60_000);

  it('erases the tokens even if the workflow cannot be stopped', async () => {
    const record = await large(101);
    const refused = new Error('Step Functions is throttled.');

    await expect(cancelImport(record, () => Promise.reject(refused))).rejects.toBe(refused);

    await expect(getTokens(record)).rejects.toBeInstanceOf(TokensErasedError);
    expect((await getImport(record.id)).status).toBe('canceled');
    expect(await listOpenImports()).toMatchObject([{ importId: record.id }]);
  });

  it('of a small import is complete when it answers', async () => {
    const record = await large(100);

    await cancelImport(record, async () => undefined);

    expect(statusesOf(record)).toEqual({ canceled: 100 });
    // What was just running may still write in it.
    expect(await listOpenImports()).toMatchObject([{ importId: record.id }]);
    vi.setSystemTime(Date.now() + 20 * 60 * SECOND);
    await reconcile({});
    expect(await listOpenImports()).toEqual([]);
  });

  it('of an import that had ended and was listed no more is found by the clock', async () => {
    const record = await large(101);
    await takeOffList(record.id);

    await cancelImport(record, async () => undefined);
    vi.setSystemTime(Date.now() + 20 * 60 * SECOND);
    await reconcile({});

    expect(statusesOf(record)).toEqual({ canceled: 101 });
    expect(await listOpenImports()).toEqual([]);
  });
});

describe('closing a large import', () => {
  const REASON = { exceptionClass: 'Why', message: 'Because.' };

  it('leaves it open when time is short, and goes on when it is repeated', async () => {
    const record = await large(300);
    writeMs = 10;

    const first = await closeImport(record, 'failed', REASON, Date.now() + 5 * SECOND);
    const { status } = await getImport(record.id);
    const { created = 0 } = statusesOf(record);
    operations = [];
    const second = await closeImport(record, 'failed', REASON);

    expect([first, status, second]).toEqual([false, 'started', true]);
    expect(created).toBeGreaterThan(0);
    expect(created).toBeLessThan(300);
    // Those that are closed are not written again.
    expect(writes('FAILURE#')).toBe(created);
    expect(statusesOf(record)).toEqual({ failed: 300 });
    expect((await getImport(record.id)).status).toBe('failed');
  });

  it('by its last step reads the entities once, and closes them several at a time', async () => {
    const count = 200;
    const record = await large(count, 'started');
    onOperation = async act => {
      writing = { now: writing.now + 1, most: Math.max(writing.most, writing.now + 1) };
      await setImmediate();
      const answer = (await act()) as { Items?: unknown[] } | undefined;
      writing.now--;
      if (answer?.Items?.length === count) listings++;
      return answer;
    };
    let writing = { now: 0, most: 0 };
    let listings = 0;

    const { status } = await finishImport({ importId: record.id });

    expect(status).toBe('failed');
    expect(listings).toBe(1);
    expect(writing.most).toBeGreaterThanOrEqual(16);
    expect(statusesOf(record)).toEqual({ failed: count });
  });

  it('by its last step is no end when time is short, so that the step is repeated', async () => {
    const record = await large(500);
    writeMs = 10;

    const first = await finishImport({ importId: record.id }, lambdaWith(20 * SECOND));
    const { status } = await getImport(record.id);
    writeMs = 0;
    const result = await finishImport({ importId: record.id });

    expect([first.done, status, result.status]).toEqual([false, 'started', 'failed']);
    // What had to be closed is looked at once more.
    vi.setSystemTime(Date.now() + 20 * 60 * SECOND);
    await reconcile({});
    expect(await listOpenImports()).toEqual([]);
  });
});
