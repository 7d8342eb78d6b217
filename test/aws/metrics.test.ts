import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { JobExpiredError } from '../../lambdas/domain/errors.ts';
import { Secret } from '../../lambdas/domain/secret.ts';
import { StoreError } from '../../lambdas/domain/store-errors.ts';
import { countArchiveBytes, countArchiveFetch } from '../../lambdas/engine/archive-metrics.ts';
import { underWay } from '../../lambdas/engine/jobs.ts';
import { runEntity } from '../../lambdas/engine/run-entity.ts';
import { runEventSchema } from '../../lambdas/engine/run-event.ts';
import { invocation } from '../../lambdas/platform/invocation.ts';
import { dimensionSets, METRICS, type MetricName } from '../../lambdas/platform/metrics.ts';
import { createEntity } from '../../lambdas/store/entities.ts';
import { createImport } from '../../lambdas/store/imports.ts';
import { putOpenImport } from '../../lambdas/store/open-imports.ts';
import { putTokens } from '../../lambdas/store/sealed-tokens.ts';
import { handler as finishImport } from '../../lambdas/workflow/finish-import.ts';
import { handler as reconcile } from '../../lambdas/workflow/reconcile.ts';
import { handler as startImport } from '../../lambdas/workflow/start-import.ts';
import type { SampleGitLabOptions } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { refused, setFault, throttled } from '../support/gitlab/gitlab-faults.ts';
import { singleLabels } from '../support/gitlab/single-labels.ts';
import { collectMetrics, readable } from '../support/service/emitted-metrics.ts';
import { relationOf } from '../support/service/entity-lane.ts';
import { laneOfGroups } from '../support/service/lane-of-groups.ts';
import { ACME, CORRELATION_ID, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';
import { mockedClient } from '../support/test-run/mocked-client.ts';
import {
  alarmsOf,
  DEPLOYMENT_NAME,
  type DrawnMetric,
  metricsOfAlarm,
  metricsOfDashboard,
  synthesize,
} from './synthesized.ts';

useTableInMemory();

const stepFunctions = mockedClient(SFNClient);
const lines = collectMetrics(DEPLOYMENT_NAME);

beforeEach(() => {
  stepFunctions.reset();
  vi.stubEnv('STATE_MACHINE_ARN', 'arn:aws:states:us-east-1:000000000000:stateMachine:import');
});

const titles = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ title: `label-${String(index).padStart(3, '0')}` }));

/** A pair of GitLabs whose source has these many labels, and an entity to migrate them. */
async function startLabels(count: number, destination: SampleGitLabOptions = { rateLimitPerMinute: 600 }) {
  const bench = await startBench({ destination });
  bench.addPair({ labels: titles(count) });
  return { bench, migration: await bench.migration('labels', ACME) };
}

/** An import with one entity, as a `POST` leaves it. */
async function createOpenImport(importId: number): Promise<{ importId: number; entityId: number }> {
  const now = new Date().toISOString();
  await putOpenImport(importId);
  await createImport({
    id: importId,
    destinationUrl: 'https://new.example',
    userId: 1,
    status: 'created',
    sourceUrl: 'https://source.example.com',
    sourceVersion: '17.11.2-ee',

    attempt: 1,
    hasFailures: false,
    correlationId: CORRELATION_ID,
    createdAt: now,
    updatedAt: now,
  });
  await createEntity({
    id: importId,
    importId,
    destinationUrl: 'https://new.example',
    userId: 1,
    sourceType: 'group_entity',
    sourceFullPath: 'acme',
    sourceId: 1,
    destinationSlug: 'acme',
    destinationNamespace: '',
    parentId: null,
    generation: 0,
    relations: {},
  });
  return { importId, entityId: importId };
}

/** Lets minutes pass without touching the timers that sockets need. */
async function after<T>(minutes: number, act: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + minutes * 60_000 });
  try {
    return await act();
  } finally {
    vi.useRealTimers();
  }
}

