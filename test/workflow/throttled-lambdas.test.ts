import { describe, expect, it } from 'vitest';
import { ExecutionStore } from '../../lib/local/executions.ts';
import { WorkflowEngine } from '../../lib/local/workflow-engine.ts';
import { until } from '../support/service/bulk-imports-client.ts';
import { temporaryFolder } from '../support/service/service.ts';
import { LANE, stepAnswers } from '../support/service/workflow-answers.ts';

const ANSWERS: ReturnType<typeof stepAnswers> = {
  ...stepAnswers(),
  // Ends the entity, as when its runs die of something that is none of its relations.
  'workflow/record-crash': event => ({ ...event, status: 'ended', waitSeconds: 0, relations: [] }),
};

/** The steps that write down why something failed. */
const isLastResort = (name: string) => name.includes('/fail-') || name === 'workflow/record-crash';

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

describe.each(['workflow/start-import', LANE, 'workflow/finish-import'])('%s', failing => {
  it.each([
    ['Lambda takes it', 'Lambda.TooManyRequestsException'],
    ['the table serves it', 'StoreBusyError'],
    ['KMS serves it', 'ThrottlingException'],
  ])('is invoked until %s, however often it was throttled', async (_, error) => {
    const invoked = await run(failing, error, 50);

    expect(invoked.filter(name => name === failing)).toHaveLength(51);
    expect(invoked.filter(isLastResort)).toEqual([]);
    expect(invoked.at(-1)).toBe('workflow/finish-import');
  });

  it.each(['Runtime.ExitError', 'Runtime.OutOfMemory'])(
    'is invoked twice when it ends its process (%s)',
    async error => {
      const invoked = await run(failing, error, 50);

      expect(invoked.filter(name => name === failing)).toHaveLength(2);
      expect(invoked.filter(isLastResort)).toHaveLength(1);
    },
  );

  it('is invoked three times when it crashes', async () => {
    const invoked = await run(failing, 'TypeError', 50);

    expect(invoked.filter(name => name === failing)).toHaveLength(3);
    expect(invoked.filter(isLastResort)).toHaveLength(1);
  });
});
