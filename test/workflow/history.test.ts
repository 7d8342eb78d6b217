import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { RateLimitedError } from '../../lambdas/gitlab/rate-limiter.ts';
import { GROUP_STAGES } from '../../lambdas/pipelines/stages.ts';
import { ExecutionStore } from '../../lib/local/executions.ts';
import { WorkflowEngine } from '../../lib/local/workflow-engine.ts';
import { entityInLane, relationOf } from '../support/service/entity-lane.ts';
import { LANE, stepAnswers } from '../support/service/workflow-answers.ts';
import { useWorkflowTable } from '../support/service/workflow-table.ts';

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

/** The states of an entity's own execution. */
const STATES: Record<string, string> = {
  'Run entity': 'Task',
  'Choose what follows': 'Choice',
  'Wait for GitLab': 'Wait',
  'Run relations apart': 'Map',
  'Run relation': 'Task',
  'Has the relation ended': 'Choice',
  'Wait with the relation': 'Wait',
  'Relation ended': 'Pass',
  'Entity ended': 'Pass',
};
const OF_THE_IMPORT = [
  'Start import',
  'Choose entities',
  'Is anything left',
  'Migrate entities',
  'Finish import',
  'Is everything closed',
  'Import ended',
];

type Answer = 'continue' | 'wait' | 'split';
/** The most relations that a stage has: so many may run, and wait, at the same time. */
const WIDEST = Math.max(...GROUP_STAGES.map(({ length }) => length));

useWorkflowTable();
let folder: string | undefined;

afterEach(async () => {
  vi.useRealTimers();
  if (folder !== undefined) await rm(folder, { recursive: true, maxRetries: 3 });
});

/** Runs the real definition for one entity whose runs, and those of its relations, answer like this, and then end. */
async function statesEntered(answers: Answer[], apart: Answer[] = []): Promise<Map<string, number>> {
  folder = await mkdtemp(join(tmpdir(), 'history-'));
  const left = new Map<string, Answer[]>();
  const steps = stepAnswers();
  const invoke = async (name: string, event: unknown): Promise<unknown> => {
    // The interpreter hands events on in later turns, and forgets those that are left when an execution ends.
    await setImmediate();
    if (name !== LANE) return steps[name]?.(event as object) ?? {};
    const { only = '' } = event as { only?: string };
    const rest = left.get(only) ?? [...(only === '' ? answers : apart)];
    left.set(only, rest);
    const status = rest.shift() ?? 'ended';
    const relations = Array.from({ length: WIDEST }, (_, index) => ({
      ...(event as object),
      only: `relation-${index}`,
    }));
    return { ...(event as object), status, waitSeconds: 0, relations: status === 'split' ? relations : [] };
  };
  const executions = await ExecutionStore.open(folder);
  const engine = new WorkflowEngine(executions, { invoke });
  const entered = new Map<string, number>();
  engine.observer = state => entered.set(state, (entered.get(state) ?? 0) + 1);
  await engine.start('import-1', '{"importId":1}');
  await expect.poll(() => engine.describe('import-1')?.status, { timeout: 15_000 }).toBe('SUCCEEDED');
  return entered;
}

const times = (count: number, answer: Answer) => Array.from({ length: count }, () => answer);
const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

function eventsOf(entered: Map<string, number>): number {
  const visits = [...entered].filter(([state]) => !OF_THE_IMPORT.includes(state));
  return (
    sum(visits.map(([state, count]) => count * (EVENTS[STATES[state] ?? ''] ?? Number.NaN))) +
    EVENTS_PER_ITERATION * (entered.get('Relation ended') ?? 0)
  );
}

/** Events that one more answer of this kind brings. */
async function eventsOfOneMore(answer: Answer): Promise<number> {
  return eventsOf(await statesEntered([answer])) - eventsOf(await statesEntered([]));
}

describe('the history of an entity', () => {
  it('takes 3 state transitions and 9 events when all is done in one run', async () => {
    const entered = await statesEntered([]);
    const transitions = sum(
      [...entered].filter(([state]) => !OF_THE_IMPORT.includes(state)).map(([, count]) => count),
    );

    expect(transitions).toBe(3);
    expect(eventsOf(entered)).toBe(9);
  });

  it('grows by 7 events with each further run, and by 9 with each wait', async () => {
    expect(await eventsOfOneMore('continue')).toBe(7);
    expect(await eventsOfOneMore('wait')).toBe(9);
  });

  it('stays below half of the limit with 1,000 runs and 100 waits', async () => {
    const entered = await statesEntered([...times(1_000, 'continue'), ...times(100, 'wait')]);

    expect(entered.get('Wait for GitLab')).toBe(100);
    expect(eventsOf(entered)).toBeLessThan(MOST_EVENTS / 2);
  });

  it('stays below half of the limit with 100 runs and 10 waits of every relation that runs apart', async () => {
    const entered = await statesEntered(['split'], [...times(100, 'continue'), ...times(10, 'wait')]);

    expect(entered.get('Wait with the relation')).toBe(10 * WIDEST);
    expect(entered.get('Relation ended')).toBe(WIDEST);
    expect(eventsOf(entered)).toBeLessThan(MOST_EVENTS / 2);
  });

  it('is not used up by a day in which all relations of a stage queue, whoever wakes the run', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const queueing = Array.from({ length: WIDEST }, (_, index) =>
      relationOf(`relation-${index}`, {
        read: () => Promise.reject(new RateLimitedError('source', 600, Date.now() + 1)),
      }),
    );
    const entity = await entityInLane(queueing);
    const end = Date.now() + 24 * 3600_000;
    let waits = 0;

    for (; Date.now() < end; waits++) {
      const { status, waitSeconds } = await entity.run();
      expect(status).toBe('wait');
      vi.setSystemTime(Date.now() + 1000 * waitSeconds);
    }

    // An entity may queue for three days, and has the rest for its work.
    expect(waits * (await eventsOfOneMore('wait'))).toBeLessThan(MOST_EVENTS / 3);
    // Each of them is asked again less and less often, and none of them is forgotten meanwhile.
    expect(waits).toBeGreaterThan(24 * 2);
  });
});

describe('the history of an import', () => {
  it('takes 4 transitions, and 3 per generation and 2 for the end of the loop', async () => {
    const entered = await statesEntered([]);

    expect(Object.fromEntries(OF_THE_IMPORT.map(state => [state, entered.get(state)]))).toEqual({
      'Start import': 1,
      'Choose entities': 2,
      'Is anything left': 2,
      'Migrate entities': 1,
      'Finish import': 1,
      'Is everything closed': 1,
      'Import ended': 1,
    });
  });
});
