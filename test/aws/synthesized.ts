import type { Template } from 'aws-cdk-lib/assertions';
import { synthesize as synthesizeStack } from '../support/service/synthesized-stack.ts';

export const DEPLOYMENT_NAME = 'GitLabBulkImports-test';

/** The template of a deployment of this name. */
export function synthesize(context: Record<string, string> = {}): Template {
  return synthesizeStack(context, DEPLOYMENT_NAME);
}

export interface DashboardWidget {
  type: string;
  properties: { title?: string; markdown?: string; metrics?: unknown[][]; query?: string; alarms?: string[] };
}

/** The body of the dashboard, with `token` in the place of whatever is known only after the deployment. */
export function dashboardOf(template: Template): {
  widgets: DashboardWidget[];
  start?: string;
  periodOverride?: string;
} {
  const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
  const body = dashboard?.Properties.DashboardBody as { 'Fn::Join': [string, unknown[]] };
  const text = body['Fn::Join'][1].map(part => (typeof part === 'string' ? part : 'token')).join('');
  return JSON.parse(text);
}

export interface DrawnMetric {
  namespace: string;
  name: string;
  /** Names and values. */
  dimensions: Record<string, string>;
}

/** Every metric that the dashboard draws, those inside SEARCH expressions included (their open values as `*`). */
export function metricsOfDashboard(template: Template): DrawnMetric[] {
  const lines = dashboardOf(template).widgets.flatMap(({ properties }) => properties.metrics ?? []);
  return lines.flatMap(line => {
    const first = line[0];
    if (typeof first === 'string') return [metricOfLine(line)];
    const { expression } = first as { expression?: string };
    return expression?.includes('SEARCH') ? [metricOfSearch(expression)] : [];
  });
}

function metricOfLine(line: unknown[]): DrawnMetric {
  const [namespace = '', name = '', ...rest] = line.filter(part => typeof part === 'string');
  const pairs = rest.flatMap((part, index) => (index % 2 === 0 ? [[part, rest[index + 1] ?? '']] : []));
  return { namespace, name, dimensions: Object.fromEntries(pairs) };
}

function metricOfSearch(expression: string): DrawnMetric {
  const schema = /\{([^}]*)\}/.exec(expression)?.[1]?.split(',') ?? [];
  const terms = Object.fromEntries(
    [...expression.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value ?? '']),
  );
  const [namespace = '', ...dimensions] = schema;
  return {
    namespace,
    name: terms.MetricName ?? '',
    dimensions: Object.fromEntries(dimensions.map(name => [name, terms[name] ?? '*'])),
  };
}

interface AlarmMetric {
  Namespace: string;
  MetricName: string;
  Dimensions?: { Name: string; Value: unknown }[];
}

export interface AlarmProperties extends Partial<AlarmMetric> {
  AlarmDescription: string;
  Threshold: number;
  ComparisonOperator: string;
  TreatMissingData: string;
  EvaluationPeriods: number;
  DatapointsToAlarm: number;
  AlarmActions: unknown[];
  Metrics?: { Expression?: string; MetricStat?: { Metric: AlarmMetric } }[];
}

/** The alarms by the name that the construct gives them, e.g. `ApiErrors`. */
export function alarmsOf(template: Template): Map<string, AlarmProperties> {
  return new Map(
    Object.entries(template.findResources('AWS::CloudWatch::Alarm')).map(([id, { Properties }]) => [
      id.replace(/^Alarms/, '').replace(/[0-9A-F]{8}$/, ''),
      Properties as AlarmProperties,
    ]),
  );
}

/** Every metric that an alarm watches. */
export function metricsOfAlarm(alarm: AlarmProperties): DrawnMetric[] {
  const inside = alarm.Metrics?.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric] : []));
  return (inside ?? [alarm as AlarmMetric]).map(({ Namespace, MetricName, Dimensions = [] }) => ({
    namespace: Namespace,
    name: MetricName,
    dimensions: Object.fromEntries(
      Dimensions.map(({ Name, Value }) => [Name, typeof Value === 'string' ? Value : 'token']),
    ),
  }));
}
