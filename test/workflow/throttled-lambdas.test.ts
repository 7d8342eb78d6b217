import { describe, expect, it } from 'vitest';
import { ExecutionStore } from '../../lib/local/executions.ts';
import { WorkflowEngine } from '../../lib/local/workflow-engine.ts';
import { until } from '../support/bulk-imports-client.ts';
import { temporaryFolder } from '../support/service.ts';
import { stepAnswers } from '../support/workflow-answers.ts';

/** What the steps answer for an import of one entity with one pipeline. */
const ANSWERS: ReturnType<typeof stepAnswers> = {
  ...stepAnswers([{ importId: 1, entityId: 2, pipeline: 'labels' }]),
  'pipeline/labels': () => ({ status: 'finished', waitSeconds: 0 }),
};

/** Runs the workflow with a function that fails so often before it answers. @returns what was invoked, in order */
async function run(failing: string, error: string, failures: number): Promise<string[]> {
  const invoked: string[] = [];
  const invoke = async (name: string, event: unknown) => {
    invoked.push(name);
    if (name === failing && invoked.filter(other => other === name).length <= failures) {
      throw Object.assign(new Error('Rate Exceeded.'), { name: error });
    }
    return ANSWERS[name]?.(event as object) ?? {};
  };
  const store = await ExecutionStore.open(await temporaryFolder());
  const engine = new WorkflowEngine(store, { invoke }, { withoutWaits: true });
  await engine.start('import-1', '{"importId":1}');
  await until('the end of the execution', () =>
    engine.describe('import-1')?.status === 'RUNNING' ? undefined : true,
  );
  return invoked;
}

describe.each(['workflow/start-import', 'pipeline/labels', 'workflow/finish-import'])('%s', failing => {
  it.each([
    ['Lambda takes it', 'Lambda.TooManyRequestsException'],
    ['the table serves it', 'StoreBusyError'],
    ['KMS serves it', 'ThrottlingException'],
  ])('is invoked until %s, however often it was throttled', async (_, error) => {
    const invoked = await run(failing, error, 50);

    expect(invoked.filter(name => name === failing)).toHaveLength(51);
    expect(invoked.filter(name => name.includes('/fail-'))).toEqual([]);
    expect(invoked.at(-1)).toBe('workflow/finish-import');
  });

  it.each(['Runtime.ExitError', 'Runtime.OutOfMemory'])(
    'is invoked twice when it ends its process (%s)',
    async error => {
      const invoked = await run(failing, error, 50);

      expect(invoked.filter(name => name === failing)).toHaveLength(2);
      expect(invoked.filter(name => name.includes('/fail-'))).toHaveLength(1);
    },
  );

  it('is invoked three times when it crashes', async () => {
    const invoked = await run(failing, 'TypeError', 50);

    expect(invoked.filter(name => name === failing)).toHaveLength(3);
    expect(invoked.filter(name => name.includes('/fail-'))).toHaveLength(1);
  });
});
