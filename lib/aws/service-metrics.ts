import { Duration, Stack } from 'aws-cdk-lib';
import {
  type IMetric,
  MathExpression,
  Metric,
  type MetricOptions,
  SearchExpression,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Operation } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import {
  DEPLOYMENT,
  type DimensionValues,
  dimensionSets,
  METRICS,
  METRICS_NAMESPACE,
  type MetricName,
} from '../../lambdas/platform/metrics.ts';

/** The name under which a deployment's metrics are found. */
export function deploymentOf(scope: Construct): string {
  return Stack.of(scope).stackName;
}

/**
 * A metric that the Lambdas of this deployment emit.
 *
 * @param dimensions one of the metric's sets of dimensions, with values
 * @throws when the metric is not emitted with just these dimensions
 */
export function ownMetric<Name extends MetricName>(
  scope: Construct,
  name: Name,
  dimensions: Partial<DimensionValues<Name>>,
  options: MetricOptions = {},
): Metric {
  const dimensionsMap = { [DEPLOYMENT]: deploymentOf(scope), ...dimensions };
  const names = Object.keys(dimensionsMap).sort().join();
  if (!dimensionSets(name).some(set => set.toSorted().join() === names)) {
    throw new Error(`The metric ${name} is not emitted with the dimensions ${names}.`);
  }
  return new Metric({
    namespace: METRICS_NAMESPACE,
    metricName: name,
    dimensionsMap,
    statistic: METRICS[name].combine === 'sum' ? 'Sum' : 'Average',
    period: Duration.minutes(5),
    ...options,
  });
}

/** All values of the one dimension that a metric has besides the deployment, where they are not known in advance. */
export function everyValueOf(scope: Construct, name: MetricName, statistic: string): SearchExpression {
  const [dimensions = []] = dimensionSets(name);
  return new SearchExpression({
    expression: `SEARCH('{${[METRICS_NAMESPACE, ...dimensions].join()}} MetricName="${name}" ${DEPLOYMENT}="${deploymentOf(scope)}"', '${statistic}')`,
    label: '',
    period: Duration.minutes(5),
  });
}

/** What the functions do with the table; each is a dimension of its throttles and system errors. */
export const TABLE_OPERATIONS = [
  Operation.GET_ITEM,
  Operation.BATCH_GET_ITEM,
  Operation.QUERY,
  Operation.PUT_ITEM,
  Operation.UPDATE_ITEM,
  Operation.DELETE_ITEM,
];

/** The metrics that a table's metric for several operations adds up. */
export function partsOf(metric: IMetric): IMetric[] {
  return metric instanceof MathExpression ? Object.values(metric.usingMetrics) : [metric];
}
