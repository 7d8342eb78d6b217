import { describe, expect, it, vi } from 'vitest';
import { Secret } from '../../lambdas/domain/secret.ts';
import { getEntity } from '../../lambdas/store/entities.ts';
import { listFailures } from '../../lambdas/store/failures.ts';
import { getImport, type Import, moveImport, reopenImport } from '../../lambdas/store/imports.ts';
import { listOpenImports, putOpenImport } from '../../lambdas/store/open-imports.ts';
import { hasTokens, putTokens } from '../../lambdas/store/sealed-tokens.ts';
import { attemptOf, executionName } from '../../lambdas/workflow/execution.ts';
import { handler as failEntity } from '../../lambdas/workflow/fail-entity.ts';
import { handler as failImport } from '../../lambdas/workflow/fail-import.ts';
import { handler as finishImport } from '../../lambdas/workflow/finish-import.ts';
import { handler as nextGeneration } from '../../lambdas/workflow/next-generation.ts';
import { handler as reconcile } from '../../lambdas/workflow/reconcile.ts';
import { handler as recordCrash } from '../../lambdas/workflow/record-crash.ts';
import { handler as startImport } from '../../lambdas/workflow/start-import.ts';
import { storeEntity, storeImport } from '../support/table/stored-records.ts';
import { CRASH } from './crashes.ts';
import { HOUR, MINUTE, useOpenImports } from './open-imports.ts';

const { executionIs } = useOpenImports();

const TOKENS = { source: new Secret('sample-source'), destination: new Secret('sample') };
const FAILURE = { exceptionClass: 'BulkImports::StaleImportError', message: 'Nothing has changed.' };

/** An import that ended with one entity that failed, opened for its second attempt; `begun` by its first step. */
async function reopened({ isBegun = true } = {}) {
  const ended = await storeImport(7, { status: 'started' });
  const entity = await storeEntity(ended, { status: 'failed', hasFailures: true });
  await moveImport(ended, 'failed', { failure: FAILURE });
  await putOpenImport(ended.id);
  const record = (await reopenImport(await getImport(ended.id), { scope: 'failed' })) as Import;
  await putTokens(record, TOKENS);
  if (isBegun) await startImport({ importId: record.id, attempt: 2 });
  return { record, importId: record.id, entityId: entity.id };
}

const shown = async ({ importId, entityId }: { importId: number; entityId: number }) => {
  const [record, entity] = await Promise.all([getImport(importId), getEntity(importId, entityId)]);
  return [record.status, record.attempt, entity.status, entity.attempt];
};

const OPEN = ['started', 2, 'created', 2];

it('each attempt has an execution of its own, whose name tells it', () => {
  const names = [1, 2, 13].map(attempt => executionName({ id: 42, attempt }));

  expect(names).toEqual(['import-42', 'import-42-2', 'import-42-13']);
  expect(names.map(attemptOf)).toEqual([1, 2, 13].map(attempt => ({ id: 42, attempt })));
});

it('the first step opens what has failed, and hands it out', async () => {
  const { importId, entityId } = await reopened({ isBegun: false });

  const started = await startImport({ importId, attempt: 2 });
  const next = await nextGeneration(started);

  expect(await shown({ importId, entityId })).toEqual(OPEN);
  expect(await getImport(importId)).not.toHaveProperty('failure');
  expect(next).toMatchObject({ attempt: 2, entityIds: [entityId], done: false });
});

describe('what an execution of an earlier attempt does still', () => {
  const event = (ids: { importId: number; entityId: number }) => ({ ...ids, attempt: 1, error: CRASH });

  it.each<[string, (ids: { importId: number; entityId: number }) => Promise<unknown>]>([
    ['its first step', ({ importId }) => startImport({ importId, attempt: 1 })],
    ['its last step', ({ importId }) => finishImport({ importId, attempt: 1 })],
    ['the failure of an entity', ids => failEntity(event(ids))],
    ['the failure of all of it', ids => failImport(event(ids))],
    ['a run that has died', ids => recordCrash({ ...event(ids), crashes: 5, functionName: 'lane' })],
    [
      'that it was stopped',
      ({ importId }) =>
        reconcile({
          'detail-type': 'Step Functions Execution Status Change',
          detail: { name: `import-${importId}`, status: 'ABORTED' },
        }),
    ],
  ])('changes nothing: %s', async (_, act) => {
    const ids = await reopened();

    await act(ids);

    expect(await shown(ids)).toEqual(OPEN);
    expect(await listFailures(ids.importId, ids.entityId)).toEqual([]);
    expect(await hasTokens(ids.importId)).toBe(true);
    expect(await listOpenImports()).toHaveLength(1);
  });

  it('hands out nothing', async () => {
    const { importId } = await reopened();

    const next = await nextGeneration({ importId, attempt: 1, generation: 0, after: 0 });

    expect(next).toMatchObject({ done: true, entityIds: [] });
  });
});

describe('an attempt that never begins', () => {
  it('leaves the import as it was before', async () => {
    const ids = await reopened({ isBegun: false });
    vi.setSystemTime(Date.now() + 10 * MINUTE);
    executionIs(undefined);

    await reconcile({});

    expect(await shown(ids)).toEqual(['failed', 2, 'failed', 1]);
    expect(await getImport(ids.importId)).toMatchObject({ failure: FAILURE, hasFailures: true });
    expect(await listFailures(ids.importId, ids.entityId)).toEqual([]);
    expect(await hasTokens(ids.importId)).toBe(false);
  });

  it('does nothing when its execution begins after that', async () => {
    const ids = await reopened({ isBegun: false });
    vi.setSystemTime(Date.now() + 10 * MINUTE);
    executionIs(undefined);
    await reconcile({});

    const next = await nextGeneration(await startImport({ importId: ids.importId, attempt: 2 }));
    await finishImport({ importId: ids.importId, attempt: 2 });

    expect(next).toMatchObject({ done: true });
    expect(await shown(ids)).toEqual(['failed', 2, 'failed', 1]);
  });
});

it('an attempt that ends in the middle is closed as any import is', async () => {
  const ids = await reopened();
  executionIs('FAILED');
  vi.setSystemTime(Date.now() + HOUR);

  await reconcile({});

  expect(await shown(ids)).toEqual(['failed', 2, 'failed', 2]);
  expect(await listFailures(ids.importId, ids.entityId)).toMatchObject([{ relation: 'entity', attempt: 2 }]);
});
