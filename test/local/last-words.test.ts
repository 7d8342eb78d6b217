import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { onlyPage } from '../../lambdas/engine/relation.ts';
import { runEventSchema } from '../../lambdas/engine/run-event.ts';
import { invocation } from '../../lambdas/platform/invocation.ts';
import { riskyWork, witnessRiskyWork } from '../../lambdas/platform/risky-work.ts';
import { handler as recordCrash } from '../../lambdas/workflow/record-crash.ts';
import { ExecutionStore } from '../../lib/local/executions.ts';
import { guarded } from '../../lib/local/guarded-functions.ts';
import { LastWords } from '../../lib/local/last-words.ts';
import { WorkflowEngine } from '../../lib/local/workflow-engine.ts';
import { until } from '../support/service/bulk-imports-client.ts';
import { entityInLane, relationOf } from '../support/service/entity-lane.ts';
import { temporaryFolder } from '../support/service/service.ts';
import { LANE, stepAnswers } from '../support/service/workflow-answers.ts';
import { useWorkflowTable } from '../support/service/workflow-table.ts';

useWorkflowTable();

const RUN = { importId: 1, entityId: 2, pipeline: 'labels' };
const OTHER = { ...RUN, pipeline: 'badges' };

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  file = join(folder, 'last-words');
});
afterEach(() => witnessRiskyWork(undefined));

/** A process that ends in the middle of a run's risky work. @returns what lies in the folder then */
async function endsIn(run: typeof RUN): Promise<string> {
  const words = new LastWords(file);
  words.before(run);
  return readFile(file, 'utf8');
}

const refusal = (run: typeof RUN) => {
  const words = new LastWords(file);
  try {
    words.before(run);
    words.after();
    return 'begun';
  } catch (error) {
    return (error as Error).name;
  }
};

describe('a run that ends the process', () => {
  it('once is begun again', async () => {
    await endsIn(RUN);

    expect(refusal(RUN)).toBe('begun');
  });

  it('twice is a failure, whatever happened in between, and the runs beside it are not', async () => {
    await endsIn(RUN);
    await endsIn(OTHER);
    expect(refusal(RUN)).toBe('begun');
    await endsIn(RUN);

    expect(refusal(RUN)).toBe('Runtime.ExitError');
    expect(refusal(RUN)).toBe('Runtime.ExitError');
    expect(refusal(OTHER)).toBe('begun');
  });

  it('counts as often as it did it, not as often as the service was started since', async () => {
    await endsIn(RUN);
    for (let start = 0; start < 10; start++) new LastWords(file);

    expect(refusal(RUN)).toBe('begun');
  });
});

it.each(['', '{"1/2/la', '[]'])('what was written half (%j) keeps nobody from starting', async text => {
  await writeFile(file, text);
  await writeFile(`${file}.json`, text.slice(1));

  expect(refusal(RUN)).toBe('begun');
});

it('work that ends, well or badly, leaves nothing', async () => {
  witnessRiskyWork(new LastWords(file));
  const during: boolean[] = [];
  const handler = invocation(async (_event: unknown, act: () => void) =>
    riskyWork(() => {
      during.push(existsSync(file));
      act();
    }),
  );

  await handler(RUN, () => undefined);
  await handler(RUN, () => {
    throw new Error('odd');
  }).catch(() => undefined);

  expect(during).toEqual([true, true]);
  expect(await readdir(folder)).toEqual([]);
});

it('the workflow gives up a relation that has ended the process twice, with a failure, and the others go on', async () => {
  const responses: string[] = [];
  const reading = (name: string) =>
    relationOf(name, {
      read: async () =>
        riskyWork(() => {
          responses.push(name);
          return onlyPage([name]);
        }),
    });
  const entity = await entityInLane([reading('labels'), reading('badges')]);
  const { importId, entityId } = entity.event;
  const run = { importId, entityId, pipeline: 'labels' };
  await endsIn(run);
  await endsIn(run);
  witnessRiskyWork(new LastWords(file));
  const answers = stepAnswers();
  const runs = invocation((event: unknown) => entity.run(runEventSchema.parse(event)));
  const deaths: string[] = [];
  const invoke = async (name: string, event: unknown) => {
    if (name === 'workflow/next-generation') {
      const generation = answers[name]?.(event as object) as object;
      return { ...generation, importId, entityIds: [entityId] };
    }
    if (name === 'workflow/record-crash') deaths.push(name);
    if (name === 'workflow/record-crash') return recordCrash(event);
    return name === LANE ? runs(event) : (answers[name]?.(event as object) ?? {});
  };
  const functions = guarded({ invoke }, { isBlocked: false });
  const executions = await ExecutionStore.open(join(folder, 'executions'));
  const engine = new WorkflowEngine(executions, functions, { withoutWaits: true });

  await engine.start('import-1', '{"importId":1}');
  await until('the end', () => (engine.describe('import-1')?.status === 'RUNNING' ? undefined : true));

  expect(engine.describe('import-1')?.status).toBe('SUCCEEDED');
  expect(responses).not.toContain('labels');
  expect(deaths).toHaveLength(2);
  expect(await entity.statuses()).toEqual({ labels: 'failed', badges: 'finished' });
  expect(await entity.failures()).toMatchObject([
    {
      relation: 'labels',
      exceptionClass: 'BulkImports::PipelineCrashedError',
      exceptionMessage: expect.stringContaining('the process ended while it read a response'),
    },
  ]);
});
