import * as z from 'zod/mini';
import { ALLOWED_FROM, isTerminal, STATUSES, type Status } from '../domain/statuses.ts';
import { type Counts, countsSchema } from './counts.ts';
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
import {
  getItem,
  getItems,
  type Item,
  putNewItem,
  queryItems,
  statusIsOneOf,
  type Update,
  updateItem,
} from './table.ts';
import { type Waiting, waitingSchema } from './waiting.ts';

const VERSION = 2;

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
  projectId: z.nullable(z.int()),
  destinationFullPath: z.nullable(z.string()),
  migrateProjects: z.boolean(),
  migrateMemberships: z.boolean(),
  /** Whether it ended with at least one failure. */
  hasFailures: z.boolean(),
  /** Whether a failure row may exist; rows are read only then. */
  failuresRecorded: z.boolean(),
  /** Counts per relation, copied from the relation's tracker whenever that is saved. */
  stats: z.record(z.string(), countsSchema),
  /** What a relation's pipeline waits for; without those that do not wait. Empty once the entity has ended. */
  waiting: z.record(z.string(), waitingSchema),
  createdAt: z.string(),
  updatedAt: z.string(),
});

/** A group (later: or project) that is migrated as part of an import. */
export type Entity = Omit<z.infer<typeof entitySchema>, 'v'>;

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
  | 'migrateProjects'
  | 'migrateMemberships'
>;

function toItem(entity: Entity): Item {
  return {
    ...keys.entity(entity.importId, entity.id),
    ...indexKeys(entity, 'ENTITIES', entity.id, entity.status),
    v: VERSION,
    ...entity,
  };
}

function fromItem(item: Item): Entity {
  const { v: _, ...entity } = entitySchema.parse(item);
  return entity;
}

/** Writes a new entity. Does nothing when it exists already, so a repeated write after a crash is harmless. */
export async function createEntity(entity: NewEntity): Promise<void> {
  const now = new Date().toISOString();
  await putNewItem(
    toItem({
      ...entity,
      status: 'created',
      claimedFullPath: null,
      claimedAt: null,
      attemptedAt: null,
      namespaceId: null,
      destinationCreatedAt: null,
      projectId: null,
      destinationFullPath: null,
      hasFailures: false,
      failuresRecorded: false,
      stats: {},
      waiting: {},
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
  entity: Pick<Entity, 'id' | 'importId' | 'destinationUrl' | 'userId'>,
  status: Exclude<Status, 'created'>,
  hasFailures = false,
): Promise<Entity | undefined> {
  const { statusPk } = indexKeys(entity, 'ENTITIES', entity.id, status);
  const set = {
    status,
    statusPk,
    ...(isTerminal(status) && { waiting: {} }),
    ...(hasFailures && { hasFailures }),
  };
  return change(entity, { set, when: [statusIsOneOf(ALLOWED_FROM[status])] });
}

/** Where an entity is about to create its group. */
export type PathNote = Pick<Entity, 'claimedFullPath' | 'claimedAt' | 'attemptedAt'>;

/** Notes where the group is about to be created, so that the effect of a lost response can be told from a foreign group. */
export async function notePath(entity: Pick<Entity, 'id' | 'importId'>, note: PathNote): Promise<void> {
  const { claimedFullPath, claimedAt, attemptedAt } = note;
  await change(entity, { set: { claimedFullPath, claimedAt, attemptedAt } });
}

/**
 * Notes the group at the destination.
 *
 * @param madeAt when a request of this entity made it; left out for one that it has not made
 */
export async function setDestinationGroup(
  entity: Pick<Entity, 'id' | 'importId'>,
  group: { id: number; fullPath: string },
  madeAt: string | null = null,
): Promise<void> {
  await change(entity, {
    set: { namespaceId: group.id, destinationFullPath: group.fullPath, destinationCreatedAt: madeAt },
  });
}

/** Replaces the counts of one relation. */
export async function setRelationCounts(
  entity: Pick<Entity, 'id' | 'importId'>,
  relation: string,
  counts: Counts,
): Promise<void> {
  await change(entity, { set: { [`stats.${relation}`]: counts } });
}

/** Shows how far a relation's pipeline has come, and what it waits for. */
export async function showProgress(
  entity: Pick<Entity, 'id' | 'importId'>,
  relation: string,
  { counts, waiting }: { counts: Counts; waiting: Waiting | null },
): Promise<void> {
  // A relation of which nothing was read yet has no counts.
  const stats = counts.source > 0 ? { [`stats.${relation}`]: counts } : {};
  const path = `waiting.${relation}`;
  await change(
    entity,
    waiting === null
      ? { set: stats, remove: [path] }
      : // Whoever ended it meanwhile has copied the counts, and nothing that has ended waits.
        { set: { ...stats, [path]: waiting }, when: [statusIsOneOf(['created', 'started'])] },
  );
}

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
  update: Pick<Update, 'set' | 'remove' | 'when'>,
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

/**
 * Takes the id for the entity of a child of a source group. The first caller's id stands; a later one (the page is
 * read again after a crash) gets the same id back, so a child never becomes two entities.
 */
export async function reserveChild(
  parent: Pick<Entity, 'id' | 'importId'>,
  sourceId: number,
  newId: () => Promise<number>,
): Promise<number> {
  const key = keys.child(parent.importId, parent.id, sourceId);
  const existing = await getItem(key);
  if (existing !== undefined) return existing.entityId as number;
  const entityId = await newId();
  if (await putNewItem({ ...key, v: VERSION, entityId })) return entityId;
  return (await getItem(key))?.entityId as number;
}
