import * as z from 'zod/mini';
import { isTerminal } from '../domain/statuses.ts';
import { placesFor } from '../engine/load-control.ts';
import { loadsOf } from '../engine/load-watch.ts';
import { environment } from '../platform/environment.ts';
import { invocation } from '../platform/invocation.ts';
import { type Entity, namespaceAtSource } from '../store/entity.ts';
import { listEntities } from '../store/entity-lists.ts';
import { getImport } from '../store/imports.ts';
import { importEventSchema } from './events.ts';
import type { GenerationRequest } from './start-import.ts';

/**
 * Ids per Map: at up to 17 bytes each they stay below a third of the 262,144 bytes that a state's input may have.
 * What is left of a generation comes in the next turn.
 */
const MOST_IDS = 5_000;

const requestSchema = z.extend(importEventSchema, { generation: z.int(), after: z.int() });

/** More than any depth of groups: GitLab allows 21 (`TREE.ancestors`). */
const PROJECTS = 1_000;
const AFTER_PROJECTS = PROJECTS + 1;

export interface Generation extends GenerationRequest {
  /** Entities to migrate now; empty at the end of the import. */
  entityIds: number[];
  entitiesInParallel: number;
  /** How many of them can run at the same time; 0 where they begin as they come. */
  places: number;
  /** The function of the lane in which they begin, and those of all lanes. */
  functionName: string;
  lanes: Record<string, string>;
  /** Whether they are groups that come once more, when all projects have ended. */
  afterProjects: boolean;
  done: boolean;
}

/**
 * Which entities run next: those of the current generation that are open and were not handed out yet, else those of
 * the next one. Subgroups are of the generation after their parent's, so parents are always complete before them. When no
 * group is left the projects follow, all together, and then the groups that have waited for them. Every turn moves
 * forward, so the loop ends after at most 23 of these, even if an entity never ends.
 */
export const handler = invocation(async (event: unknown): Promise<Generation> => {
  const request = requestSchema.parse(event);
  const { importId } = request;
  const lanes = environment.lanes();
  const { status, attempt, sourceUrl, destinationUrl } = await getImport(importId);
  const none = { ...request, entityIds: [], entitiesInParallel: 1, places: 0, lanes, afterProjects: false };
  const done = { ...none, functionName: lanes.groups, done: true };
  if (isTerminal(status) || attempt !== request.attempt) return done;

  const waiting = (await listEntities(importId)).flatMap(entity => {
    const generation = isTerminal(entity.status) ? undefined : generationOf(entity, request);
    return generation === undefined
      ? []
      : [{ id: entity.id, generation, namespace: namespaceAtSource(entity) }];
  });
  if (waiting.length === 0) return done;
  const generation = Math.min(...waiting.map(entity => entity.generation));
  const next = waiting.filter(entity => entity.generation === generation).slice(0, MOST_IDS);
  const isOfProjects = generation === PROJECTS;
  const entityIds = (isOfProjects ? inTurns(next) : next).map(({ id }) => id);
  // A project waits nearly all of its time, so how many begin is for the limits of exports and imports.
  const entitiesInParallel = isOfProjects
    ? environment.projectsInParallel()
    : placesFor(await loadsOf([sourceUrl, destinationUrl]), environment.entitiesInParallel());
  return {
    ...request,
    generation,
    after: next.at(-1)?.id ?? 0,
    entityIds,
    places: isOfProjects ? 0 : Math.min(entitiesInParallel, entityIds.length),
    entitiesInParallel,
    functionName: isOfProjects ? lanes.projects : lanes.groups,
    lanes,
    afterProjects: generation === AFTER_PROJECTS,
    done: false,
  };
});

/**
 * The projects of all namespaces in turns: the first of each, then the second of each. A GitLab allows one download a
 * minute of each namespace, for which those of one namespace would wait when they come together.
 */
function inTurns<Project extends { namespace: string }>(projects: Project[]): Project[] {
  const counts = new Map<string, number>();
  const numbered = projects.map(project => {
    const turn = counts.get(project.namespace) ?? 0;
    counts.set(project.namespace, turn + 1);
    return { project, turn };
  });
  return numbered.sort((a, b) => a.turn - b.turn).map(({ project }) => project);
}

/** The first generation in which an entity is still to come; `undefined` when there is none. */
function generationOf(
  { id, sourceType, generation, trackers }: Entity,
  { generation: current, after }: GenerationRequest,
): number | undefined {
  const isParked = Object.values(trackers).some(({ parked }) => parked);
  const own = sourceType === 'project_entity' ? PROJECTS : generation;
  const all = isParked ? [own, AFTER_PROJECTS] : [own];
  return all.find(one => one > current || (one === current && id > after));
}
