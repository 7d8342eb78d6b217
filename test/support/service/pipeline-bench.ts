import { Secret } from '../../../lambdas/domain/secret.ts';
import { onlyPage, type Relation } from '../../../lambdas/engine/relation.ts';
import { runEntity } from '../../../lambdas/engine/run-entity.ts';
import { type RunResult, runEventSchema } from '../../../lambdas/engine/run-event.ts';
import { GROUP_RELATIONS, PROJECT_RELATIONS } from '../../../lambdas/pipelines/stages.ts';
import { invocation } from '../../../lambdas/platform/invocation.ts';
import type { LaneName } from '../../../lambdas/platform/lanes.ts';
import { time } from '../../../lambdas/platform/time.ts';
import { noteHeld } from '../../../lambdas/store/children.ts';
import { takeIds } from '../../../lambdas/store/counters.ts';
import { copyForVerification, createEntity, getEntity, moveEntity } from '../../../lambdas/store/entities.ts';
import type { Entity } from '../../../lambdas/store/entity.ts';
import { listEntities } from '../../../lambdas/store/entity-lists.ts';
import { type Failure, listFailures } from '../../../lambdas/store/failures.ts';
import { createImport, getImport, type Import } from '../../../lambdas/store/imports.ts';
import { keys } from '../../../lambdas/store/keys.ts';
import { putTokens } from '../../../lambdas/store/sealed-tokens.ts';
import { updateItem } from '../../../lambdas/store/table-updates.ts';
import { endedWith, newTracker, type Tracker } from '../../../lambdas/store/trackers.ts';
import type { SampleGroup, SampleGroupSeed } from '../../../lib/gitlab-simulator/model.ts';
import { SampleGitLab, type SampleGitLabOptions } from '../../../lib/gitlab-simulator/sample-gitlab.ts';
import { setDestinationGroup } from '../table/entity-records.ts';
import { afterEveryTest } from '../test-run/hooks.ts';

export const SOURCE_TOKEN = 'fake-source-token';
export const DESTINATION_TOKEN = 'fake-destination-token';
export const CORRELATION_ID = 'fake-correlation-id';

/** What the workflow does after a run. */
export type Answer = Pick<RunResult, 'status' | 'waitSeconds'>;
/** What a run that has come to its end returns. */
export const FINISHED: Answer = { status: 'ended', waitSeconds: 0 };

/** From the group that `addPair` makes at the source to the one at the destination. */
export const ACME = { from: 'acme', to: 'acme' };

export type PipelineHandler = (
  event: unknown,
  lambda: { getRemainingTimeInMillis(): number },
) => Promise<RunResult>;

/** Every group has it, and nothing of it: a group of which all relations have failed would have failed itself. */
const NOTHING: Relation<never, never, undefined> = {
  name: 'nothing',
  pipelineClass: 'Nothing',
  relation: 'nothing',
  parallel: 1,
  read: async () => onlyPage([]),
  existing: async () => undefined,
  nameOf: () => ({ key: '', title: null }),
  want: record => record,
  decide: () => 'keep',
};

/** A lane in which an entity has nothing to move but this relation. @param name the lane; that of groups by default */
export function handlerOf<Source, Wanted, Existing>(
  relation: Relation<Source, Wanted, Existing>,
  name: LaneName = 'groups',
): PipelineHandler {
  const all = name === 'groups' ? GROUP_RELATIONS : PROJECT_RELATIONS;
  const stage = all.find(one => one.name === relation.name)?.stage ?? 1;
  const relations = [
    { ...relation, stage },
    { ...NOTHING, stage },
  ];
  return invocation((event: unknown, lambda: { getRemainingTimeInMillis(): number }) =>
    runEntity(
      { name, relations: { group_entity: relations, project_entity: relations } },
      { ...runEventSchema.parse(event), afterProjects: relation.afterProjects ?? false },
      Date.now() + lambda.getRemainingTimeInMillis(),
    ),
  );
}

/** What a pipeline's Lambda has at most. */
const LAMBDA_MS = 900_000;

