import { ALLOWED_FROM, STATUSES, type Status } from '../domain/statuses.ts';
import { type Condition, entityIsOfAttempt, statusIsOneOf } from './conditions.ts';
import { type Entity, type EntityKey, entityFromItem, entityItem, type NewEntity } from './entity.ts';
import { indexKeys, keys } from './keys.ts';
import { getItem, putNewItem } from './table.ts';
import { type Update, updateItem } from './table-updates.ts';

/** Writes a new entity. Does nothing when it exists already, so a repeated write after a crash is harmless. */
export async function createEntity(entity: NewEntity): Promise<void> {
  const now = new Date().toISOString();
  await putNewItem(
    entityItem({
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

/**
 * Writes what a verification looks at of an entity of the import that it verifies: under the same id, with what the
 * entity has become at the destination, and nothing that was counted. Does nothing when it exists already.
 */
export async function copyForVerification(
  { stats: _, waiting: __, changes: ___, counted: ____, notMigrated: _____, ...entity }: Entity,
  verificationId: number,
): Promise<void> {
  const now = new Date().toISOString();
  await putNewItem(
    entityItem({
      ...entity,
      importId: verificationId,
      kind: 'verification',
      attempt: 1,
      status: 'created',
      claimedFullPath: null,
      claimedAt: null,
      attemptedAt: null,
      destinationCreatedAt: null,
      destinationShown: null,
      hasFailures: false,
      failuresRecorded: false,
      run: 0,
      deaths: 0,
      hasOpenWrites: false,
      redo: null,
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
  return item && entityFromItem(item);
}

/** Reads an entity that the caller knows to exist. */
export async function getEntity(importId: number, entityId: number): Promise<Entity> {
  const entity = await findEntity(importId, entityId);
  if (entity === undefined) throw new Error(`Entity ${entityId} of import ${importId} does not exist.`);
  return entity;
}

/**
 * Moves an entity to a status if the state machine allows it; returns the entity after it, else `undefined`.
 *
 * @param when what must be true besides
 */
export async function moveEntity(
  entity: EntityKey,
  status: Exclude<Status, 'created'>,
  hasFailures = false,
  when: Condition[] = [],
): Promise<Entity | undefined> {
  const set = { ...statusKeys(entity, status), ...(hasFailures && { hasFailures }) };
  return changeEntity(entity, { set, when: [statusIsOneOf(ALLOWED_FROM[status]), ...when] });
}

/** Notes that failure rows may exist. Called before a row is written, so no row is ever overlooked. */
export async function markFailuresRecorded(entity: Pick<Entity, 'id' | 'importId'>): Promise<void> {
  await changeEntity(entity, { set: { failuresRecorded: true } });
}

/** The attributes that a status has, with that of its index. */
export const statusKeys = (entity: EntityKey, status: Status) => ({
  status,
  statusPk: indexKeys(entity, 'ENTITIES', entity.id, status).statusPk,
});

/**
 * Changes an entity, if it is as `when` says.
 *
 * @returns the entity after it; `undefined` when it was not
 */
export async function changeEntity(
  entity: Pick<Entity, 'id' | 'importId'>,
  update: Pick<Update, 'set' | 'add' | 'when'>,
): Promise<Entity | undefined> {
  const result = await updateItem(keys.entity(entity.importId, entity.id), {
    ...update,
    set: { ...update.set, updatedAt: new Date().toISOString() },
  });
  return result.applied ? entityFromItem(result.item) : undefined;
}

/**
 * Gives an entity to a later attempt, which moves these relations again. What it had come to stays until its first run.
 *
 * @returns false when it was given to one before, or canceled
 */
export async function reopenEntity(
  entity: EntityKey & Pick<Entity, 'attempt'>,
  attempt: number,
  redo: NonNullable<Entity['redo']>,
): Promise<boolean> {
  const set = { ...statusKeys(entity, 'created'), attempt, redo, alone: null, deaths: 0 };
  const when = [statusIsOneOf(REOPENED_FROM), entityIsOfAttempt(entity)];
  return (await changeEntity(entity, { set, when })) !== undefined;
}

/** Also those that were open as their import ended. */
const REOPENED_FROM = STATUSES.filter(status => status !== 'canceled');
