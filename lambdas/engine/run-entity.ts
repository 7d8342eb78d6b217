import { onlyLooks } from '../domain/kinds.ts';
import { isTerminal } from '../domain/statuses.ts';
import type { RunClients } from '../gitlab/connections.ts';
import { environment } from '../platform/environment.ts';
import { measure, noteIds } from '../platform/invocation.ts';
import type { LaneName } from '../platform/lanes.ts';
import { LogEvent, logger } from '../platform/logger.ts';
import { time } from '../platform/time.ts';
import type { Entity } from '../store/entity.ts';
import { startRun, startRunOf } from '../store/entity-runs.ts';
import type { Import } from '../store/imports.ts';
import { readRun } from '../store/runs.ts';
import { endOpenChildren } from './end-import.ts';
import { RunOvertakenError } from './entity-run.ts';
import { type AnyRelation, EntityWork, relationNamed } from './entity-work.ts';
import { startDelay } from './load-control.ts';
import { loadsOf, settleLoad } from './load-watch.ts';
import { isPaused, PAUSE_SECONDS } from './other-destination.ts';
import { isVerification } from './planned.ts';
import type { StagedEntry } from './relation.ts';
import { openClients } from './run-context.ts';
import type { RunEvent, RunResult, RunStatus } from './run-event.ts';

/** A lane, and what there is to run. */
export interface Lane {
  name: LaneName;
  /** The relations of each kind of entity, in the order of their stages. */
  relations: Record<Entity['sourceType'], readonly AnyRelation[]>;
  /** The same for runs that only look, of kinds that are not looked at by the relations that move them. */
  planned?: Partial<Record<Entity['sourceType'], readonly AnyRelation[]>>;
  /** The same for verifications, where those are others than for plans. */
  verified?: Lane['planned'];
  /** Removes what an entity needed on its way, when it has ended; called again it is no error. */
  clear?(entity: Entity): Promise<void>;
}

/** Where each kind of entity begins. */
const HOME: Record<Entity['sourceType'], LaneName> = { group_entity: 'groups', project_entity: 'projects' };

/** Time kept back at the end of a Lambda for the last writes. No request to a GitLab runs into it. */
const RESERVED_MS = 5_000;

/**
 * Runs an entity: all of its relations that have not ended, stage by stage, those of a stage side by side, until
 * everything has ended, time is short, all that is left must wait, or what is next needs another lane.
 *
 * @throws StoreError when the table cannot be used; the run can be repeated
 */
export async function runEntity(lane: Lane, event: RunEvent, deadline: number): Promise<RunResult> {
  const { importId, entityId } = event;
  const result = (status: RunStatus, waitSeconds = 0, apart: RunEvent[] = []): RunResult => ({
    ...event,
    crashes: 0,
    status,
    waitSeconds,
    relations: apart,
  });
  const items = await readRun(importId, entityId);
  const { bulkImport } = items;
  noteIds({ correlationId: bulkImport.correlationId, kind: bulkImport.kind });
  const isOver = isTerminal(bulkImport.status) || isTerminal(items.entity.status);
  if (isOver) await lane.clear?.(items.entity);
  if (isOver || bulkImport.attempt !== event.attempt) return result('ended');
  if (isPaused(bulkImport)) {
    const seconds = PAUSE_SECONDS;
    logger.warn(LogEvent.PipelineWaits, { importId, entityId, reason: 'other_destination', seconds });
    return result('wait', seconds);
  }
  const { sourceType } = items.entity;
  const relations = relationsOf(lane, sourceType, bulkImport);
  const delay = await delayOf(items.entity, bulkImport, event);
  if (delay > SHORT_DELAY_SECONDS) return { ...result('wait', Math.ceil(delay)), places: 0 };
  if (delay > 0) await time.pause(1000 * delay);
  const deaths = items.entity.deaths ?? 0;
  if (event.only === undefined) checkDeaths(items.entity);
  const begun = await begin(items.entity, event, relations);
  if (begun === undefined) return result('ended');
  const clients = await openClients(bulkImport, items.sealedTokens, deadline - RESERVED_MS);
  if (clients === undefined) return result('ended');
  const began = performance.now();
  const isCareful = (event.crashes ?? 0) > 0 || deaths >= CAREFUL_AFTER;
  const { afterProjects = false } = event;
  const lanes = { own: lane.name, home: HOME[sourceType] };
  const work = new EntityWork({
    relations,
    entity: begun,
    bulkImport,
    clients,
    deadline,
    isCareful,
    lanes,
    afterProjects,
  });
  try {
    const next = await (event.only === undefined ? work.all() : work.only(event.only));
    // Not before the end is saved: a run that was overtaken would take it from the one that has taken over.
    if (next.status === 'ended' && event.only === undefined) await lane.clear?.(begun);
    const { attempt, functionName } = event;
    const ids = { importId, attempt, entityId, functionName };
    const apart = next.apart.map(only => ({ ...ids, only, run: begun.run }));
    return { ...result(next.status, next.waitSeconds, apart), ...functionOf(next.lane, event) };
  } catch (error) {
    if (!(error instanceof RunOvertakenError)) throw error;
    // Entities that this run has made after the import ended must not be left open.
    await endOpenChildren(importId, entityId);
    return result('ended');
  } finally {
    await work.settled();
    await clients.close();
    await settleLoads(bulkImport, clients, performance.now() - began);
  }
}

