import { Duration, Stack } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  CustomWidget,
  Dashboard,
  GraphWidget,
  type GraphWidgetProps,
  type IMetric,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  MathExpression,
  PeriodOverride,
  SingleValueWidget,
  TextWidget,
  TextWidgetBackground,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { StateTransitionMetric } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { GROUP_PIPELINES } from '../../lambdas/pipelines/stages.ts';
import { OUTCOMES, RECORD_OUTCOMES, REQUEST_RESULTS } from '../../lambdas/shared/metrics.ts';
import type { DataStore } from './data-store.ts';
import type { Api } from './http-api.ts';
import { LOG_QUERIES } from './log-queries.ts';
import type { Reconciliation } from './reconciliation.ts';
import { type FunctionDefaults, ServiceFunction } from './service-function.ts';
import { deploymentOf, everyValueOf, ownMetric, partsOf, TABLE_OPERATIONS } from './service-metrics.ts';
import type { Workflow } from './workflow.ts';

/** CloudWatch's grid is 24 columns wide. */
const FULL = 24;
const HALF = 12;
const THIRD = 8;
const INSTANCES = ['source', 'destination'] as const;

export interface DashboardProps {
  api: Api;
  workflow: Workflow;
  reconciliation: Reconciliation;
  dataStore: DataStore;
  defaults: FunctionDefaults;
  alarms: Alarm[];
  /** Where `docs/runbook.md` can be read. */
  runbook: string;
}

/**
 * One page that answers an operator's questions from top to bottom: is anything wrong, what is being migrated and how
 * far, how fast, what fails and why, which GitLab slows us, then the parts of the service and what they cost.
 */
export class OperationsDashboard extends Construct {
  readonly url: string;
  /** Draws the imports in flight. */
  readonly progressWidget: ServiceFunction;
  readonly #props: DashboardProps;

  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    this.#props = props;
    this.progressWidget = new ServiceFunction(this, 'ProgressWidget', {
      kind: 'operations',
      file: 'progress-widget',
      description: 'Draws the imports in flight on the dashboard',
      defaults: props.defaults,
      speaksToGitLab: false,
    });
    props.dataStore.grantReadItems(this.progressWidget);

    const dashboard = new Dashboard(this, 'Dashboard', {
      dashboardName: deploymentOf(this),
      start: '-PT8H',
      periodOverride: PeriodOverride.AUTO,
    });
    const rows: IWidget[][] = [
      [this.#links()],
      ...this.#health(),
      ...this.#progress(),
      ...this.#speed(),
      ...this.#failures(),
      ...this.#instances(),
      ...this.#api(),
      ...this.#workflow(),
      ...this.#table(),
      ...this.#costs(),
    ];
    for (const row of rows) dashboard.addWidgets(...row);
    this.url = this.#console('cloudwatch', `dashboards/dashboard/${deploymentOf(this)}`);
  }

