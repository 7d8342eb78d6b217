import type { IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { REQUEST_RESULTS } from '../../../lambdas/platform/metrics.ts';
import { ownMetric } from '../service-metrics.ts';
import { apiLogs, laneLogs, type MonitoredService } from './monitored-service.ts';
import { counts, graph, heading, logTable, QUARTER } from './widgets.ts';

const INSTANCES = ['source', 'destination'] as const;

/** How the source and the destination answer, and how long pipelines wait for them. */
export function gitlabRows(scope: Construct, service: MonitoredService): IWidget[][] {
  return [
    [heading('Which GitLab slows us?')],
    [
      counts(
        'Requests by answer',
        QUARTER,
        INSTANCES.flatMap(instance =>
          REQUEST_RESULTS.map(result =>
            ownMetric(
              scope,
              'Requests',
              { Instance: instance, Result: result },
              { label: `${instance} ${result}` },
            ),
          ),
        ),
      ),
      graph('Time of a request', QUARTER, {
        left: INSTANCES.flatMap(instance =>
          ['p50', 'p95'].map(statistic =>
            ownMetric(
              scope,
              'RequestTime',
              { Instance: instance },
              { statistic, label: `${instance} ${statistic}` },
            ),
          ),
        ),
      }),
      graph('Remaining quota, least', QUARTER, {
        left: INSTANCES.map(instance =>
          ownMetric(
            scope,
            'RemainingQuota',
            { Instance: instance },
            { statistic: 'Minimum', label: instance },
          ),
        ),
      }),
      graph('Time that pipelines wait', QUARTER, {
        left: INSTANCES.map(instance =>
          ownMetric(scope, 'WaitTime', { Instance: instance }, { statistic: 'Sum', label: `${instance}, s` }),
        ),
        right: INSTANCES.map(instance =>
          ownMetric(
            scope,
            'WaitTime',
            { Instance: instance },
            { statistic: 'SampleCount', label: `${instance}, waits` },
          ),
        ),
      }),
    ],
    [
      logTable('Requests that met trouble', 'slowOrFailingRequests', [
        ...laneLogs(service),
        ...apiLogs(service),
      ]),
      logTable('Last 20 waits', 'waits', laneLogs(service)),
    ],
  ];
}
