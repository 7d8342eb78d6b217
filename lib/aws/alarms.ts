import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { RECONCILE_CAUSES } from '../../lambdas/platform/metrics.ts';
import { TIMEOUT_SECONDS } from '../../lambdas/platform/timeouts.ts';
import type { Api } from './http-api.ts';
import type { Reconciliation } from './reconciliation.ts';
import { ownMetric, partsOf, TABLE_OPERATIONS } from './service-metrics.ts';
import type { Workflow } from './workflow.ts';

const FIVE_MINUTES = Duration.minutes(5);
/** Two turns of the reconciler, so that a late one leaves no hole. */
const RECONCILER = Duration.minutes(30);
/** CloudWatch's limit for the metrics in the expression of an alarm. */
const MOST_METRICS = 10;

export interface AlarmsProps {
  api: Api;
  workflow: Workflow;
  reconciliation: Reconciliation;
  table: Table;
  /** Who is told. Nobody without it: the topic is there, and can be subscribed to. */
  email?: string;
  /** Where `docs/runbook.md` can be read. */
  runbook: string;
}

interface AlarmDefinition {
  /** Heading of the runbook's article, as an anchor. */
  article: string;
  says: string;
  metric: IMetric;
  /** The alarm goes off above this. */
  above: number;
  /** So many of so many periods; 1 of 1 unless given. */
  periods?: { bad: number; of: number };
}