/** What each test has emitted, for the last one. */
const emitted = new Set<string>();
function emittedNow(): string[] {
  for (const line of lines) {
    for (const { Namespace, Dimensions, Metrics } of line._aws.CloudWatchMetrics) {
      for (const { Name } of Metrics) {
        for (const set of Dimensions)
          emitted.add(signature({ namespace: Namespace, name: Name, names: set }));
      }
    }
  }
  return readable(lines);
}

function signature({ namespace, name, names }: { namespace: string; name: string; names: string[] }): string {
  return `${namespace} ${name} by ${names.toSorted().join()}`;
}

describe('what the code emits', () => {
  it('counts records by relation and outcome, and requests by GitLab and answer', async () => {
    const { bench, migration } = await startLabels(3);
    setFault(
      bench.destination,
      { method: 'POST', path: '/labels', nth: 2 },
      refused(400, 'Title is invalid'),
    );

    await migration.run(handlerOf(singleLabels));

    expect(emittedNow()).toEqual(
      expect.arrayContaining([
        'Records{Outcome=imported}: 2',
        'Records{Relation=labels,Outcome=imported}: 2',
        'Records{Relation=labels,Outcome=failed}: 1',
        'Failures{ExceptionClass=BulkImports::NetworkError}: 1',
        'Requests{Instance=destination,Result=refused}: 1',
        expect.stringMatching(/^Requests\{Instance=source,Result=ok\}: \d+$/),
        expect.stringMatching(/^RequestTime\{Instance=source\}: [\d,]+$/),
        expect.stringMatching(/^RemainingQuota\{Instance=destination\}: \d+$/),
      ]),
    );
    for (const line of lines) {
      expect(line).toMatchObject({
        importId: migration.importId,
        entityId: migration.entityId,
        correlationId: CORRELATION_ID,
      });
    }
  });

  it('counts waits, for the GitLab that asked for them, and no record twice', async () => {
    const { bench, migration } = await startLabels(3, {});
    setFault(bench.destination, { method: 'POST', path: '/labels', nth: 2 }, throttled(40));
    const handler = handlerOf({ ...singleLabels, parallel: 1 });

    await migration.run(handler);
    const first = emittedNow();
    await migration.run(handler);
    const imported = emittedNow().filter(metric => metric.startsWith('Records{Relation=labels'));

    expect(first).toContain('WaitTime{Instance=destination}: 40');
    expect(first).toContain('Requests{Instance=destination,Result=throttled}: 1');
    expect(imported).toEqual([
      'Records{Relation=labels,Outcome=imported}: 1',
      'Records{Relation=labels,Outcome=imported}: 2',
    ]);
  });

  it('counts what a source announced and did not send', async () => {
    const { bench, migration } = await startLabels(101);
    bench.source.onRequest = ({ query }) => {
      if (query.get('page') === '2') bench.source.group('acme')?.labels.splice(0, 50);
      return undefined;
    };

    await migration.run(handlerOf({ ...singleLabels, create: async () => undefined }));

    expect(emittedNow()).toContain('RecordsMissing{}: 1');
  });

  it('counts the begin and the end of imports and entities, once however often a step is repeated', async () => {
    const ids = { ...(await createOpenImport(1_001)), functionName: 'lane' };
    await putTokens(
      { id: 1_001, sourceUrl: 'https://source.example.com', destinationUrl: 'https://new.example' },
      { source: new Secret('sample-source-token'), destination: new Secret('sample-destination-token') },
    );
    vi.stubEnv('DESTINATION_GITLAB_URL', 'https://new.example');
    let tries = 0;
    const relation = relationOf('labels', {
      existing: async () => {
        tries += 1;
        if (tries === 1) throw new StoreError('the first run dies in the middle');
      },
    });
    const lane = invocation((event: unknown) =>
      runEntity(laneOfGroups([relation]), runEventSchema.parse(event), Date.now() + 900_000),
    );

    for (const step of [startImport, lane, finishImport]) {
      await step(ids).catch(() => undefined);
      await step(ids);
      await step(ids);
    }

    expect(emittedNow()).toEqual([
      'ImportsStarted{}: 1',
      'EntitiesStarted{}: 1',
      expect.stringMatching(/^RelationTime\{Relation=labels\}: \d+$/),
      expect.stringMatching(/^RelationTime\{Relation=labels\}: \d+$/),
      'Records{Outcome=imported}: 1',
      'Records{Relation=labels,Outcome=imported}: 1',
      'EntitiesEnded{Outcome=finished}: 1',
      'ImportsEnded{Outcome=finished}: 1',
    ]);
  });

  it('tells how old the open imports are, and which ones had to be closed', async () => {
    const running = await createOpenImport(2_001);
    await createOpenImport(2_002);
    await startImport(running);
    stepFunctions.on(DescribeExecutionCommand).callsFake(({ executionArn }: { executionArn: string }) => {
      if (executionArn.endsWith('import-2001')) return { status: 'RUNNING' };
      throw Object.assign(new Error('There is none.'), { name: 'ExecutionDoesNotExist' });
    });
    lines.length = 0;

    await after(45, () => reconcile({}));

    expect(emittedNow()).toEqual(
      expect.arrayContaining([
        'OpenImports{}: 1',
        expect.stringMatching(/^OldestOpenImport\{\}: 270\d$/),
        expect.stringMatching(/^LongestStandstill\{\}: 270\d$/),
        'ImportsReconciled{Cause=never_started}: 1',
        'ImportsEnded{Outcome=failed}: 1',
      ]),
    );
  });

  it('counts looks at a job, jobs that took too long, and how archives travel', async () => {
    const job = { instance: 'destination', doing: 'imports it', hours: 1, advice: 'Look.' } as const;
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
    const counting = invocation(async () => {
      underWay({ ...job, since: hoursAgo(0) });
      expect(() => underWay({ ...job, since: hoursAgo(2) })).toThrow(JobExpiredError);
      countArchiveBytes(7);
      countArchiveBytes(3);
      countArchiveFetch('HEAD');
    });
    await counting({});

    expect(emittedNow()).toEqual(
      expect.arrayContaining([
        'JobWaits{Instance=destination}: 1',
        'JobDeadlines{}: 1',
        'ArchiveBytes{}: 10',
        'ArchiveFetches{Method=HEAD}: 1',
      ]),
    );
  });

  it('is every metric of the list, with the dimensions of the list', () => {
    const listed = (Object.keys(METRICS) as MetricName[]).flatMap(name =>
      dimensionSets(name).map(names => signature({ namespace: 'GitLabBulkImports', name, names })),
    );

    expect([...emitted].sort()).toEqual(listed.sort());
  });
});