  #links(): TextWidget {
    const { api, workflow, dataStore, runbook } = this.#props;
    const links = {
      'Runs of the workflow': this.#console(
        'states',
        `/statemachines/view/${workflow.stateMachine.stateMachineArn}`,
      ),
      'Logs of all functions': this.#console('cloudwatch', 'logsV2:logs-insights'),
      'Log groups': this.#console(
        'cloudwatch',
        `logsV2:log-groups$3FlogGroupNameFilter$3D${deploymentOf(this)}`,
      ),
      Traces: this.#console('cloudwatch', 'xray:traces/query'),
      Alarms: this.#console('cloudwatch', `alarmsV2:?search=${deploymentOf(this)}`),
      Table: this.#console('dynamodbv2', `table?name=${dataStore.table.tableName}`),
      API: api.httpApi.apiEndpoint,
    };
    const list = Object.entries(links).map(([name, url]) => `[button:${name}](${url})`);
    const runbookLink = runbook.startsWith('http')
      ? `[button:primary:Runbook](${runbook})`
      : `Runbook: \`${runbook}\``;
    return new TextWidget({
      width: FULL,
      height: 2,
      markdown: `${[runbookLink, ...list].join(' ')}\n\nAll times and figures are of the deployment **${deploymentOf(this)}** only. Metrics of imports come every minute, those of open imports every 15 minutes.`,
      background: TextWidgetBackground.TRANSPARENT,
    });
  }

  #health(): IWidget[][] {
    const { alarms } = this.#props;
    return [
      [
        heading(
          'Is anything wrong?',
          'Red: open the alarm; its description names the article of the runbook.',
        ),
      ],
      [new AlarmStatusWidget({ title: 'Alarms', width: FULL, height: 5, alarms })],
    ];
  }

  #progress(): IWidget[][] {
    const now = { statistic: 'Maximum', period: Duration.minutes(15) };
    return [
      [heading('What is being migrated, and how far?')],
      [
        new CustomWidget({
          title: 'Imports in flight',
          functionArn: this.progressWidget.functionArn,
          width: FULL,
          height: 12,
          updateOnRefresh: true,
          updateOnResize: true,
          updateOnTimeRangeChange: false,
        }),
      ],
      [
        new SingleValueWidget({
          title: 'Open imports',
          width: FULL / 4,
          height: 6,
          metrics: [
            ownMetric(this, 'OpenImports', {}, { ...now, label: 'Open' }),
            ownMetric(this, 'OldestOpenImport', {}, { ...now, label: 'Oldest, age' }),
            ownMetric(this, 'LongestStandstill', {}, { ...now, label: 'Longest without progress' }),
          ],
        }),
        counts('Imports', FULL / 4, [
          ownMetric(this, 'ImportsStarted', {}, { label: 'started' }),
          ...OUTCOMES.map(outcome =>
            ownMetric(this, 'ImportsEnded', { Outcome: outcome }, { label: outcome }),
          ),
        ]),
        counts('Groups', FULL / 4, [
          ownMetric(this, 'EntitiesStarted', {}, { label: 'started' }),
          ...OUTCOMES.map(outcome =>
            ownMetric(this, 'EntitiesEnded', { Outcome: outcome }, { label: outcome }),
          ),
        ]),
        this.#query('Groups that ended last', 'endedEntities', this.#workflowLogs(), FULL / 4),
      ],
    ];
  }

  #speed(): IWidget[][] {
    return [
      [heading('How fast?')],
      [
        graph('Records per minute', THIRD, {
          stacked: true,
          left: RECORD_OUTCOMES.map(outcome =>
            perMinute(ownMetric(this, 'Records', { Outcome: outcome }), outcome),
          ),
        }),
        graph('Records imported per minute, by relation', THIRD, {
          stacked: true,
          left: relations().map(relation =>
            perMinute(ownMetric(this, 'Records', { Relation: relation, Outcome: 'imported' }), relation),
          ),
        }),
        graph('Duration of pipeline runs, p95', THIRD, {
          left: [...this.#props.workflow.pipelines].map(([label, target]) =>
            target.metricDuration({ statistic: 'p95', label }),
          ),
        }),
      ],
    ];
  }

  #failures(): IWidget[][] {
    const functions = [...this.#workflowLogs(), ...logsOf(this.#props.api.functions.values())];
    return [
      [heading('What fails, and why?', 'Every failed record has one failure; the API shows the same ones.')],
      [
        graph('Failures by class', THIRD, { stacked: true, left: [everyValueOf(this, 'Failures', 'Sum')] }),
        counts(
          'Failed records by relation',
          THIRD,
          relations().map(relation =>
            ownMetric(this, 'Records', { Relation: relation, Outcome: 'failed' }, { label: relation }),
          ),
        ),
        counts('Records that a source announced and did not send', THIRD, [
          ownMetric(this, 'RecordsMissing', {}, { label: 'missing' }),
        ]),
      ],
      [
        this.#query('Reasons', 'failureReasons', this.#workflowLogs()),
        this.#query('Last 20 failures', 'lastFailures', this.#workflowLogs()),
      ],
      [this.#query('Crashes and time-outs', 'crashes', functions, FULL)],
    ];
  }

  #instances(): IWidget[][] {
    return [
      [heading('Which GitLab slows us?')],
      [
        counts(
          'Requests by answer',
          FULL / 4,
          INSTANCES.flatMap(instance =>
            REQUEST_RESULTS.map(result =>
              ownMetric(
                this,
                'Requests',
                { Instance: instance, Result: result },
                { label: `${instance} ${result}` },
              ),
            ),
          ),
        ),
        graph('Time of a request', FULL / 4, {
          left: INSTANCES.flatMap(instance =>
            ['p50', 'p95'].map(statistic =>
              ownMetric(
                this,
                'RequestTime',
                { Instance: instance },
                { statistic, label: `${instance} ${statistic}` },
              ),
            ),
          ),
        }),
        graph('Remaining quota, least', FULL / 4, {
          left: INSTANCES.map(instance =>
            ownMetric(
              this,
              'RemainingQuota',
              { Instance: instance },
              { statistic: 'Minimum', label: instance },
            ),
          ),
        }),
        graph('Time that pipelines wait', FULL / 4, {
          left: INSTANCES.map(instance =>
            ownMetric(
              this,
              'WaitTime',
              { Instance: instance },
              { statistic: 'Sum', label: `${instance}, s` },
            ),
          ),
          right: INSTANCES.map(instance =>
            ownMetric(
              this,
              'WaitTime',
              { Instance: instance },
              { statistic: 'SampleCount', label: `${instance}, waits` },
            ),
          ),
        }),
      ],
      [
        this.#query('Requests that met trouble', 'slowOrFailingRequests', [
          ...this.#pipelineLogs(),
          ...logsOf(this.#props.api.functions.values()),
        ]),
        this.#query('Last 20 waits', 'waits', this.#pipelineLogs()),
      ],
    ];
  }

  #api(): IWidget[][] {
    const { httpApi, functions, accessLogs } = this.#props.api;
    return [
      [heading('The API')],
      [
        counts('Requests', THIRD, [
          httpApi.metricCount({ statistic: 'Sum', label: 'all' }),
          httpApi.metricClientError({ statistic: 'Sum', label: '4xx' }),
          httpApi.metricServerError({ statistic: 'Sum', label: '5xx' }),
        ]),
        graph('Latency', THIRD, {
          left: ['p50', 'p95', 'p99'].map(statistic =>
            httpApi.metricLatency({ statistic, label: statistic }),
          ),
        }),
        graph('Duration of functions, p95', THIRD, {
          left: [...functions].map(([label, target]) => target.metricDuration({ statistic: 'p95', label })),
        }),
      ],
      [this.#query('Answers of 500 and more, and slow ones', 'apiProblems', [accessLogs], FULL)],
    ];
  }

  #workflow(): IWidget[][] {
    const { workflow, reconciliation } = this.#props;
    const { stateMachine } = workflow;
    const sum = (label: string) => ({ statistic: 'Sum', label });
    const named = [...workflow.steps, ['reconcile', reconciliation.function] as const, ...workflow.pipelines];
    const each = (metricOf: (target: IFunction, label: string) => IMetric) =>
      named.map(([label, target]) => metricOf(target, label));
    return [
      [heading('The workflow', 'One execution per import, and below it one per group.')],
      [
        counts('Executions', FULL / 4, [
          stateMachine.metricStarted(sum('started')),
          stateMachine.metricSucceeded(sum('succeeded')),
          stateMachine.metricFailed(sum('failed')),
          stateMachine.metricTimedOut(sum('timed out')),
          stateMachine.metricAborted(sum('aborted')),
        ]),
        graph('Duration of executions', FULL / 4, {
          left: ['p50', 'p95'].map(statistic => stateMachine.metricTime({ statistic, label: statistic })),
        }),
        counts(
          'Crashes of functions',
          FULL / 4,
          each((target, label) => target.metricErrors({ label })),
        ),
        counts('Throttles of functions, and events that nobody could deal with', FULL / 4, [
          ...each((target, label) => target.metricThrottles({ label })),
          reconciliation.deadLetters.metricApproximateNumberOfMessagesVisible({
            statistic: 'Maximum',
            label: 'dead letters',
          }),
        ]),
      ],
    ];
  }

  #table(): IWidget[][] {
    const { table } = this.#props.dataStore;
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

  #costs(): IWidget[][] {
    const { api, workflow, reconciliation } = this.#props;
    const kinds: Record<string, ServiceFunction[]> = {
      pipelines: [...workflow.pipelines.values()],
      steps: [...workflow.steps.values(), reconciliation.function],
      API: [...api.functions.values()],
    };
    const perKind = (metricOf: (target: ServiceFunction) => IMetric, scale: number) =>
      Object.entries(kinds).map(([label, functions]) => total(functions.map(metricOf), label, scale));
    return [
      [
        heading(
          'What costs money?',
          'Compute, state transitions (of the whole account), and what is logged.',
        ),
      ],
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

  #query(title: string, query: keyof typeof LOG_QUERIES, groups: ILogGroup[], width = HALF): LogQueryWidget {
    return new LogQueryWidget({
      title,
      width,
      height: 6,
      view: LogQueryVisualizationType.TABLE,
      logGroupNames: groups.map(({ logGroupName }) => logGroupName),
      queryLines: [...LOG_QUERIES[query]],
    });
  }

  #pipelineLogs(): ILogGroup[] {
    return logsOf(this.#props.workflow.pipelines.values());
  }

  #workflowLogs(): ILogGroup[] {
    const { workflow, reconciliation } = this.#props;
    return [...this.#pipelineLogs(), ...logsOf([...workflow.steps.values(), reconciliation.function])];
  }

  #console(service: string, path: string): string {
    const { region } = Stack.of(this);
    return `https://${region}.console.aws.amazon.com/${service}/home?region=${region}#${path}`;
  }
}

function logsOf(functions: Iterable<ServiceFunction>): ILogGroup[] {
  return [...functions].map(({ logGroup }) => logGroup);
}

function relations(): string[] {
  return GROUP_PIPELINES.map(({ relation }) => relation);
}

function heading(title: string, text?: string): TextWidget {
  return new TextWidget({
    width: FULL,
    height: text === undefined ? 1 : 2,
    markdown: `## ${title}${text === undefined ? '' : `\n${text}`}`,
    background: TextWidgetBackground.TRANSPARENT,
  });
}

function graph(title: string, width: number, props: GraphWidgetProps): GraphWidget {
  return new GraphWidget({ title, width, height: 6, leftYAxis: { min: 0, showUnits: false }, ...props });
}

function counts(title: string, width: number, metrics: IMetric[]): GraphWidget {
  return graph(title, width, { left: metrics });
}

/** @param label a word; it is the id within the graph too */
function perMinute(metric: IMetric, label: string): MathExpression {
  return new MathExpression({
    expression: `60 * ${label} / PERIOD(${label})`,
    usingMetrics: { [label]: metric },
    label,
    period: Duration.minutes(1),
  });
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
