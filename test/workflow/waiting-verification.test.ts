import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it, vi } from 'vitest';
import { Secret } from '../../lambdas/domain/secret.ts';
import type { Status } from '../../lambdas/domain/statuses.ts';
import { cancelImport, closeImport, closeUnbegun } from '../../lambdas/engine/end-import.ts';
import { takeIds } from '../../lambdas/store/counters.ts';
import { listEntities } from '../../lambdas/store/entity-lists.ts';
import {
  createImport,
  getImport,
  type Import,
  moveImport,
  noteVerification,
  reopenImport,
} from '../../lambdas/store/imports.ts';
import { putOpenImport } from '../../lambdas/store/open-imports.ts';
import { hasTokens, putTokens } from '../../lambdas/store/sealed-tokens.ts';
import { handler as finishImport } from '../../lambdas/workflow/finish-import.ts';
import { handler as reconcile } from '../../lambdas/workflow/reconcile.ts';
import { handler as startImport } from '../../lambdas/workflow/start-import.ts';
import { storeEntity, storeImport } from '../support/table/stored-records.ts';
import { HOUR, MINUTE, useOpenImports } from './open-imports.ts';

const { executionIs, stepFunctions } = useOpenImports();

const TOKENS = { source: new Secret('sample-source'), destination: new Secret('sample-destination') };
const REASON = { exceptionClass: 'BulkImports::StaleImportError', message: 'It was given up.' };

/** An import with a group, and the verification that was asked for with it. */
async function stored(status: Status = 'started') {
  const verificationId = await takeIds('IMPORT');
  const record = await storeImport(7, { status, verificationId });
  await storeEntity(record, { status: 'finished' });
  await putTokens(record, TOKENS);
  await wait(record, verificationId);
  return { id: record.id, record, verificationId };
}

/** Writes a verification that waits for an attempt of an import. */
async function wait(record: Import, id: number): Promise<void> {
  const { retry: _, statusBefore: __, verificationId: ___, ...others } = record;
  const own = { id, kind: 'verification' as const, subjectId: record.id, subjectAttempt: record.attempt };
  await putOpenImport(id);
  const verification = await createImport({ ...others, ...own, status: 'created', attempt: 1 });
  await putTokens(verification, TOKENS);
}

/** Says of each execution whether it runs; there is none of another name. */
function executionsAre(statuses: Record<string, 'RUNNING' | 'SUCCEEDED'>): void {
  stepFunctions.on(DescribeExecutionCommand).callsFake(({ executionArn }: { executionArn: string }) => {
    const status = statuses[executionArn.slice(executionArn.lastIndexOf(':') + 1)];
    if (status !== undefined) return { status };
    throw Object.assign(new Error('none'), { name: 'ExecutionDoesNotExist' });
  });
}

const begins = (verificationId: number) => ({
  name: `import-${verificationId}`,
  input: { importId: verificationId, attempt: 1 },
});

async function expectEnded(verificationId: number, status: Status): Promise<void> {
  expect(await getImport(verificationId)).toMatchObject({ status });
  expect(await hasTokens(verificationId)).toBe(false);
}

describe('the last step of an import', () => {
  it('names the execution of the verification that has waited, and keeps what that needs', async () => {
    const { id, verificationId } = await stored();

    const answer = await finishImport({ importId: id, attempt: 1 });

    expect(answer).toEqual({
      importId: id,
      attempt: 1,
      status: 'finished',
      done: true,
      verification: begins(verificationId),
    });
    expect([await hasTokens(id), await hasTokens(verificationId)]).toEqual([false, true]);
  });

  it('names it again when it is repeated, until it has begun', async () => {
    const { id, verificationId } = await stored();
    await finishImport({ importId: id, attempt: 1 });

    expect(await finishImport({ importId: id, attempt: 1 })).toMatchObject({
      verification: begins(verificationId),
    });

    await startImport({ importId: verificationId, attempt: 1 });
    expect(await finishImport({ importId: id, attempt: 1 })).not.toHaveProperty('verification');
    expect(await listEntities(verificationId)).toHaveLength(1);
    expect(await hasTokens(verificationId)).toBe(true);
  });

  it('begins none that waits for another attempt', async () => {
    const { id } = await stored('finished');
    const record = (await reopenImport(await getImport(id), { scope: 'failed' })) as Import;
    await moveImport(record, 'started');

    expect(await finishImport({ importId: id, attempt: 2 })).not.toHaveProperty('verification');
  });

  it('begins none that a request of its own begins', async () => {
    const { id } = await stored();
    const own = await storeImport(7, { kind: 'verification', subjectId: id });
    await noteVerification(id, own.id);

    expect(await finishImport({ importId: id, attempt: 1 })).not.toHaveProperty('verification');
  });

  it('begins none of an import that was closed from outside', async () => {
    const { id, verificationId } = await stored();
    await closeImport({ id, attempt: 1 }, 'timeout', REASON);

    expect(await finishImport({ importId: id, attempt: 1 })).not.toHaveProperty('verification');
    await expectEnded(verificationId, 'failed');
  });
});

