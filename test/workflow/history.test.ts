import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { GROUP_PIPELINES } from '../../lambdas/pipelines/stages.ts';
import { ExecutionStore } from '../../lib/local/executions.ts';
import { WorkflowEngine } from '../../lib/local/workflow-engine.ts';

/** Step Functions ends an execution with its 25,000th event; an entity must never come near that. */
const MOST_EVENTS = 25_000;

/** Events that one visit of a state writes into the history, Map iterations aside. */
const EVENTS: Record<string, number> = {
  // entered, scheduled, started, succeeded, exited
  Task: 5,
  // entered, started, succeeded, exited
  Map: 4,
  Choice: 2,
  Pass: 2,
  Wait: 2,
};
const EVENTS_PER_ITERATION = 2;

const STATES: Record<string, string> = {
  'Start entity': 'Task',
  'Run stages': 'Map',
  'Run pipelines of the stage': 'Map',
  'Run pipeline': 'Task',
  'Choose what follows': 'Choice',
  'Wait for GitLab': 'Wait',
  'Pipeline ended': 'Pass',
  'Stage ended': 'Pass',
  'Finish entity': 'Task',
  'Entity ended': 'Pass',
};
const OF_THE_IMPORT = [
  'Start import',
  'Choose generation',
  'Is anything left',
  'Migrate entities',
  'Finish import',
];

let folder: string | undefined;

afterEach(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, maxRetries: 3 });
});

/** Runs the real definition for one entity whose pipelines all answer like this, and counts the states entered. */
async function statesEntered(answers: ('continue' | 'wait')[]): Promise<Map<string, number>> {
  folder = await mkdtemp(join(tmpdir(), 'history-'));
  const left = new Map<string, ('continue' | 'wait')[]>();
  const invoke = async (name: string, event: unknown): Promise<unknown> => {
    // The interpreter hands events on in later turns, and forgets those that are left when an execution ends.
    await setImmediate();
    const { generation = 0, pipeline } = event as { generation?: number; pipeline?: string };
    switch (name) {
      case 'workflow/start-import':
        return { importId: 1, generation: 0, after: 0 };
      case 'workflow/next-generation':
        return {
          importId: 1,
          generation: generation + 1,
          after: 0,
          entityIds: [1],
          entitiesInParallel: 5,
          done: generation > 0,
        };
      case 'workflow/start-entity':
        return { importId: 1, entityId: 1, stages: plan() };
      case 'pipeline': {
        const rest = left.get(pipeline ?? '') ?? [...answers];
        left.set(pipeline ?? '', rest);
        return { status: rest.shift() ?? 'finished', waitSeconds: 0 };
      }
      default:
        return {};
    }
  };
  const executions = await ExecutionStore.open(folder);
  const engine = new WorkflowEngine(executions, { invoke });
  const entered = new Map<string, number>();
  engine.observer = state => entered.set(state, (entered.get(state) ?? 0) + 1);
  await engine.start('import-1', '{"importId":1}');
  await expect.poll(() => engine.describe('import-1')?.status, { timeout: 15_000 }).toBe('SUCCEEDED');
  return entered;
}

function plan() {
  const stages = [...new Set(GROUP_PIPELINES.map(({ stage }) => stage))];
  return stages.map(stage => ({
    pipelines: GROUP_PIPELINES.filter(entry => entry.stage === stage).map(({ name }) => ({
      importId: 1,
      entityId: 1,
      pipeline: name,
      functionName: 'pipeline',
    })),
  }));
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

function eventsOf(entered: Map<string, number>): number {
  const stages = new Set(GROUP_PIPELINES.map(({ stage }) => stage)).size;
  const visits = [...entered].filter(([state]) => !OF_THE_IMPORT.includes(state));
  return (
    sum(visits.map(([state, count]) => count * (EVENTS[STATES[state] ?? ''] ?? Number.NaN))) +
    EVENTS_PER_ITERATION * (stages + GROUP_PIPELINES.length)
  );
}

describe('the history of an entity', () => {
  it('takes 45 state transitions and 169 events when every pipeline is done in one run', async () => {
    const entered = await statesEntered([]);
    const transitions = sum(
      [...entered].filter(([state]) => !OF_THE_IMPORT.includes(state)).map(([, count]) => count),
    );

    expect(transitions).toBe(45);
    expect(eventsOf(entered)).toBe(169);
  });

  it('stays below half of the limit with 100 runs and 10 waits in every pipeline', async () => {
    const entered = await statesEntered([
      ...Array.from({ length: 100 }, () => 'continue' as const),
      ...Array.from({ length: 10 }, () => 'wait' as const),
    ]);

    expect(entered.get('Wait for GitLab')).toBe(10 * GROUP_PIPELINES.length);
    expect(eventsOf(entered)).toBeLessThan(MOST_EVENTS / 2);
  });
});

describe('the history of an import', () => {
  it('takes 2 transitions, and 3 per generation and 2 for the end of the loop', async () => {
    const entered = await statesEntered([]);

    expect(Object.fromEntries(OF_THE_IMPORT.map(state => [state, entered.get(state)]))).toEqual({
      'Start import': 1,
      'Choose generation': 2,
      'Is anything left': 2,
      'Migrate entities': 1,
      'Finish import': 1,
    });
  });
});
