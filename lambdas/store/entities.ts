import * as z from 'zod/mini';
import { ALLOWED_FROM, STATUSES, type Status } from '../domain/statuses.ts';
import { type Condition, statusIsOneOf } from './conditions.ts';
import type { Counts } from './counts.ts';
import type { Item } from './item.ts';
import {
  ENTITY_PREFIX,
  importPk,
  indexKeys,
  type Key,
  keys,
  LIST_INDEX,
  listPartition,
  type Owner,
  STATUS_INDEX,
} from './keys.ts';
import { getItem, getItems, putNewItem } from './table.ts';
import { queryItems } from './table-queries.ts';
import { changeItem, type Update, updateItem } from './table-updates.ts';
import { endedWith, newTracker, type Tracker, trackerItem, trackerSchema } from './trackers.ts';
import type { Waiting } from './waiting.ts';

const VERSION = 3;

const shownSchema = z.object({
  visibility: z.string(),
  membership_lock: z.optional(z.boolean()),
  prevent_sharing_groups_outside_hierarchy: z.optional(z.boolean()),
});

const parentSchema = z.object({
  id: z.int(),
  fullPath: z.string(),
  visibility: z.string(),
  /** Whether nothing of it had failed by then: who is a member above is one at the destination, too. */
  isComplete: z.boolean(),
});

const entitySchema = z.object({
  v: z.literal(VERSION),
  id: z.int(),
  importId: z.int(),
  /** Those of its import: an entity is listed by them. */
  destinationUrl: z.string(),
  userId: z.int(),
  status: z.enum(STATUSES),
  sourceType: z.enum(['group_entity', 'project_entity']),
  sourceFullPath: z.string(),
  /** Numeric id at the source. Reads use it, because a path of digits only would be taken for an id. */
  sourceId: z.int(),
  /** As requested; for children the source's path. Normalised only when the group is created. */
  destinationSlug: z.string(),
  /** Full path of the parent at the destination; empty for a top-level group. */
  destinationNamespace: z.string(),
  /** The entity whose `subgroup_entities` pipeline made this one; `null` for requested entities. */
  parentId: z.nullable(z.int()),
  /**
   * The group above at the destination, as the parent's entity knew it when it made this one; `null` for requested
   * entities. Whoever doubts it reads the group by its id.
   */
  parent: z._default(z.nullable(parentSchema), null),
  /** 0 for requested entities, one more than the parent's for children. A generation runs after its parents'. */
  generation: z.int(),
  /** Full path that this entity is about to create at the destination, written before the request is sent. */
  claimedFullPath: z.nullable(z.string()),
  /** Since when it claims that path. */
  claimedAt: z.nullable(z.string()),
  /** When a request was sent last that may have created the group there; `null` when none is in doubt. */
  attemptedAt: z.nullable(z.string()),
  /** Set when the group exists at the destination. */
  namespaceId: z.nullable(z.int()),
  /** When that was; `null` for a group that no request of ours has made. Its reads may lag behind at first. */
  destinationCreatedAt: z.nullable(z.string()),
  /** What the destination has shown of the group as it was made; `null` for one that no request of ours has made. */
  destinationShown: z._default(z.nullable(shownSchema), null),
  projectId: z.nullable(z.int()),
  destinationFullPath: z.nullable(z.string()),
  /** Which relations were asked for or ruled out, by their trackers' names; all others as they are by default. */
  relations: z.record(z.string(), z.boolean()),
  /** Whether it ended with at least one failure. */
  hasFailures: z.boolean(),
  /** Whether a failure row may exist; rows are read only then. */
  failuresRecorded: z.boolean(),
  /** How often it was run. Only the latest run may save: an older one that still lives is refused. */
  run: z.int(),
  /** The relation that a run has alone in hand, to find out which of them kills it; `null` as a rule. */
  alone: z.nullable(z.string()),
  /** How far its relations have come, by name; those that nobody has begun are not there. */
  trackers: z.record(z.string(), trackerSchema),
  createdAt: z.string(),
  updatedAt: z.string(),
});

/** A group (later: or project) that is migrated as part of an import. */
export interface Entity extends Omit<z.infer<typeof entitySchema>, 'v'> {
  /** Counts per relation, of those of which something was read; from the trackers. */
  stats: Record<string, Counts>;
  /** What a relation waits for; without those that do not wait. From the trackers. */
  waiting: Record<string, Waiting>;
}

/** What identifies an entity, and under what it is listed. */
export type EntityKey = Pick<Entity, 'id' | 'importId' | 'destinationUrl' | 'userId'>;

/** What a new entity needs to be told; the rest starts empty. */
export type NewEntity = Pick<
  Entity,
  | 'id'
  | 'importId'
  | 'destinationUrl'
  | 'userId'
  | 'sourceType'
  | 'sourceFullPath'
  | 'sourceId'
  | 'destinationSlug'
  | 'destinationNamespace'
  | 'parentId'
  | 'generation'
  | 'relations'
> &
  Partial<Pick<Entity, 'parent'>>;

