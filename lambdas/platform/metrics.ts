/**
 * Every metric of this service, in one list: the Lambdas emit from it, the dashboard draws from it, the alarms watch
 * it. Dimensions have few values each, because CloudWatch bills every combination as a metric of its own; what
 * identifies a single import (ids) goes into the same log line as properties, where Logs Insights finds it.
 *
 * A metric is a log line in CloudWatch's embedded metric format, so nothing is called and nothing can fail.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */

export const METRICS_NAMESPACE = 'GitLabBulkImports';

/** Dimension of every metric: several deployments can live in one account. */
export const DEPLOYMENT = 'Deployment';

export interface MetricDefinition {
  unit: 'Count' | 'Seconds' | 'Milliseconds' | 'Bytes';
  /** Sets of dimensions under which it can be read, besides `Deployment`, which is part of each. */
  dimensions: readonly (readonly string[])[];
  /** What becomes of several values in one line: their sum, their least, or each of them (for percentiles). */
  combine: 'sum' | 'least' | 'each';
}

export const METRICS = {
  ImportsStarted: { unit: 'Count', dimensions: [[]], combine: 'sum' },
  /** `Outcome`: see `outcomeOf`. */
  ImportsEnded: { unit: 'Count', dimensions: [['Outcome']], combine: 'sum' },
  EntitiesStarted: { unit: 'Count', dimensions: [[]], combine: 'sum' },
  EntitiesEnded: { unit: 'Count', dimensions: [['Outcome']], combine: 'sum' },
  /** Records dealt with, when they are saved. `Outcome`: imported, skipped, failed. */
  Records: { unit: 'Count', dimensions: [['Outcome'], ['Relation', 'Outcome']], combine: 'sum' },
  /** How long a run had a relation in hand, waits within the run included. */
  RelationTime: { unit: 'Milliseconds', dimensions: [['Relation']], combine: 'each' },
  /** Records that a source announced and did not send, at the end of a pipeline. */
  RecordsMissing: { unit: 'Count', dimensions: [[]], combine: 'sum' },
  /** Failure rows written, by their `exception_class`. */
  Failures: { unit: 'Count', dimensions: [['ExceptionClass']], combine: 'sum' },
  /** How long a pipeline was sent to wait; the number of samples is the number of waits. */
  WaitTime: { unit: 'Seconds', dimensions: [['Instance']], combine: 'each' },
  /** `Instance`: source, destination. `Result`: ok, refused, throttled (429), failed (5xx), no_answer. */
  Requests: { unit: 'Count', dimensions: [['Instance', 'Result']], combine: 'sum' },
  RequestTime: { unit: 'Milliseconds', dimensions: [['Instance']], combine: 'each' },
  /** `RateLimit-Remaining` of the answers, where a GitLab sends it. */
  RemainingQuota: { unit: 'Count', dimensions: [['Instance']], combine: 'least' },
  /** Waits for a job of a GitLab: one for each look at it. */
  JobWaits: { unit: 'Count', dimensions: [['Instance']], combine: 'sum' },
  /** Jobs of a GitLab (export, import of a project) that were waited for longer than they may take. */
  JobDeadlines: { unit: 'Count', dimensions: [[]], combine: 'sum' },
  /** Bytes of archives that were taken from a source. */
  ArchiveBytes: { unit: 'Bytes', dimensions: [[]], combine: 'sum' },
  /** The next three come from the reconciler, every 15 minutes, also when nothing is open (0). */
  OpenImports: { unit: 'Count', dimensions: [[]], combine: 'sum' },
  OldestOpenImport: { unit: 'Seconds', dimensions: [[]], combine: 'sum' },
  /** Time since anything was saved, for the running import for which it is the longest. */
  LongestStandstill: { unit: 'Seconds', dimensions: [[]], combine: 'sum' },
  /** Requests for archives by their links. `Method`: GET, HEAD. */
  ArchiveFetches: { unit: 'Count', dimensions: [['Method']], combine: 'sum' },
  /** Imports that the reconciler had to close. `Cause`: never_started, workflow_ended, stale. */
  ImportsReconciled: { unit: 'Count', dimensions: [['Cause']], combine: 'sum' },
} as const satisfies Record<string, MetricDefinition>;

