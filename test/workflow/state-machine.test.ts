import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { GROUP_PIPELINES, pipelineFile } from '../../lambdas/pipelines/stages.ts';
import { TIMEOUT_SECONDS } from '../../lambdas/platform/timeouts.ts';
import { WORKFLOW_STEPS } from '../../lambdas/workflow/steps.ts';
import { workflowDefinition } from '../../lib/workflow-definition.ts';

interface State {
  Type: string;
  Next?: string;
  End?: boolean;
  Default?: string;
  TimeoutSeconds?: number;
  Parameters?: { FunctionName?: string; 'FunctionName.$'?: string };
  Retry?: RetryPolicy[];
  Catch?: { ErrorEquals: string[]; ResultPath: string; Next: string }[];
  Choices?: { Next: string }[];
  ItemSelector?: unknown;
  ItemProcessor?: Iteration;
}

interface RetryPolicy {
  ErrorEquals: string[];
  IntervalSeconds: number;
  MaxAttempts: number;
  MaxDelaySeconds?: number;
}

interface Iteration {
  StartAt: string;
  States: Record<string, State>;
  ProcessorConfig?: { Mode: string; ExecutionType?: string };
  TimeoutSeconds?: number;
}

// The validator is CommonJS without types that NodeNext can use.
const validate = createRequire(import.meta.url)('asl-validator') as (definition: unknown) => {
  isValid: boolean;
  errorsText: (separator: string) => string;
};

const text = workflowDefinition();
const machine = JSON.parse(text) as Iteration;

function iterationsOf(iteration: Iteration): Iteration[] {
  const inner = Object.values(iteration.States).flatMap(({ ItemProcessor }) => ItemProcessor ?? []);
  return [iteration, ...inner.flatMap(iterationsOf)];
}

const iterations = iterationsOf(machine);
const states = iterations.flatMap(({ States }) => Object.entries(States));
const ofType = (type: string) => states.filter(([, state]) => state.Type === type);

/** The states that write down why something failed: nothing is left to go to when they fail themselves. */
const LAST_RESORTS = ['Fail pipeline', 'Fail entity', 'Fail import'];

/** Step Functions' limit for `MaxAttempts`; one every five minutes would last for 900 years. */
const MOST_ATTEMPTS = 99_999_999;

/** What `lambda:invoke` may answer that says nothing about the function that was to be run. */
const TROUBLE_OF_LAMBDA = [
  'Lambda.TooManyRequestsException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.EC2ThrottledException',
  'Lambda.EC2UnexpectedException',
  'Lambda.ENILimitReachedException',
  'Lambda.SubnetIPAddressLimitReachedException',
  'Lambda.ResourceConflictException',
  'Lambda.ResourceNotReadyException',
];

describe('the state machine', () => {
  it('is valid Amazon States Language', () => {
    const arn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
    const definition = JSON.parse(text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => arn(name)));

    const { isValid, errorsText } = validate(definition);

    expect(errorsText('\n')).toBe('');
    expect(isValid).toBe(true);
  });

  it('has names that occur once only, none of them a word of the language', () => {
    const names = states.map(([name]) => name);

    expect(new Set(names).size).toBe(names.length);
    expect(names.filter(name => ['Next', 'Default', 'StartAt', 'End', 'States'].includes(name))).toEqual([]);
  });

  it('leads from every state to states of the same iteration only, and reaches each', () => {
    for (const { StartAt, States } of iterations) {
      const targets = Object.values(States).flatMap(state => [
        state.Next ?? [],
        state.Default ?? [],
        ...(state.Choices ?? []).map(({ Next }) => Next),
        ...(state.Catch ?? []).map(({ Next }) => Next),
      ]);
      const reached = new Set([StartAt, ...targets.flat()]);

      expect([...reached].sort()).toEqual(Object.keys(States).sort());
    }
  });

  it('ends at some time', () => {
    expect(machine.TimeoutSeconds).toBe(14 * 24 * 3600);
  });

  it('is read by JSONPath only', () => {
    expect(text).not.toMatch(/QueryLanguage|JSONata|\{%/);
  });

  it('uses the context object only where a Map hands over its item', () => {
    const elsewhere = JSON.stringify(machine, (name, value) => (name === 'ItemSelector' ? undefined : value));

    expect(text).toContain('$$.Map.Item.Value');
    expect(elsewhere).not.toContain('$$.');
  });

  it('runs entities as executions of their own, so that no history grows too long', () => {
    const modes = iterations.slice(1).map(({ ProcessorConfig }) => ProcessorConfig?.Mode);

    expect(modes).toEqual(['DISTRIBUTED', 'INLINE', 'INLINE']);
    expect(machine.States['Migrate entities']?.ItemProcessor?.ProcessorConfig?.ExecutionType).toBe(
      'STANDARD',
    );
  });
});