function toItem(entity: Omit<Entity, 'stats' | 'waiting'>): Item {
  return {
    ...keys.entity(entity.importId, entity.id),
    ...indexKeys(entity, 'ENTITIES', entity.id, entity.status),
    v: VERSION,
    ...entity,
  };
}

/** An entity as it stands in the table. */
export function entityFromItem(item: Item): Entity {
  const { v: _, trackers: stored, ...entity } = entitySchema.parse(item);
  const trackers = Object.fromEntries(
    Object.entries(stored).map(([name, tracker]) => [name, endedWith(entity.status, tracker)]),
  );
  const all = Object.values(trackers);
  return {
    ...entity,
    trackers,
    stats: Object.fromEntries(
      all.filter(({ counts }) => counts.source > 0).map(({ relation, counts }) => [relation, counts]),
    ),
    waiting: Object.fromEntries(
      all.flatMap(({ relation, waiting }) => (waiting === null ? [] : [[relation, waiting]])),
    ),
  };
}
const fromItem = entityFromItem;

/** Writes a new entity. Does nothing when it exists already, so a repeated write after a crash is harmless. */
export async function createEntity(entity: NewEntity): Promise<void> {
  const now = new Date().toISOString();
  await putNewItem(
    toItem({
      parent: null,
      ...entity,
      status: 'created',
      claimedFullPath: null,
      claimedAt: null,
      attemptedAt: null,
      namespaceId: null,
      destinationCreatedAt: null,
      destinationShown: null,
      projectId: null,
      destinationFullPath: null,
      hasFailures: false,
      failuresRecorded: false,
      run: 0,
      alone: null,
      trackers: {},
      createdAt: now,
      updatedAt: now,
    }),
  );
}

/** Reads an entity, or `undefined` when the import has none with this id. */
export async function findEntity(importId: number, entityId: number): Promise<Entity | undefined> {
  const item = await getItem(keys.entity(importId, entityId));
  return item && fromItem(item);
}

/** Reads an entity that the caller knows to exist. */
export async function getEntity(importId: number, entityId: number): Promise<Entity> {
  const entity = await findEntity(importId, entityId);
  if (entity === undefined) throw new Error(`Entity ${entityId} of import ${importId} does not exist.`);
  return entity;
}

/** Moves an entity to a status if the state machine allows it; returns the entity after it, else `undefined`. */
export async function moveEntity(
  entity: EntityKey,
  status: Exclude<Status, 'created'>,
  hasFailures = false,
): Promise<Entity | undefined> {
  const set = { ...statusKeys(entity, status), ...(hasFailures && { hasFailures }) };
  return change(entity, { set, when: [statusIsOneOf(ALLOWED_FROM[status])] });
}

const statusKeys = (entity: EntityKey, status: Status) => ({
  status,
  statusPk: indexKeys(entity, 'ENTITIES', entity.id, status).statusPk,
});

/** Begins a run: the entity belongs to it from now on. `undefined` when the entity has ended. */
export async function startRun(entity: EntityKey): Promise<Entity | undefined> {
  return change(entity, {
    set: { ...statusKeys(entity, 'started'), alone: null },
    add: { run: 1 },
    when: [statusIsOneOf(['created', 'started'])],
  });
}

/**
 * Begins a run of one relation alone, within a run of the entity. `undefined` when that run is not the latest any more, or
 * somebody else has begun one of the relation since the entity was read.
 *
 * @param relation GitLab's name of it, for a tracker that is not there yet: DynamoDB sets nothing within what is not there
 */
export async function startRunOf(
  entity: Pick<Entity, 'id' | 'importId' | 'run' | 'trackers'>,
  name: string,
  relation: string,
): Promise<Entity | undefined> {
  const tracker = entity.trackers[name];
  const set =
    tracker === undefined
      ? { [`trackers.${name}`]: trackerItem({ ...newTracker(relation), run: 1 }) }
      : { [`trackers.${name}.run`]: tracker.run + 1 };
  return change(entity, { set, when: [isLatest(entity), isLatestOf({ name, run: tracker?.run ?? 0 })] });
}

/** What a run saves at a time, in one write that is done only if the run is the latest and the entity has not ended. */
export interface RunChanges {
  /** Trackers that have changed, by name. */
  trackers?: Record<string, Tracker>;
  /** The claim and the group of the entity, and which relation is alone in hand. */
  set?: Partial<
    PathNote &
      Pick<
        Entity,
        | 'namespaceId'
        | 'destinationFullPath'
        | 'destinationCreatedAt'
        | 'destinationShown'
        | 'alone'
        | 'failuresRecorded'
      >
  >;
  /** How the entity ends, at the end of its last run. */
  end?: { status: 'finished' | 'failed'; hasFailures: boolean };
}

/**
 * Saves what a run has done. Returns false when another run has taken over, or the entity has ended.
 *
 * @param alone the relation that the run has in hand alone, beside other runs for those of the same stage
 */