/** By these migrations are counted: a plan, which moves nothing, is not among them. */
export const OF_MIGRATIONS: ReadonlySet<string> = new Set<keyof typeof METRICS>([
  'ImportsStarted',
  'ImportsEnded',
  'EntitiesStarted',
  'EntitiesEnded',
  'Records',
  'RecordsMissing',
  'Failures',
]);

export type MetricName = keyof typeof METRICS;
/** A value for each dimension of a metric. */
export type DimensionValues<Name extends MetricName> = Record<
  (typeof METRICS)[Name]['dimensions'][number][number],
  string
>;

/** How an import or entity ended, as `Outcome`. */
export function outcomeOf(status: string, hasFailures: boolean): string {
  return status === 'finished' && hasFailures ? 'finished_with_failures' : status;
}
export const OUTCOMES = ['finished', 'finished_with_failures', 'failed', 'timeout', 'canceled'] as const;
export const RECORD_OUTCOMES = ['imported', 'skipped', 'failed'] as const;
export const REQUEST_RESULTS = ['ok', 'refused', 'throttled', 'failed', 'no_answer'] as const;
export const RECONCILE_CAUSES = ['never_started', 'workflow_ended', 'stale'] as const;
export type ReconcileCause = (typeof RECONCILE_CAUSES)[number];

/** The dimension sets of a metric as CloudWatch has them. */
export function dimensionSets(name: MetricName): string[][] {
  return METRICS[name].dimensions.map(set => [DEPLOYMENT, ...set]);
}

/** CloudWatch's limit for one metric in one line. */
const MOST_VALUES = 100;
/** A run of up to 15 minutes shows its progress every minute, and loses no more than that when it is killed. */
const FLUSH_AFTER_MS = 60_000;

interface Line {
  dimensions: Record<string, string>;
  sets: string[][];
  values: Map<MetricName, number[]>;
}

/** The metrics of one invocation: gathered here, written as few lines as there are combinations of dimensions. */
export class MetricBuffer {
  readonly #deployment: string;
  readonly #properties: () => object;
  readonly #lines = new Map<string, Line>();
  #since = 0;

  /** @param properties what each line tells besides, e.g. ids */
  constructor(deployment: string, properties: () => object) {
    this.#deployment = deployment;
    this.#properties = properties;
  }

  add(name: MetricName, dimensions: Record<string, string>, value: number): void {
    if (this.#lines.size === 0) this.#since = Date.now();
    const sets = dimensionSets(name);
    const key = JSON.stringify([sets, dimensions]);
    const line = this.#lines.get(key) ?? { dimensions, sets, values: new Map<MetricName, number[]>() };
    this.#lines.set(key, line);
    const values = line.values.get(name) ?? [];
    line.values.set(name, combined(METRICS[name].combine, values, value));
    if (values.length + 1 >= MOST_VALUES || Date.now() - this.#since >= FLUSH_AFTER_MS) this.flush();
  }

  /** Writes what was gathered to standard output, past the console, which Lambda would wrap into a line of its own. */
  flush(): void {
    const lines = [...this.#lines.values()];
    this.#lines.clear();
    for (const line of lines) process.stdout.write(`${JSON.stringify(this.#format(line))}\n`);
  }

  #format({ dimensions, sets, values }: Line) {
    const names = [...values.keys()];
    return {
      _aws: {
        Timestamp: Date.now(),
        CloudWatchMetrics: [
          {
            Namespace: METRICS_NAMESPACE,
            Dimensions: sets,
            Metrics: names.map(name => ({ Name: name, Unit: METRICS[name].unit })),
          },
        ],
      },
      ...this.#properties(),
      [DEPLOYMENT]: this.#deployment,
      ...dimensions,
      ...Object.fromEntries([...values].map(([name, all]) => [name, all.length === 1 ? all[0] : all])),
    };
  }
}

function combined(how: MetricDefinition['combine'], values: number[], value: number): number[] {
  if (how === 'each') return [...values, value];
  if (how === 'least') return [Math.min(...values, value)];
  return [(values[0] ?? 0) + value];
}
