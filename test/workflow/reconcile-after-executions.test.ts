import { describe, expect, it } from 'vitest';
import { listFailures } from '../../lambdas/store/failures.ts';
import { getImport } from '../../lambdas/store/imports.ts';
import { handler as reconcile } from '../../lambdas/workflow/reconcile.ts';
import { expectLastLook, openImport, useOpenImports } from './open-imports.ts';

useOpenImports();

function statusChange(name: string, status: string, details = {}) {
  return {
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    detail: { name, status, ...details },
  };
}

describe('after an execution that ended', () => {
  it.each([
    ['FAILED', 'failed'],
    ['TIMED_OUT', '14 days'],
    ['ABORTED', 'stopped by somebody'],
  ])('%s closes its import at once, with the cause', async (status, words) => {
    const { record, entity } = await openImport('started', 0);

    const { closed } = await reconcile(
      statusChange(`import-${record.id}`, status, { error: 'States.Runtime', cause: 'too many events' }),
    );

    expect(closed).toEqual([record.id]);
    expect((await getImport(record.id)).status).toBe('failed');
    const [failure] = await listFailures(record.id, entity.id);
    expect(failure?.exceptionMessage).toContain(words);
    expect(failure?.exceptionMessage).toContain('States.Runtime: too many events');
  });

  it('leaves a canceled import canceled', async () => {
    const { record } = await openImport('canceled', 0);

    const { closed } = await reconcile(statusChange(`import-${record.id}`, 'ABORTED'));

    expect(closed).toEqual([]);
    expect((await getImport(record.id)).status).toBe('canceled');
    await expectLastLook();
  });

  it('that was stopped because its import was stale ends it as such', async () => {
    const { record } = await openImport('started', 0);
    const details = { error: 'BulkImports::StaleImportError', cause: 'Nothing has changed.' };

    await reconcile(statusChange(`import-${record.id}`, 'ABORTED', details));

    expect((await getImport(record.id)).status).toBe('timeout');
  });

  it('that was stopped because of another destination says so', async () => {
    const { record, entity } = await openImport('started', 0);
    const details = { error: 'BulkImports::OtherDestinationError', cause: 'It belongs to another.' };

    await reconcile(statusChange(`import-${record.id}`, 'ABORTED', details));

    expect((await getImport(record.id)).status).toBe('failed');
    expect(await listFailures(record.id, entity.id)).toMatchObject([
      { exceptionClass: details.error, exceptionMessage: details.cause },
    ]);
  });

  it.each(['import-999999', 'something-else', 'import-x'])('ignores the execution %s', async name => {
    expect(await reconcile(statusChange(name, 'FAILED'))).toEqual({ closed: [] });
  });
});
