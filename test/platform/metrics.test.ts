import { describe, expect, it, vi } from 'vitest';
import { invocation, invocationIds, measure, noteIds } from '../../lambdas/platform/invocation.ts';
import { dimensionSets, METRICS, type MetricName, outcomeOf } from '../../lambdas/platform/metrics.ts';
import { collectMetrics, readable } from '../support/service/emitted-metrics.ts';

const lines = collectMetrics('a-deployment');
const context = { awsRequestId: 'fake-request-id' };

describe('a metric line', () => {
  it('is in the embedded metric format, with ids as properties and not as dimensions', async () => {
    const handler = invocation(async (_: unknown, _context: unknown) => {
      noteIds({ correlationId: 'fake-correlation-id' });
      measure('Records', 3, { Relation: 'labels', Outcome: 'imported' });
    });

    await handler({ importId: 1, entityId: 2, pipeline: 'labels' }, context);

    expect(lines).toEqual([
      {
        _aws: {
          Timestamp: expect.any(Number),
          CloudWatchMetrics: [
            {
              Namespace: 'GitLabBulkImports',
              Dimensions: [
                ['Deployment', 'Outcome'],
                ['Deployment', 'Relation', 'Outcome'],
              ],
              Metrics: [{ Name: 'Records', Unit: 'Count' }],
            },
          ],
        },
        Deployment: 'a-deployment',
        Relation: 'labels',
        Outcome: 'imported',
        Records: 3,
        importId: 1,
        entityId: 2,
        pipeline: 'labels',
        correlationId: 'fake-correlation-id',
        requestId: 'fake-request-id',
      },
    ]);
  });

  it('of what migrations are counted by is not written of a plan, whose requests are', async () => {
    const handler = invocation(async (kind: unknown) => {
      noteIds({ kind: String(kind) });
      measure('ImportsEnded', 1, { Outcome: 'finished' });
      measure('Records', 3, { Relation: 'labels', Outcome: 'imported' });
      measure('Requests', 1, { Instance: 'source', Result: 'ok' });
    });

    await handler('plan');
    const ofPlan = readable(lines);
    lines.length = 0;
    await handler('import');

    expect(ofPlan).toEqual(['Requests{Instance=source,Result=ok}: 1']);
    expect(readable(lines)).toHaveLength(4);
  });

  it('adds up counts, keeps every duration, and the least of a quota', async () => {
    const handler = invocation(async (_: unknown) => {
      for (const value of [20, 10, 30]) {
        measure('Requests', 1, { Instance: 'source', Result: 'ok' });
        measure('RequestTime', value, { Instance: 'source' });
        measure('RemainingQuota', value, { Instance: 'source' });
      }
    });

    await handler({});

    expect(readable(lines)).toEqual([
      'Requests{Instance=source,Result=ok}: 3',
      'RequestTime{Instance=source}: 20,10,30',
      'RemainingQuota{Instance=source}: 10',
    ]);
  });

  it('has at most the hundred values that CloudWatch allows', async () => {
    const handler = invocation(async (_: unknown) => {
      for (let value = 1; value <= 250; value++) measure('RequestTime', value, { Instance: 'source' });
    });

    await handler({});

    expect(lines.map(({ RequestTime }) => (RequestTime as number[]).length)).toEqual([100, 100, 50]);
  });

  it('is written every minute of a long invocation', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const handler = invocation(async (_: unknown) => {
      measure('Records', 1, { Relation: 'labels', Outcome: 'imported' });
      vi.setSystemTime(Date.now() + 61_000);
      measure('Records', 1, { Relation: 'labels', Outcome: 'imported' });
      expect(lines).toHaveLength(1);
    });

    await handler({});
    vi.useRealTimers();

    expect(lines).toHaveLength(1);
  });

  it('is written when the handler fails, too', async () => {
    const handler = invocation(async (_: unknown) => {
      measure('ImportsStarted', 1, {});
      throw new Error('crash');
    });

    await expect(handler({})).rejects.toThrow('crash');

    expect(readable(lines)).toEqual(['ImportsStarted{}: 1']);
  });
});

describe('metrics are off', () => {
  it('unless the deployment has a name for them', async () => {
    vi.stubEnv('METRICS_DEPLOYMENT', '');

    await invocation(async (_: unknown) => measure('ImportsStarted', 1, {}))({});

    expect(lines).toEqual([]);
  });

  it('outside an invocation', () => {
    measure('ImportsStarted', 1, {});

    expect(lines).toEqual([]);
    expect(invocationIds()).toEqual({});
  });
});

describe('invocations at the same time', () => {
  it('keep their ids and metrics apart', async () => {
    const handler = invocation(async ({ importId }: { importId: number }) => {
      await Promise.resolve();
      measure('ImportsStarted', importId, {});
      return invocationIds();
    });

    const ids = await Promise.all([handler({ importId: 1 }), handler({ importId: 2 })]);

    expect(ids).toEqual([{ importId: 1 }, { importId: 2 }]);
    expect(lines.map(line => [line.importId, line.ImportsStarted])).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });
});

describe('the list', () => {
  it('has no dimension for anything that identifies a single import', () => {
    const dimensions = new Set((Object.keys(METRICS) as MetricName[]).flatMap(dimensionSets).flat());

    expect([...dimensions].sort()).toEqual([
      'Cause',
      'Deployment',
      'ExceptionClass',
      'Instance',
      'Method',
      'Outcome',
      'Relation',
      'Result',
    ]);
  });

  it('tells a success with failures from one without', () => {
    expect([outcomeOf('finished', true), outcomeOf('finished', false), outcomeOf('failed', true)]).toEqual([
      'finished_with_failures',
      'finished',
      'failed',
    ]);
  });
});