export async function saveRun(
  entity: EntityKey & Pick<Entity, 'run'>,
  { trackers = {}, set = {}, end }: RunChanges,
  alone?: { name: string; run: number },
): Promise<boolean> {
  const changed = Object.entries(trackers).map(([name, tracker]) => [
    `trackers.${name}`,
    trackerItem(tracker),
  ]);
  return changeItem(keys.entity(entity.importId, entity.id), {
    set: {
      ...Object.fromEntries(changed),
      ...set,
      ...(end !== undefined && { ...statusKeys(entity, end.status), hasFailures: end.hasFailures }),
      updatedAt: new Date().toISOString(),
    },
    when: [isLatest(entity), ...(alone === undefined ? [] : [isLatestOf(alone)])],
  });
}

function isLatest({ run }: Pick<Entity, 'run'>): Condition {
  return {
    expression: '#status = :started AND #run = :run',
    names: { '#status': 'status', '#run': 'run' },
    values: { ':started': 'started', ':run': run },
    needsItem: true,
  };
}

function isLatestOf({ name, run }: { name: string; run: number }): Condition {
  const names = { '#trackers': 'trackers', '#one': name, '#run': 'run' };
  // As a tracker is stored before its first run.
  if (run === 0) return { expression: 'attribute_not_exists(#trackers.#one.#run)', names };
  return { expression: '#trackers.#one.#run = :oneRun', names, values: { ':oneRun': run } };
}

/**
 * Ends a relation whose run has died, from outside: no run of it that still lives can save after it.
 *
 * @param ranApart whether the run had this relation alone, beside runs of others, which go on
 * @returns the entity after it; `undefined` when it has ended, or somebody has begun another run
 */
export async function failTracker(
  entity: EntityKey & Pick<Entity, 'run'>,
  name: string,
  tracker: Tracker,
  ranApart = false,
): Promise<Entity | undefined> {
  const run = ranApart ? tracker.run + 1 : tracker.run;
  return change(entity, {
    set: { [`trackers.${name}`]: trackerItem({ ...tracker, status: 'failed', waiting: null, run }) },
    ...(!ranApart && { add: { run: 1 } }),
    when: [isLatest(entity)],
  });
}

/** Where an entity is about to create its group. */
export type PathNote = Pick<Entity, 'claimedFullPath' | 'claimedAt' | 'attemptedAt'>;

/** Notes that failure rows may exist. Called before a row is written, so no row is ever overlooked. */
export async function markFailuresRecorded(entity: Pick<Entity, 'id' | 'importId'>): Promise<void> {
  await change(entity, { set: { failuresRecorded: true } });
}

/** Notes on an entity that has ended that it has failures. */
export async function markEntityFailures(entity: Pick<Entity, 'id' | 'importId'>): Promise<void> {
  await change(entity, { set: { hasFailures: true } });
}

async function change(
  entity: Pick<Entity, 'id' | 'importId'>,
  update: Pick<Update, 'set' | 'add' | 'when'>,
): Promise<Entity | undefined> {
  const result = await updateItem(keys.entity(entity.importId, entity.id), {
    ...update,
    set: { ...update.set, updatedAt: new Date().toISOString() },
  });
  return result.applied ? fromItem(result.item) : undefined;
}

/** The entities of an import, by id ascending: all, or at most `limit`. */
export async function listEntities(importId: number, limit?: number): Promise<Entity[]> {
  const options = { beginsWith: ENTITY_PREFIX, ...(limit !== undefined && { limit }) };
  return (await queryItems(importPk(importId), options)).map(fromItem);
}

/** Entities per page: about a megabyte, which DynamoDB reads in one request. */
const PAGE = 500;

/** The entities of an import by id ascending, page by page. */
export async function* entityPages(importId: number): AsyncGenerator<Entity[]> {
  let after: string | undefined;
  for (;;) {
    const range = { beginsWith: ENTITY_PREFIX, limit: PAGE, ...(after !== undefined && { after }) };
    const items = await queryItems(importPk(importId), range);
    if (items.length > 0) yield items.map(fromItem);
    if (items.length < PAGE) return;
    after = String(items.at(-1)?.sk);
  }
}

/** Some of an import's entities by id in the order asked for, from behind a key on, at most `limit`. */
export async function listEntitiesBehind(
  importId: number,
  { after, ...order }: { after?: Key | undefined; descending: boolean; limit: number },
): Promise<Entity[]> {
  const range = { beginsWith: ENTITY_PREFIX, ...order, ...(after !== undefined && { after: after.sk }) };
  return (await queryItems(importPk(importId), range)).map(fromItem);
}

/** The keys of all entities of an owner, over all imports, in the order asked for, at most `limit`. */
export async function listUserEntityKeys(
  owner: Owner,
  options: { status?: Status | undefined; descending: boolean; limit: number },
): Promise<Key[]> {
  const items = await queryItems(listPartition(owner, 'ENTITIES', options.status), {
    index: options.status === undefined ? LIST_INDEX : STATUS_INDEX,
    descending: options.descending,
    limit: options.limit,
  });
  return items.map(keyOf);
}

/** Reads entities by key, in that order. */
export async function getEntities(wanted: Key[]): Promise<Entity[]> {
  return (await getItems(wanted)).map(fromItem);
}

const keyOf = (item: Item): Key => ({ pk: String(item.pk), sk: String(item.sk) });