describe('what is drawn and watched', () => {
  const template = synthesize();
  const own = ({ namespace }: DrawnMetric) => namespace === 'GitLabBulkImports';
  const drawn = metricsOfDashboard(template).filter(own);
  const watched = [...alarmsOf(template).values()].flatMap(metricsOfAlarm).filter(own);

  it('is emitted, with exactly these dimensions, for this deployment', () => {
    const signatures = [...drawn, ...watched].map(({ namespace, name, dimensions }) =>
      signature({ namespace, name, names: Object.keys(dimensions) }),
    );

    expect(signatures.length).toBeGreaterThan(30);
    for (const one of signatures) expect(emitted).toContain(one);
    for (const { dimensions } of [...drawn, ...watched]) expect(dimensions.Deployment).toBe(DEPLOYMENT_NAME);
  });

  it('is everything that is emitted', () => {
    const seen = new Set([...drawn, ...watched].map(({ name }) => name));

    expect([...seen].sort()).toEqual(Object.keys(METRICS).sort());
  });

  it('is emitted by functions that know the name of the deployment', () => {
    const functions = Object.values(
      template.findResources('AWS::Lambda::Function', { Properties: { Runtime: 'nodejs24.x' } }),
    );

    for (const { Properties } of functions) {
      expect(Properties.Environment.Variables.METRICS_DEPLOYMENT).toBe(DEPLOYMENT_NAME);
    }
  });
});