export interface MigrationOptions {
  /** Full path of the group at the source. */
  from: string;
  /** Full path of the group that exists at the destination already; absent when it is still to be made. */
  to?: string;
  /** As a caller asks for it. */
  destinationSlug?: string;
  destinationNamespace?: string;
  /** The entity that has made the parent; then both are of one import. */
  parent?: Migration;
  /** Default: the version of the source. */
  sourceVersion?: string;
  /** Makes it a plan: its group is only planned, without `to`, and goes to the path of the source. */
  kind?: 'plan';
  /** The import that the entity belongs to; one of its own without it. */
  importId?: number;
}

/** One entity of an import of its own, ready for one pipeline. */
export interface Migration {
  readonly importId: number;
  readonly entityId: number;
  /** Runs the pipeline once, as the workflow does, with so much time left. A wait that it was sent into is over. */
  run(handler: PipelineHandler, remainingMs?: number): Promise<Answer>;
  /** Runs it at once, as after a restart, whatever it waits for. */
  runEarly(handler: PipelineHandler): Promise<Answer>;
  tracker(): Promise<Tracker>;
  failures(): Promise<Failure[]>;
  entity(): Promise<Entity>;
  record(): Promise<Import>;
}

/** Two GitLabs and the means to migrate between them. */
export interface Bench {
  /** The token's user is an administrator here, so groups need no member to be read. */
  readonly source: SampleGitLab;
  readonly destination: SampleGitLab;
  /** The pauses that runs made, in milliseconds. */
  readonly pauses: readonly number[];
  /** Id of the importing user, who is no administrator at the destination unless it was asked for. */
  readonly importerId: number;
  /** Adds a group to the destination that the importing user owns. */
  addDestinationGroup(seed: SampleGroupSeed): SampleGroup;
  /** Adds the group `acme` with these contents to the source, and an empty one to the destination, which it returns. */
  addPair(contents: Partial<SampleGroupSeed>): SampleGroup;
  migration(pipeline: string, options: MigrationOptions): Promise<Migration>;
}

const running: SampleGitLab[] = [];
/** A pause is made no longer than this, so that a test need not wait. */
const LONGEST_PAUSE_MS = 20;
const { pause } = time;

afterEveryTest(async () => {
  // A file without these GitLabs may have made pauses its own.
  if (running.length > 0) time.pause = pause;
  await Promise.all(running.splice(0).map(gitlab => gitlab.stop()));
});

/** Starts two GitLabs, which stop after the test. */
export async function startBench(
  options: {
    source?: SampleGitLabOptions;
    destination?: SampleGitLabOptions;
    isAdministrator?: boolean;
  } = {},
): Promise<Bench> {
  const [source, destination] = await Promise.all([start(options.source), start(options.destination)]);
  source.addUser({ username: 'source-admin', admin: true });
  source.addToken(SOURCE_TOKEN, { username: 'source-admin' });
  const importer = destination.addUser({
    username: 'importer',
    publicEmail: 'importer@public.example',
    twoFactorEnabled: true,
    admin: options.isAdministrator ?? false,
  });
  destination.addToken(DESTINATION_TOKEN, { username: 'importer' });
  const pauses: number[] = [];
  time.pause = ms => {
    pauses.push(ms);
    return pause(Math.min(ms, LONGEST_PAUSE_MS));
  };
  process.env.DESTINATION_GITLAB_URL = destination.url;
  process.env.ALLOW_PRIVATE_NETWORKS = 'true';

  const addDestinationGroup: Bench['addDestinationGroup'] = seed =>
    destination.addGroup({
      ...seed,
      members: [{ username: 'importer', accessLevel: 50 }, ...(seed.members ?? [])],
    });
  return {
    source,
    destination,
    pauses,
    importerId: importer.id,
    addDestinationGroup,
    addPair(contents) {
      source.addGroup({ name: 'Acme', path: 'acme', ...contents });
      return addDestinationGroup({ name: 'Acme', path: 'acme' });
    },
    migration: (pipeline, wanted) =>
      startMigration(pipeline, wanted, { source, destination, userId: importer.id }, options.source?.version),
  };
}

async function start(options: SampleGitLabOptions = {}): Promise<SampleGitLab> {
  const gitlab = await new SampleGitLab(options).start();
  running.push(gitlab);
  return gitlab;
}

