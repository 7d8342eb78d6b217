import { AsyncLocalStorage } from 'node:async_hooks';
import { environment } from './environment.ts';
import { type DimensionValues, MetricBuffer, type MetricName, OF_MIGRATIONS } from './metrics.ts';

/** What every log line and metric line of an invocation tells. */
export interface InvocationIds {
  importId?: number;
  entityId?: number;
  pipeline?: string;
  correlationId?: string;
  /** What the import is for; absent for one that migrates. */
  kind?: string | undefined;
  /** Lambda's id of the invocation. */
  requestId?: string;
}

interface Invocation {
  ids: InvocationIds;
  metrics: MetricBuffer | undefined;
}

/** Invocations of the local runtime share a process, so each keeps its own. */
const current = new AsyncLocalStorage<Invocation>();

/**
 * Wraps a Lambda handler: the ids of its event are part of each line that it logs, and its metrics are written when
 * it ends, however it ends. Metrics are on when `METRICS_DEPLOYMENT` is set, so neither a laptop nor a test has any.
 */
export function invocation<Event, Rest extends unknown[], Result>(
  handler: (event: Event, ...rest: Rest) => Promise<Result>,
): (event: Event, ...rest: Rest) => Promise<Result> {
  return (event, ...rest) => {
    const ids = { ...idsOf(event), ...requestIdOf(rest[0]) };
    const deployment = environment.metricsDeployment();
    const metrics = deployment === undefined ? undefined : new MetricBuffer(deployment, () => ids);
    return current.run({ ids, metrics }, async () => {
      try {
        return await handler(event, ...rest);
      } finally {
        metrics?.flush();
      }
    });
  };
}

/** The ids of the running invocation; none outside of one. */
export function invocationIds(): InvocationIds {
  return current.getStore()?.ids ?? {};
}

/** Adds what only the handler can know, such as the correlation id of its import. */
export function noteIds(ids: InvocationIds): void {
  Object.assign(current.getStore()?.ids ?? {}, ids);
}

/** Does something as part of the running invocation, with ids of its own in what it logs. */
export function withIds<T>(ids: InvocationIds, act: () => T): T {
  const invocation = current.getStore();
  if (invocation === undefined) return act();
  return current.run({ ...invocation, ids: { ...invocation.ids, ...ids } }, act);
}

/**
 * Emits a metric. Does nothing outside an invocation or when metrics are off, nor with what migrations are counted by
 * in an invocation that only looks.
 */
export function measure<Name extends MetricName>(
  name: Name,
  value: number,
  dimensions: DimensionValues<Name>,
): void {
  const { ids, metrics } = current.getStore() ?? {};
  const isOfMigrations = (ids?.kind ?? 'import') === 'import' || !OF_MIGRATIONS.has(name);
  if (isOfMigrations) metrics?.add(name, dimensions, value);
}

/** The state machine hands out ids under these names; other events have none. */
function idsOf(event: unknown): InvocationIds {
  const { importId, entityId, pipeline } = (event ?? {}) as Record<string, unknown>;
  return {
    ...(typeof importId === 'number' && { importId }),
    ...(typeof entityId === 'number' && { entityId }),
    ...(typeof pipeline === 'string' && { pipeline }),
  };
}

function requestIdOf(context: unknown): InvocationIds {
  const { awsRequestId } = (context ?? {}) as Record<string, unknown>;
  return typeof awsRequestId === 'string' ? { requestId: awsRequestId } : {};
}
