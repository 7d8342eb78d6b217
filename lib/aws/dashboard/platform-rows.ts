import { type IMetric, type IWidget, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { StateTransitionMetric } from 'aws-cdk-lib/aws-stepfunctions';
import type { ServiceFunction } from '../service-function.ts';
import { partsOf, TABLE_OPERATIONS } from '../service-metrics.ts';
import type { MonitoredService } from './monitored-service.ts';
import { counts, FULL, graph, heading, logTable, QUARTER, THIRD } from './widgets.ts';

export function apiRows({ api }: MonitoredService): IWidget[][] {
  const { httpApi, functions, accessLogs } = api;
  return [
    [heading('The API')],
    [
      counts('Requests', THIRD, [
        httpApi.metricCount({ statistic: 'Sum', label: 'all' }),
        httpApi.metricClientError({ statistic: 'Sum', label: '4xx' }),
        httpApi.metricServerError({ statistic: 'Sum', label: '5xx' }),
      ]),
      graph('Latency', THIRD, {
        left: ['p50', 'p95', 'p99'].map(statistic => httpApi.metricLatency({ statistic, label: statistic })),
      }),
      graph('Duration of functions, p95', THIRD, {
        left: [...functions].map(([label, target]) => target.metricDuration({ statistic: 'p95', label })),
      }),
    ],
    [logTable('Answers of 500 and more, and slow ones', 'apiProblems', [accessLogs], FULL)],
  ];
}

export function workflowRows({ workflow, reconciliation }: MonitoredService): IWidget[][] {
  const { stateMachine } = workflow;
  const sum = (label: string) => ({ statistic: 'Sum', label });
  const named = [...workflow.steps, ['reconcile', reconciliation.function] as const, ...workflow.lanes];
  const each = (metricOf: (target: IFunction, label: string) => IMetric) =>
    named.map(([label, target]) => metricOf(target, label));
  return [
    [heading('The workflow', 'One execution per import, and below it one per group.')],
    [
      counts('Executions', QUARTER, [
        stateMachine.metricStarted(sum('started')),
        stateMachine.metricSucceeded(sum('succeeded')),
        stateMachine.metricFailed(sum('failed')),
        stateMachine.metricTimedOut(sum('timed out')),
        stateMachine.metricAborted(sum('aborted')),
      ]),
      graph('Duration of executions', QUARTER, {
        left: ['p50', 'p95'].map(statistic => stateMachine.metricTime({ statistic, label: statistic })),
      }),
      counts(
        'Crashes of functions',
        QUARTER,
        each((target, label) => target.metricErrors({ label })),
      ),
      counts('Throttles of functions, and events that nobody could deal with', QUARTER, [
        ...each((target, label) => target.metricThrottles({ label })),
        reconciliation.deadLetters.metricApproximateNumberOfMessagesVisible({
          statistic: 'Maximum',
          label: 'dead letters',
        }),
      ]),
    ],
  ];
}

export function tableRows({ dataStore }: MonitoredService): IWidget[][] {
  const { table } = dataStore;
  const operations = { operations: TABLE_OPERATIONS };
  return [
    [heading('The table')],
    [
      graph('Consumed capacity', THIRD, {
        left: [
          table.metricConsumedReadCapacityUnits({ label: 'read units' }),
          table.metricConsumedWriteCapacityUnits({ label: 'write units' }),
        ],
      }),
      counts('Throttled requests and errors', THIRD, [
        ...partsOf(table.metricThrottledRequestsForOperations(operations)),
        ...partsOf(table.metricSystemErrorsForOperations(operations)),
        table.metricConditionalCheckFailedRequests({ label: 'conditions not met' }),
      ]),
      graph('Latency, p99', THIRD, {
        left: TABLE_OPERATIONS.map(operation =>
          table.metricSuccessfulRequestLatency({
            dimensionsMap: { Operation: operation },
            statistic: 'p99',
            label: operation,
          }),
        ),
      }),
    ],
  ];
}

export function costRows({ api, workflow, reconciliation }: MonitoredService): IWidget[][] {
  const kinds: Record<string, ServiceFunction[]> = {
    lanes: [...workflow.lanes.values()],
    steps: [...workflow.steps.values(), reconciliation.function],
    API: [...api.functions.values()],
  };
  const perKind = (metricOf: (target: ServiceFunction) => IMetric, scale: number) =>
    Object.entries(kinds).map(([label, functions]) => total(functions.map(metricOf), label, scale));
  return [
    [heading('What costs money?', 'Compute, state transitions (of the whole account), and what is logged.')],
    [
      graph('Seconds of Lambda', THIRD, {
        stacked: true,
        left: perKind(target => target.metricDuration({ statistic: 'Sum' }), 1 / 1000),
      }),
      graph('State transitions per second', THIRD, {
        left: [StateTransitionMetric.metricConsumedCapacity({ label: 'transitions' })],
      }),
      graph('Logs, MB', THIRD, {
        stacked: true,
        left: perKind(target => target.logGroup.metricIncomingBytes({ statistic: 'Sum' }), 1e-6),
      }),
    ],
  ];
}

/** @param label a word; it begins the ids within the graph too */
function total(metrics: IMetric[], label: string, scale: number): MathExpression {
  const usingMetrics = Object.fromEntries(
    metrics.map((metric, index) => [`${label.toLowerCase()}${index}`, metric]),
  );
  return new MathExpression({
    expression: `${scale} * SUM([${Object.keys(usingMetrics).join(', ')}])`,
    usingMetrics,
    label,
  });
}
