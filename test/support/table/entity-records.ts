import { getEntity } from '../../../lambdas/store/entities.ts';
import type { Entity } from '../../../lambdas/store/entity.ts';
import { keys } from '../../../lambdas/store/keys.ts';
import { updateItem } from '../../../lambdas/store/table-updates.ts';
import { type Counts, newTracker, type Tracker, trackerItem } from '../../../lambdas/store/trackers.ts';
import type { Waiting } from '../../../lambdas/store/waiting.ts';

/** What runs write into entities, written without one. */

type EntityId = Pick<Entity, 'id' | 'importId'>;

async function change({ id, importId }: EntityId, set: Record<string, unknown>): Promise<void> {
  await updateItem(keys.entity(importId, id), { set: { ...set, updatedAt: new Date().toISOString() } });
}

/** Gives an entity its group at the destination. @param madeAt when a request of the entity made it */
export async function setDestinationGroup(
  entity: EntityId,
  group: { id: number; fullPath: string },
  madeAt: string | null = null,
): Promise<void> {
  await change(entity, {
    namespaceId: group.id,
    destinationFullPath: group.fullPath,
    destinationCreatedAt: madeAt,
  });
}

/** Replaces the tracker of a relation. */
export async function setTracker(entity: EntityId, name: string, tracker: Partial<Tracker>): Promise<void> {
  await change(entity, { [`trackers.${name}`]: trackerItem({ ...newTracker(name, 'started'), ...tracker }) });
}

/** Replaces the counts of a relation that runs. */
export async function setRelationCounts(entity: EntityId, relation: string, counts: Counts): Promise<void> {
  await setTracker(entity, relation, { counts });
}

/** Shows how far a relation has come, and what it waits for. */
export async function showProgress(
  entity: EntityId,
  relation: string,
  { counts, waiting }: { counts: Counts; waiting: Waiting | null },
): Promise<void> {
  await setTracker(entity, relation, { counts, waiting });
}

/** A tracker with what it belongs to. */
export type NamedTracker = Tracker & { importId: number; entityId: number; pipeline: string };

/** The trackers of an entity as it is shown, by their names. */
export function trackersOf({ importId, id: entityId, trackers }: Entity): NamedTracker[] {
  return Object.entries(trackers).map(([pipeline, tracker]) => ({
    importId,
    entityId,
    pipeline,
    ...tracker,
  }));
}

/** The trackers of an entity as it is now. */
export async function listTrackers(importId: number, entityId: number): Promise<NamedTracker[]> {
  return trackersOf(await getEntity(importId, entityId));
}