/** The relations by which a run goes through an entity. */
function relationsOf(
  { relations, planned, verified = planned }: Lane,
  sourceType: Entity['sourceType'],
  bulkImport: Pick<Import, 'kind'>,
): readonly AnyRelation[] {
  const looked = isVerification({ bulkImport }) ? verified : planned;
  return (onlyLooks(bulkImport) && looked?.[sourceType]) || relations[sourceType];
}

/**
 * Deaths in a row after which relations run one by one, to find out whose doing it is; and those after which no other run
 * is begun. The workflow counts what dies at once, four times each. What waits for its turn between two deaths, as for
 * one of six exports a minute, is seen here alone.
 */
const CAREFUL_AFTER = 4;
const MOST_DEATHS = 8;

/** @throws Error when the runs of an entity die time and again, for whoever catches that to fail what they die of */
function checkDeaths({ alone, deaths = 0 }: Entity): void {
  // What dies without a relation in hand may have been killed just then.
  const most = alone === null ? 2 * MOST_DEATHS : MOST_DEATHS;
  if (deaths >= most) throw new Error(`${deaths} runs in a row have died.`);
}

/** The Lambda of the lane that goes on, where that is another one. */
function functionOf(lane: LaneName | undefined, { lanes }: RunEvent): { functionName?: string } {
  if (lane === undefined) return {};
  const functionName = lanes?.[lane];
  if (functionName === undefined) throw new Error(`The workflow knows no lane '${lane}'.`);
  return { functionName };
}

/** A shorter delay is sat out: it costs less than the state transitions of a wait. */
const SHORT_DELAY_SECONDS = 2;

const urlsOf = ({ sourceUrl, destinationUrl }: Import) => ({
  source: sourceUrl,
  destination: destinationUrl,
});

/** Seconds that the first run of an entity is put off, so that not more of them run than both GitLabs take. */
async function delayOf({ run }: Entity, bulkImport: Import, { places = 0 }: RunEvent): Promise<number> {
  if (run > 0 || places === 0) return 0;
  const loads = await loadsOf(Object.values(urlsOf(bulkImport)));
  return Math.max(...loads.map(load => startDelay(load, places)));
}

/** Has what this run has seen of both GitLabs decide how many entities run. */
async function settleLoads(bulkImport: Import, clients: RunClients, runMs: number): Promise<void> {
  const urls = urlsOf(bulkImport);
  for (const instance of ['source', 'destination'] as const) {
    await settleLoad(urls[instance], environment.entitiesInParallel(), {
      runMs,
      limit: clients.limitOf(instance),
    });
  }
}

/** Begins a run, of the entity or of one of its relations. `undefined` when somebody else has it, or it has ended. */
async function begin(
  entity: Entity,
  { only, run }: RunEvent,
  relations: readonly StagedEntry[],
): Promise<Entity | undefined> {
  if (only !== undefined) {
    const { relation } = relationNamed(only, relations);
    return startRunOf({ ...entity, run: run ?? 0 }, only, relation);
  }
  const begun = await startRun(entity);
  if (begun?.run === 1) {
    measure('EntitiesStarted', 1, {});
    logger.info(LogEvent.EntityStarted, {});
  }
  return begun;
}