/** Everything that should wake somebody up. Each alarm names its article in the runbook. */
export class Alarms extends Construct {
  readonly topic: Topic;
  readonly all: Alarm[] = [];
  readonly #runbook: string;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.#runbook = props.runbook;
    this.topic = this.#topic(props.email);
    this.#watchApi(props.api);
    this.#watchWorkflow(props);
    this.#watchImports();
    this.#watchFunctions(props);
    this.#watchTable(props.table);
  }

  #watchApi({ httpApi }: Api): void {
    this.#add('ApiErrors', {
      article: 'api-errors',
      says: 'More than 1 % of the API requests end in a 5xx.',
      metric: new MathExpression({
        expression: 'IF(errors >= 5, 100 * errors / requests, 0)',
        usingMetrics: {
          errors: httpApi.metricServerError({ statistic: 'Sum' }),
          requests: httpApi.metricCount({ statistic: 'Sum' }),
        },
        label: '5xx, %',
        period: FIVE_MINUTES,
      }),
      above: 1,
      periods: { bad: 2, of: 3 },
    });
    this.#add('ApiLatency', {
      article: 'api-latency',
      says: 'One of a hundred API requests takes more than 3 s.',
      metric: httpApi.metricLatency({ statistic: 'p99', period: FIVE_MINUTES }),
      above: 3_000,
      periods: { bad: 2, of: 3 },
    });
  }

  #watchWorkflow({ workflow: { stateMachine }, reconciliation }: AlarmsProps): void {
    const sum = { statistic: 'Sum', period: FIVE_MINUTES };
    this.#add('ExecutionsFailed', {
      article: 'executions-failed',
      says: 'An execution of the import workflow failed or took longer than 14 days.',
      metric: over('SUM', 'Executions', [stateMachine.metricFailed(sum), stateMachine.metricTimedOut(sum)]),
      above: 0,
    });
    this.#add('ImportsReconciled', {
      article: 'imports-reconciled',
      says: 'An import had to be closed from outside: its execution was stopped, never started, or is stale.',
      metric: over(
        'SUM',
        'Imports',
        RECONCILE_CAUSES.map(cause => ownMetric(this, 'ImportsReconciled', { Cause: cause })),
      ),
      above: 0,
    });
    this.#add('DeadLetters', {
      article: 'dead-letters',
      says: 'An event that closes imports could not be delivered, or the reconciler failed at it.',
      metric: reconciliation.deadLetters.metricApproximateNumberOfMessagesVisible({
        statistic: 'Maximum',
        period: FIVE_MINUTES,
      }),
      above: 0,
    });
  }

  #watchImports(): void {
    const latest = { statistic: 'Maximum', period: RECONCILER };
    this.#add('OldestOpenImport', {
      article: 'oldest-open-import',
      says: 'An import has been running for more than 24 hours.',
      metric: ownMetric(this, 'OldestOpenImport', {}, latest),
      above: 24 * 3600,
    });
    this.#add('Standstill', {
      article: 'standstill',
      says: 'An import is running and has saved nothing for more than 30 minutes.',
      metric: ownMetric(this, 'LongestStandstill', {}, latest),
      above: 30 * 60,
    });
    this.#add('JobDeadlines', {
      article: 'job-deadlines',
      says: 'A GitLab has not finished the export or import of a project in the time that it may take.',
      metric: ownMetric(this, 'JobDeadlines', {}),
      above: 0,
    });
    this.#add('RecordsMissing', {
      article: 'records-missing',
      says: 'A source announced more records than it sent.',
      metric: ownMetric(this, 'RecordsMissing', {}),
      above: 0,
    });
  }

  #watchFunctions({ api, workflow, reconciliation }: AlarmsProps): void {
    const groups: { name: string; functions: IFunction[]; timeout: number; share: number }[] = [
      { name: 'Api', functions: [...api.functions.values()], timeout: TIMEOUT_SECONDS.api, share: 0.8 },
      {
        name: 'Workflow',
        functions: [...workflow.steps.values(), reconciliation.function],
        timeout: TIMEOUT_SECONDS.workflow,
        share: 0.8,
      },
      // A lane uses its time on purpose and returns when less than 30 s are left; later than that it is in danger.
      {
        name: 'Lane',
        functions: [...workflow.lanes.values()],
        timeout: TIMEOUT_SECONDS.lane,
        share: 0.99,
      },
    ];
    for (const { name, functions, timeout, share } of groups) {
      const parts = evenly(functions);
      for (const [index, part] of parts.entries()) {
        const suffix = parts.length > 1 ? String(index + 1) : '';
        const which = `${name} functions${suffix && ` (${index + 1} of ${parts.length})`}`;
        this.#add(`${name}FunctionErrors${suffix}`, {
          article: 'function-errors',
          says: `${which}: one of them crashes in more than 1 % of its invocations.`,
          // A function reports 0 or 1 per invocation, so the average is the rate.
          metric: over(
            'MAX',
            'Errors, share of 1',
            part.map(target => target.metricErrors({ statistic: 'Average' })),
          ),
          above: 0.01,
        });
        this.#add(`${name}FunctionThrottles${suffix}`, {
          article: 'function-throttles',
          says: `${which}: Lambda refuses to run them.`,
          metric: over(
            'SUM',
            'Throttles',
            part.map(target => target.metricThrottles()),
          ),
          above: 0,
        });
        this.#add(`${name}FunctionDuration${suffix}`, {
          article: 'function-duration',
          says: `${which}: one of them takes more than ${100 * share} % of the ${timeout} s that it has.`,
          metric: over(
            'MAX',
            'p99, ms',
            part.map(target => target.metricDuration({ statistic: 'p99' })),
          ),
          above: 1000 * timeout * share,
        });
      }
    }
  }

  #watchTable(table: Table): void {
    const options = { operations: TABLE_OPERATIONS, period: FIVE_MINUTES };
    this.#add('TableThrottles', {
      article: 'table-throttles',
      says: 'DynamoDB throttles requests to the table.',
      metric: over('SUM', 'Throttled', partsOf(table.metricThrottledRequestsForOperations(options))),
      above: 0,
    });
    this.#add('TableErrors', {
      article: 'table-errors',
      says: 'DynamoDB answers requests to the table with errors of its own.',
      metric: over('SUM', 'Errors', partsOf(table.metricSystemErrorsForOperations(options))),
      above: 0,
    });
  }

  #add(id: string, { article, says, metric, above, periods = { bad: 1, of: 1 } }: AlarmDefinition): void {
    const alarm = new Alarm(this, id, {
      alarmDescription: `${says} What to do: ${this.#runbook}#${article}`,
      metric,
      threshold: above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: periods.of,
      datapointsToAlarm: periods.bad,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    const action = new SnsAction(this.topic);
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
    this.all.push(alarm);
  }

  /** CloudWatch can only use a topic whose key and policy let it, which AWS's own key for SNS does not. */
  #topic(email: string | undefined): Topic {
    const cloudWatch = new ServicePrincipal('cloudwatch.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
    });
    const key = new Key(this, 'TopicKey', {
      description: 'Encrypts what alarms tell',
      enableKeyRotation: true,
    });
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: [cloudWatch],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
      }),
    );
    const topic = new Topic(this, 'Topic', { masterKey: key, enforceSSL: true });
    topic.grantPublish(cloudWatch);
    if (email !== undefined) topic.addSubscription(new EmailSubscription(email));
    return topic;
  }
}

/** Parts of nearly the same size, none larger than an alarm's expression may be. */
function evenly<T>(items: T[]): T[][] {
  const size = Math.ceil(items.length / Math.ceil(items.length / MOST_METRICS));
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/** One value of several metrics. Unlike `a + b` it has a value when only some of them have one. */
function over(reduce: 'SUM' | 'MAX', label: string, metrics: IMetric[]): MathExpression {
  const usingMetrics = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  return new MathExpression({
    expression: `${reduce}([${Object.keys(usingMetrics).join(', ')}])`,
    usingMetrics,
    label,
    period: FIVE_MINUTES,
  });
}