describe('every task', () => {
  it.each(ofType('Task'))('%s has a time-out, a little longer than its function may run', (_, state) => {
    const isPipeline = state.Parameters?.['FunctionName.$'] !== undefined;
    const runs = isPipeline ? TIMEOUT_SECONDS.pipeline : TIMEOUT_SECONDS.workflow;

    expect(state.TimeoutSeconds).toBe(runs + 30);
  });

  it.each(ofType('Task'))('%s waits for Lambda as long as the execution lives', (_, { Retry = [] }) => {
    // The first policy that names an error stands; States.TaskFailed is every error but a time-out.
    const policyOf = (error: string) =>
      Retry.find(({ ErrorEquals }) => [error, 'States.TaskFailed'].some(name => ErrorEquals.includes(name)));

    for (const error of TROUBLE_OF_LAMBDA) {
      const policy = policyOf(error);
      expect([error, policy?.MaxAttempts]).toEqual([error, MOST_ATTEMPTS]);
      expect(policy?.MaxDelaySeconds).toBeGreaterThan(policy?.IntervalSeconds ?? 0);
    }
  });

  it.each(ofType('Task'))('%s is tried again twice when the function crashes', (_, { Retry = [] }) => {
    for (const error of ['States.TaskFailed', 'States.Timeout']) {
      const policies = Retry.filter(({ ErrorEquals }) => ErrorEquals.includes(error));
      expect([error, policies.map(({ MaxAttempts }) => MaxAttempts)]).toEqual([error, [2]]);
    }
  });

  it.each(
    [...ofType('Task'), ...ofType('Map')].filter(
      ([name]) => ![...LAST_RESORTS, 'Run pipelines of the stage'].includes(name),
    ),
  )('%s hands every error to a state that writes it down', (_, state) => {
    const [caught, ...others] = state.Catch ?? [];

    expect(others).toEqual([]);
    expect(caught).toMatchObject({ ErrorEquals: ['States.ALL'], ResultPath: '$.error' });
    expect(LAST_RESORTS).toContain(caught?.Next);
  });
});

it.each(ofType('Choice'))('the choice %s has a default', (_, state) => {
  expect(state.Default).toEqual(expect.any(String));
});

describe('the functions', () => {
  const placeholders = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name ?? '');

  it('of the state machine are exactly the steps of the workflow', () => {
    expect([...new Set(placeholders)].sort()).toEqual(Object.keys(WORKFLOW_STEPS).sort());
  });

  it.each(Object.values(WORKFLOW_STEPS))('the step %s exports a handler', async file => {
    const module = (await import(`../../lambdas/workflow/${file}.ts`)) as { handler?: unknown };

    expect(module.handler).toBeTypeOf('function');
  });

  it.each(GROUP_PIPELINES.map(({ name }) => name))(
    'the pipeline %s has a file that exports a handler',
    async name => {
      const file = `../../lambdas/pipelines/${pipelineFile(name)}.ts`;

      expect(existsSync(new URL(file, import.meta.url))).toBe(true);
      const module = (await import(file)) as { handler?: unknown };
      expect(module.handler).toBeTypeOf('function');
    },
  );

  it('of the pipelines have names that no other has, and the group comes alone and first', () => {
    const names = GROUP_PIPELINES.map(({ name }) => name);

    expect(new Set(names).size).toBe(names.length);
    expect(GROUP_PIPELINES.filter(({ stage }) => stage === 0).map(({ name }) => name)).toEqual(['group']);
    expect(GROUP_PIPELINES.filter(({ abortOnFailure }) => abortOnFailure).map(({ name }) => name)).toEqual([
      'group',
    ]);
    expect(GROUP_PIPELINES.at(-1)?.name).toBe('subgroup_entities');
  });
});
