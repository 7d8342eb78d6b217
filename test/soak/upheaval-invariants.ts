import type { Entity } from '../../lambdas/store/entity.ts';
import { NOTICE } from './invariant.ts';
import { type Records, recordsOf } from './records.ts';
import type { Upheaval, Upset } from './upheavals.ts';
import type { Aftermath } from './world.ts';

/** What must become of an attempt that finds the groups and projects of an earlier one otherwise than that has left them. */

/** How a failure says what has happened, and what to do about it. */
const WORDS: Record<Upheaval['kind'], RegExp> = {
  renamed: /was moved or renamed at the destination.* Move it back and retry/,
  moved: /was moved or renamed at the destination.* Move it back and retry/,
  deleted: /is gone at the destination.* Restore it there and retry/,
  scheduled: /waits for its deletion at the destination.* Restore it there and retry/,
  demoted: /./,
};

/**
 * Whatever is concerned fails with a reason that names it, and nothing of it is touched; all others come to their ends.
 *
 * @param isCalm whether nothing else goes wrong, so that there is no other reason
 * @param isComplete whether a new import would bring everything
 */
export function hasRightEnds(
  aftermath: Aftermath,
  upset: Upset,
  before: Records,
  { isCalm, isComplete }: { isCalm: boolean; isComplete: boolean },
): string[] {
  const { entities, failures } = recordsOf(aftermath);
  // Where nothing was to be done there is no attempt, and nothing is looked at.
  const opened = entities.filter(({ attempt }) => attempt > (before.record?.attempt ?? 1));
  const was = new Map(before.entities.map(one => [one.id, one]));
  const concerned = new Set(
    before.entities.filter(one => isConcerned(one, before.entities, upset)).map(({ id }) => id),
  );
  const namesIt = ({ id }: Entity) =>
    failures.some(
      ({ entityId, exceptionMessage }) =>
        entityId === id &&
        WORDS[upset.upheaval.kind].test(exceptionMessage) &&
        exceptionMessage.length <= 255,
    );
  return [
    ...upset.changes(),
    ...entities
      .filter(({ id, namespaceId }) => (was.get(id)?.namespaceId ?? namespaceId) !== namespaceId)
      .map(({ id }) => `entity ${id} has another group than before`),
    ...(isCalm ? opened : []).flatMap(entity => {
      const { id, status } = entity;
      const where = `entity ${id} (${upset.upheaval.kind})`;
      if (concerned.has(id)) {
        if (isMadeAnew(was.get(id), upset)) return [];
        if (upset.upheaval.kind === 'demoted') return [];
        return [
          ...(status === 'failed' ? [] : [`${where} is '${status}' in spite of that`]),
          ...(namesIt(entity) ? [] : [`${where} has failed, and no failure says what has happened`]),
        ];
      }
      const others = failures.filter(
        ({ entityId, exceptionClass }) => entityId === id && exceptionClass !== NOTICE,
      );
      if (!isComplete || (status === 'finished' && others.length === 0)) return [];
      return [`${where} is not concerned, and is '${status}': ${others[0]?.exceptionMessage}`];
    }),
  ];
}

/** Whether an upheaval concerns what the entity has made, or where it would make it. */
function isConcerned(entity: Entity, entities: readonly Entity[], upset: Upset): boolean {
  const made = entity.sourceType === 'group_entity' ? entity.namespaceId : entity.projectId;
  if (made !== null) return upset.ids.has(made);
  const parent = entities.find(({ id }) => id === entity.parentId);
  return parent !== undefined && isConcerned(parent, entities, upset);
}

/**
 * A project that was never filled to its end may be deleted, as its failure advises; the next attempt makes it anew, where
 * its group is as it was.
 */
function isMadeAnew(entity: Entity | undefined, { upheaval, ids }: Upset): boolean {
  if (entity?.sourceType !== 'project_entity' || ids.size > 1) return false;
  const isDeleted = upheaval.kind === 'deleted' || upheaval.kind === 'scheduled';
  return isDeleted && entity.trackers.project_import?.status !== 'finished';
}