describe('a verification that waits', () => {
  it('is canceled with its import', async () => {
    const { record, verificationId } = await stored();

    await cancelImport(record, async () => undefined);

    await expectEnded(verificationId, 'canceled');
  });

  it('is canceled with its import even if the workflow of that cannot be stopped', async () => {
    const { record, verificationId } = await stored();
    const stop = () => Promise.reject(new Error('no'));

    await expect(cancelImport(record, stop)).rejects.toThrow('no');

    await expectEnded(verificationId, 'canceled');
  });

  it('stays without entities when it was canceled before its first step', async () => {
    const { id, record, verificationId } = await stored();
    await finishImport({ importId: id, attempt: 1 });
    await cancelImport(record, async () => undefined);

    await startImport({ importId: verificationId, attempt: 1 });

    expect(await listEntities(verificationId)).toEqual([]);
    await expectEnded(verificationId, 'canceled');
  });

  it('ends with an import that never began, and says what to do', async () => {
    const { record, verificationId } = await stored('created');

    expect(await closeUnbegun(record, REASON)).toBe(true);

    await expectEnded(verificationId, 'failed');
    const { failure } = await getImport(verificationId);
    expect(failure?.message).toMatch(/was not begun.*by a request of its own\.$/);
    expect(failure?.message.length).toBeLessThanOrEqual(255);
  });

  it('ends with another attempt that never began, and leaves the import as it was', async () => {
    const { id } = await stored('finished');
    const verificationId = await takeIds('IMPORT');
    const record = await reopenImport(await getImport(id), { scope: 'failed' }, { verificationId });
    await wait(record as Import, verificationId);

    expect(await closeUnbegun(record as Import, REASON)).toBe(true);

    expect(await getImport(id)).toMatchObject({ status: 'finished', attempt: 2 });
    await expectEnded(verificationId, 'failed');
  });

  it('is left alone when its import is canceled after it has begun', async () => {
    const { id, record, verificationId } = await stored();
    await finishImport({ importId: id, attempt: 1 });
    await startImport({ importId: verificationId, attempt: 1 });

    await cancelImport(record, async () => undefined);

    expect(await getImport(verificationId)).toMatchObject({ status: 'started' });
    expect(await hasTokens(verificationId)).toBe(true);
  });
});

describe('reconciliation of a verification that waits', () => {
  it.each([
    ['its import runs, however long', 'started', 23 * HOUR],
    ['its import has just ended', 'finished', 4 * MINUTE],
    ['the workflow of its import has not come to its own end', 'finished', HOUR],
  ] as const)('leaves it alone while %s', async (_, status, age) => {
    const { id, verificationId } = await stored(status);
    executionsAre({ [`import-${id}`]: 'RUNNING' });
    vi.setSystemTime(Date.now() + age);

    expect(await reconcile({})).toEqual({ closed: [] });

    expect(await getImport(verificationId)).toMatchObject({ status: 'created' });
    expect(await hasTokens(verificationId)).toBe(true);
  });

  it('closes it when its import has ended without beginning it', async () => {
    const { id, verificationId } = await stored('finished');
    executionsAre({ [`import-${id}`]: 'SUCCEEDED' });
    vi.setSystemTime(Date.now() + 6 * MINUTE);

    expect(await reconcile({})).toEqual({ closed: [verificationId] });

    await expectEnded(verificationId, 'failed');
  });

  it('leaves one alone that has begun', async () => {
    const { id, verificationId } = await stored('finished');
    executionsAre({ [`import-${id}`]: 'SUCCEEDED', [`import-${verificationId}`]: 'RUNNING' });
    vi.setSystemTime(Date.now() + 6 * MINUTE);

    expect(await reconcile({})).toEqual({ closed: [] });

    expect(await hasTokens(verificationId)).toBe(true);
  });

  it.each<[string, (record: Import) => Promise<unknown>]>([
    ['has another attempt', record => reopenImport(record, { scope: 'all' })],
    ['was verified by another request', ({ id }) => noteVerification(id, 4711)],
  ])('closes it when its import %s', async (_, change) => {
    const { record, verificationId } = await stored('finished');
    await change(record);
    executionIs(undefined);
    vi.setSystemTime(Date.now() + 6 * MINUTE);

    const { closed } = await reconcile({});

    expect(closed).toContain(verificationId);
    await expectEnded(verificationId, 'failed');
  });

  it('closes it with an import of which the request was interrupted', async () => {
    const { id, verificationId } = await stored('created');
    await putOpenImport(id);
    executionIs(undefined);
    vi.setSystemTime(Date.now() + 6 * MINUTE);

    const { closed } = await reconcile({});
    await reconcile({});

    expect(closed).toContain(id);
    await expectEnded(verificationId, 'failed');
    expect(await hasTokens(id)).toBe(false);
  });

  it('erases the tokens of one whose end was interrupted', async () => {
    const { verificationId } = await stored('finished');
    await moveImport(await getImport(verificationId), 'canceled');
    executionIs(undefined);
    vi.setSystemTime(Date.now() + 6 * MINUTE);

    await reconcile({});

    await expectEnded(verificationId, 'canceled');
  });
});
