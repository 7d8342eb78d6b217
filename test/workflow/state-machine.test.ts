import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { GROUP_RELATIONS } from '../../lambdas/pipelines/stages.ts';
import { TIMEOUT_SECONDS } from '../../lambdas/platform/timeouts.ts';
import { LANES, WORKFLOW_STEPS } from '../../lambdas/workflow/steps.ts';
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
  Choices?: { Next: string; StringEquals?: string }[];
  OutputPath?: string;
  ResultPath?: string | null;
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

/** The states that write down why something failed. */
const LAST_RESORTS = ['Record crash', 'Record crash of relation', 'Fail entity', 'Fail import'];

/**
 * Those whose own errors nobody in their iteration can write down: the last two are the end of the line, and the error of
 * a relation that runs apart is that of the Map around it. After the end of an import nothing of it can fail.
 */
const WITHOUT_CATCH = ['Record crash of relation', 'Fail entity', 'Fail import', 'Begin verification'];

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

  it('uses the context object only where a Map hands over its item, and to start itself', () => {
    const elsewhere = JSON.stringify(machine, (name, value) =>
      name === 'ItemSelector' || name === 'StateMachineArn.$' ? undefined : value,
    );

    expect(text).toContain('$$.Map.Item.Value');
    expect(text).toContain('"StateMachineArn.$": "$$.StateMachine.Id"');
    expect(elsewhere).not.toContain('$$.');
  });

  it('runs entities as executions of their own, so that no history grows too long', () => {
    const modes = iterations.slice(1).map(({ ProcessorConfig }) => ProcessorConfig?.Mode);

    expect(modes).toEqual(['DISTRIBUTED', 'INLINE']);
    expect(machine.States['Migrate entities']?.ItemProcessor?.ProcessorConfig?.ExecutionType).toBe(
      'STANDARD',
    );
  });
});

describe('every task', () => {
  it.each(ofType('Task'))('%s has a time-out, a little longer than its function may run', (_, state) => {
    const isLane = state.Parameters?.['FunctionName.$'] !== undefined;
    const runs = isLane ? TIMEOUT_SECONDS.lane : TIMEOUT_SECONDS.workflow;

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

  it.each([...ofType('Task'), ...ofType('Map')].filter(([name]) => !WITHOUT_CATCH.includes(name)))(
    '%s hands every error to a state that writes it down',
    (_, state) => {
      const [caught, ...others] = state.Catch ?? [];

      expect(others).toEqual([]);
      expect(caught).toMatchObject({ ErrorEquals: ['States.ALL'], ResultPath: '$.error' });
      expect(LAST_RESORTS).toContain(caught?.Next);
    },
  );

  it('that begins a verification lets the import end as it has, whatever comes of it', () => {
    const begin = machine.States['Begin verification'];

    expect(begin).toMatchObject({ Next: 'Import ended', ResultPath: null });
    expect(begin?.Catch).toEqual([
      { ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Import ended' },
    ]);
  });
});

describe('a run', () => {
  const entity = machine.States['Migrate entities']?.ItemProcessor?.States ?? {};
  const apart = entity['Run relations apart']?.ItemProcessor?.States ?? {};
  const nextAfter = (state: State | undefined) =>
    Object.fromEntries((state?.Choices ?? []).map(({ StringEquals, Next }) => [StringEquals, Next]));

  it('of an entity is followed by what it answers, and by a crash when nobody knows the answer', () => {
    const choice = entity['Choose what follows'];

    expect(nextAfter(choice)).toEqual({
      continue: 'Run entity',
      wait: 'Wait for GitLab',
      split: 'Run relations apart',
      ended: 'Entity ended',
    });
    expect(choice?.Default).toBe('Unknown answer');
    expect(entity['Unknown answer']).toMatchObject({ ResultPath: '$.error', Next: 'Record crash' });
  });

  it('of a relation is followed by what it answers, and by the run of the entity in any other case', () => {
    const choice = apart['Has the relation ended'];

    expect(nextAfter(choice)).toEqual({ continue: 'Run relation', wait: 'Wait with the relation' });
    expect(choice?.Default).toBe('Relation ended');
    expect(entity['Run relations apart']?.Next).toBe('Run entity');
  });

  it('hands its whole answer to the next one, which is called by the lane that it names', () => {
    for (const state of [entity['Run entity'], apart['Run relation']]) {
      expect(state?.Parameters).toEqual({ 'FunctionName.$': '$.functionName', 'Payload.$': '$' });
      expect(state?.OutputPath).toBe('$.Payload');
    }
  });

  it('that died is followed by what is found out about it, as if the run had answered that', () => {
    expect(entity['Record crash']).toMatchObject({ OutputPath: '$.Payload', Next: 'Choose what follows' });
    expect(apart['Record crash of relation']).toMatchObject({
      OutputPath: '$.Payload',
      Next: 'Has the relation ended',
    });
  });

  it.each([
    ['Wait for GitLab', entity, 'Run entity'],
    ['Wait with the relation', apart, 'Run relation'],
  ])('goes on after %s, as long as it was told to wait', (name, of, next) => {
    expect(of[name]).toMatchObject({ Type: 'Wait', SecondsPath: '$.waitSeconds', Next: next });
  });

  it('leaves nothing behind in the state of the import: outputs of 1,000 entities must fit into it', () => {
    expect(entity['Entity ended']).toMatchObject({ Result: {}, End: true });
    expect(apart['Relation ended']).toMatchObject({ Result: {}, End: true });
    expect(machine.States['Migrate entities']?.ResultPath).toBeNull();
    expect(entity['Run relations apart']?.ResultPath).toBeNull();
  });
});

it.each(ofType('Choice'))('the choice %s has a default', (_, state) => {
  expect(state.Default).toEqual(expect.any(String));
});

it('the definition can be read alone: it has at most 250 lines', () => {
  const definition = readFileSync(new URL('../../state-machines/import.asl.json', import.meta.url), 'utf8');

  expect(definition.trimEnd().split('\n').length).toBeLessThanOrEqual(250);
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

  it.each(Object.values(LANES))('the lane %s exports a handler', async file => {
    const module = (await import(`../../lambdas/workflow/${file}.ts`)) as { handler?: unknown };

    expect(module.handler).toBeTypeOf('function');
  });
});

describe('the relations of a group', () => {
  it('have names that no other has, and the group comes alone and first', () => {
    const names = GROUP_RELATIONS.map(({ name }) => name);

    expect(new Set(names).size).toBe(names.length);
    expect(GROUP_RELATIONS.filter(({ stage }) => stage === 0).map(({ name }) => name)).toEqual(['group']);
    expect(GROUP_RELATIONS.filter(({ abortOnFailure }) => abortOnFailure).map(({ name }) => name)).toEqual([
      'group',
    ]);
    const [last] = GROUP_RELATIONS.filter(({ afterProjects }) => !afterProjects).slice(-1);
    expect(last?.name).toBe('subgroup_entities');
  });
});
