import { Duration } from 'aws-cdk-lib';
import {
  CustomWidget,
  type IMetric,
  type IWidget,
  MathExpression,
  SingleValueWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { GROUP_RELATIONS, PROJECT_RELATIONS } from '../../../lambdas/pipelines/stages.ts';
import { OUTCOMES, RECORD_OUTCOMES } from '../../../lambdas/platform/metrics.ts';
import { everyValueOf, ownMetric } from '../service-metrics.ts';
import { apiLogs, type MonitoredService, workflowLogs } from './monitored-service.ts';
import { counts, FULL, graph, heading, logTable, QUARTER, THIRD } from './widgets.ts';

/** @param progressWidget draws the imports in flight */
export function progressRows(
  scope: Construct,
  service: MonitoredService,
  progressWidget: IFunction,
): IWidget[][] {
  const now = { statistic: 'Maximum', period: Duration.minutes(15) };
  return [
    [heading('What is being migrated, and how far?')],
    [
      new CustomWidget({
        title: 'Imports in flight',
        functionArn: progressWidget.functionArn,
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
        width: QUARTER,
        height: 6,
        metrics: [
          ownMetric(scope, 'OpenImports', {}, { ...now, label: 'Open' }),
          ownMetric(scope, 'OldestOpenImport', {}, { ...now, label: 'Oldest, age' }),
          ownMetric(scope, 'LongestStandstill', {}, { ...now, label: 'Longest without progress' }),
        ],
      }),
      counts('Imports', QUARTER, [
        ownMetric(scope, 'ImportsStarted', {}, { label: 'started' }),
        ...OUTCOMES.map(outcome =>
          ownMetric(scope, 'ImportsEnded', { Outcome: outcome }, { label: outcome }),
        ),
      ]),
      counts('Groups', QUARTER, [
        ownMetric(scope, 'EntitiesStarted', {}, { label: 'started' }),
        ...OUTCOMES.map(outcome =>
          ownMetric(scope, 'EntitiesEnded', { Outcome: outcome }, { label: outcome }),
        ),
      ]),
      logTable('Groups that ended last', 'endedEntities', workflowLogs(service), QUARTER),
    ],
  ];
}

export function speedRows(scope: Construct): IWidget[][] {
  return [
    [heading('How fast?')],
    [
      graph('Records per minute', THIRD, {
        stacked: true,
        left: RECORD_OUTCOMES.map(outcome =>
          perMinute(ownMetric(scope, 'Records', { Outcome: outcome }), outcome),
        ),
      }),
      graph('Records imported per minute, by relation', THIRD, {
        stacked: true,
        left: relations().map(relation =>
          perMinute(ownMetric(scope, 'Records', { Relation: relation, Outcome: 'imported' }), relation),
        ),
      }),
      graph('Time of a run in each relation, p95, ms', THIRD, {
        left: relations().map(relation =>
          ownMetric(scope, 'RelationTime', { Relation: relation }, { statistic: 'p95', label: relation }),
        ),
      }),
    ],
  ];
}

export function projectRows(scope: Construct): IWidget[][] {
  return [
    [
      heading(
        'How do projects travel?',
        'An export and an import are jobs of the GitLabs. While we wait for one, it is looked at every five minutes at the latest.',
      ),
    ],
    [
      counts('Waits for jobs', QUARTER, [
        ownMetric(scope, 'JobWaits', { Instance: 'source' }, { label: 'exports' }),
        ownMetric(scope, 'JobWaits', { Instance: 'destination' }, { label: 'imports' }),
      ]),
      counts('Jobs that took too long', QUARTER, [
        ownMetric(scope, 'JobDeadlines', {}, { label: 'given up' }),
      ]),
      counts('Bytes of archives from sources', QUARTER, [
        ownMetric(scope, 'ArchiveBytes', {}, { label: 'bytes' }),
      ]),
      counts('Archives that a destination fetched', QUARTER, [
        ownMetric(scope, 'ArchiveFetches', { Method: 'HEAD' }, { label: 'asked about' }),
        ownMetric(scope, 'ArchiveFetches', { Method: 'GET' }, { label: 'fetched' }),
      ]),
    ],
  ];
}

export function failureRows(scope: Construct, service: MonitoredService): IWidget[][] {
  const functions = [...workflowLogs(service), ...apiLogs(service)];
  return [
    [heading('What fails, and why?', 'Every failed record has one failure; the API shows the same ones.')],
    [
      graph('Failures by class', THIRD, { stacked: true, left: [everyValueOf(scope, 'Failures', 'Sum')] }),
      counts(
        'Failed records by relation',
        THIRD,
        relations().map(relation =>
          ownMetric(scope, 'Records', { Relation: relation, Outcome: 'failed' }, { label: relation }),
        ),
      ),
      counts('Records that a source announced and did not send', THIRD, [
        ownMetric(scope, 'RecordsMissing', {}, { label: 'missing' }),
      ]),
    ],
    [
      logTable('Reasons', 'failureReasons', workflowLogs(service)),
      logTable('Last 20 failures', 'lastFailures', workflowLogs(service)),
    ],
    [logTable('Crashes and time-outs', 'crashes', functions, FULL)],
  ];
}

function relations(): string[] {
  return [...new Set([...GROUP_RELATIONS, ...PROJECT_RELATIONS].map(({ relation }) => relation))];
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
