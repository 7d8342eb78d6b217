import { afterEach, beforeEach, vi } from 'vitest';

/** A metric line as CloudWatch reads it from a log. */
export interface MetricLine {
  _aws: {
    Timestamp: number;
    CloudWatchMetrics: {
      Namespace: string;
      Dimensions: string[][];
      Metrics: { Name: string; Unit: string }[];
    }[];
  };
  [property: string]: unknown;
}

/** Switches metrics on for the tests of the file, and collects what each of them emits. */
export function collectMetrics(deployment: string): MetricLine[] {
  const lines: MetricLine[] = [];

  beforeEach(() => {
    lines.length = 0;
    vi.stubEnv('METRICS_DEPLOYMENT', deployment);
    vi.spyOn(process.stdout, 'write').mockImplementation(chunk => {
      const text = String(chunk);
      if (text.startsWith('{"_aws"')) lines.push(JSON.parse(text) as MetricLine);
      return true;
    });
  });

  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  return lines;
}

/** The metrics of the lines, each as `Name{Dimension=value,…}: value`, by each of its sets of dimensions. */
export function readable(lines: MetricLine[]): string[] {
  return lines.flatMap(line =>
    line._aws.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) =>
      Metrics.flatMap(({ Name }) =>
        Dimensions.map(set => {
          const values = set.filter(name => name !== 'Deployment').map(name => `${name}=${line[name]}`);
          return `${Name}{${values.join()}}: ${line[Name]}`;
        }),
      ),
    ),
  );
}