async function startMigration(
  pipeline: string,
  options: MigrationOptions,
  { source, destination, userId }: { source: SampleGitLab; destination: SampleGitLab; userId: number },
  version = '17.11.2-ee',
): Promise<Migration> {
  const [newImportId, entityId] = await Promise.all([takeIds('IMPORT'), takeIds('ENTITY')]);
  const importId = options.parent?.importId ?? options.importId ?? newImportId;
  const now = new Date().toISOString();
  await Promise.all([
    createImport({
      id: importId,
      ...(options.kind && { kind: options.kind }),
      destinationUrl: destination.url,
      userId,
      status: 'started',
      sourceUrl: source.url,
      sourceVersion: options.sourceVersion ?? version,

      attempt: 1,
      hasFailures: false,
      correlationId: CORRELATION_ID,
      createdAt: now,
      updatedAt: now,
    }),
    createEntity({
      id: entityId,
      importId,
      ...(options.kind && { kind: options.kind }),
      destinationUrl: destination.url,
      userId,
      sourceType: 'group_entity',
      sourceFullPath: options.from,
      sourceId: source.group(options.from)?.id ?? 0,
      destinationSlug: options.destinationSlug ?? options.from.slice(options.from.lastIndexOf('/') + 1),
      destinationNamespace: options.destinationNamespace ?? '',
      parentId: options.parent?.entityId ?? null,
      generation: 0,
      relations: {},
    }),
    putTokens(
      { id: importId, sourceUrl: source.url, destinationUrl: destination.url },
      { source: new Secret(SOURCE_TOKEN), destination: new Secret(DESTINATION_TOKEN) },
    ),
  ]);
  const group = options.to === undefined ? undefined : destination.group(options.to);
  if (group !== undefined) await setDestinationGroup({ id: entityId, importId }, group);
  // As its first stage has noted it.
  if (options.kind === 'plan' && group === undefined && pipeline !== 'group') {
    await updateItem(keys.entity(importId, entityId), {
      set: { destinationFullPath: options.from, destinationShown: { visibility: 'private' } },
    });
  }
  await moveEntity(
    {
      id: entityId,
      importId,
      ...(options.kind && { kind: options.kind }),
      destinationUrl: destination.url,
      userId,
    },
    'started',
  );

  return migrationOf(pipeline, importId, entityId);
}

/** Begins to verify what a migration has brought, for one pipeline. */
export async function verificationOf(pipeline: string, subject: Migration): Promise<Migration> {
  const [record, importId] = await Promise.all([subject.record(), takeIds('IMPORT')]);
  await Promise.all([
    createImport({ ...record, id: importId, kind: 'verification', subjectId: record.id }),
    copyForVerification(await subject.entity(), importId),
    noteHeld(importId, await listEntities(subject.importId)),
    putTokens(
      { ...record, id: importId },
      { source: new Secret(SOURCE_TOKEN), destination: new Secret(DESTINATION_TOKEN) },
    ),
  ]);
  await moveEntity(await getEntity(importId, subject.entityId), 'started');
  return migrationOf(pipeline, importId, subject.entityId);
}

function migrationOf(pipeline: string, importId: number, entityId: number): Migration {
  const run = async (handler: PipelineHandler, remainingMs: number): Promise<Answer> => {
    const event = { importId, entityId, functionName: 'lane' };
    const { status, waitSeconds } = await handler(event, { getRemainingTimeInMillis: () => remainingMs });
    return { status, waitSeconds };
  };
  const tracker = async () => {
    const { run, status, trackers } = await getEntity(importId, entityId);
    return { ...(trackers[pipeline] ?? endedWith(status, newTracker(pipeline))), run };
  };
  return {
    importId,
    entityId,
    async run(handler, remainingMs = LAMBDA_MS) {
      if ((await tracker()).waiting !== null) await endWait(importId, entityId, pipeline);
      return run(handler, remainingMs);
    },
    runEarly: handler => run(handler, LAMBDA_MS),
    tracker,
    failures: () => listFailures(importId, entityId),
    entity: () => getEntity(importId, entityId),
    record: () => getImport(importId),
  };
}

/** Lets the wait of a pipeline be over, as if its time had passed. */
async function endWait(importId: number, entityId: number, pipeline: string): Promise<void> {
  await updateItem(keys.entity(importId, entityId), {
    set: { [`trackers.${pipeline}.waiting.until`]: new Date().toISOString() },
  });
}
