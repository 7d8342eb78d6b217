import fc from 'fast-check';
import type { SampleGroup } from '../../lib/gitlab-simulator/model.ts';
import { isComplete } from './attempts.ts';
import { ownGroups } from './invariant.ts';
import { broken, OF_EVERY_ATTEMPT } from './invariants.ts';
import { PEOPLE } from './people.ts';
import { recordsOf } from './records.ts';
import { type Schedule, type Wishes, wishes } from './schedule.ts';
import { counterpartIn, type Named, namedBy, strangersAmongMembers } from './wish-invariants.ts';
import type { Aftermath } from './world.ts';

/** Another user mapping, by which an import is retried. */
export interface Remapping {
  mapped: Wishes['mapped'];
  /** Whether all members are gone through again, or only those that had failed. */
  isOfAll: boolean;
}

export const remapping: fc.Arbitrary<Remapping> = fc.record({
  mapped: wishes.map(({ mapped }) => mapped),
  isOfAll: fc.constantFrom(true, true, false),
});

/**
 * Retries an import by another mapping, with nothing going wrong. Members are then those that it gives, and those that were
 * there before: nobody's membership is taken away or lowered, nobody gets a level that they have not at the source.
 *
 * @returns how that broke a promise
 */
export async function remap(
  aftermath: Aftermath,
  drawn: Schedule,
  { mapped, isOfAll }: Remapping,
): Promise<string[]> {
  const mappingId = await aftermath.map(mapped);
  if (mappingId === undefined) return [];
  const named = namedBy(recordsOf(aftermath), drawn.wishes);
  const renamed = { ...named, mapped };
  const before = levelsOf(aftermath);
  const quiet = quietGroups(aftermath);
  const how = isOfAll ? { scope: 'all', relations: ['members'] } : { scope: 'failed' };
  const [status] = await aftermath.retry([{ ...how, user_mapping_id: mappingId }]);
  const after = levelsOf(aftermath);
  const isNamed = recordsOf(aftermath).record?.userMappingId === mappingId;
  return [
    ...(status === 200 || status === 201 ? [] : [`the retry was answered with ${status}`]),
    ...(isNamed === (status === 201)
      ? []
      : [`answered with ${status}, and the mapping is ${isNamed ? '' : 'not '}the import's`]),
    ...[...before].flatMap(([id, levels]) =>
      [...levels]
        .filter(([username, level]) => (after.get(id)?.get(username) ?? 0) < level)
        .map(([username]) => `${username} has lost a level in ${id}`),
    ),
    ...(isOfAll ? [] : quiet)
      .filter(
        id => JSON.stringify([...(after.get(id) ?? [])]) !== JSON.stringify([...(before.get(id) ?? [])]),
      )
      .map(id => `no member of ${id} had failed, and they are others now`),
    ...strangersAmongMembers(aftermath, [named, ...(isNamed ? [renamed] : [])]),
    ...(isOfAll && isComplete(drawn, aftermath) ? missing(aftermath, renamed) : []),
    ...broken(aftermath, drawn, [...OF_EVERY_ATTEMPT]),
  ];
}

/** The levels of the members of each group, by its id and their names. */
const levelsOf = ({ destination, foreign }: Aftermath) =>
  new Map(
    ownGroups(destination, foreign).map(({ id, members }) => [
      id,
      new Map(members.map(({ userId, accessLevel }) => [destination.username(userId), accessLevel])),
    ]),
  );

/** Ids of the groups of whose members none has failed. */
function quietGroups(aftermath: Aftermath): number[] {
  const { trackers, failures, entities } = recordsOf(aftermath);
  const isQuiet = (entityId: number) =>
    trackers.some(
      one => one.entityId === entityId && one.pipeline === 'members' && one.status === 'finished',
    ) && !failures.some(one => one.entityId === entityId && one.key.split('#')[1] === 'members');
  return entities.flatMap(({ id, namespaceId }) =>
    namespaceId !== null && isQuiet(id) ? [namespaceId] : [],
  );
}

/** Whom the mapping gives a membership, and who has not got it, neither in the group itself nor above it. */
function missing({ source, destination, ...others }: Aftermath, named: Named): string[] {
  const { entities, trackers } = recordsOf(others);
  return entities.flatMap(({ id, namespaceId, sourceId }) => {
    const tracker = trackers.find(one => one.entityId === id && one.pipeline === 'members');
    const target = destination.groups().find(one => one.id === namespaceId);
    const group = source.groups().find(one => one.id === sourceId);
    if (tracker?.status !== 'finished' || target === undefined || group === undefined) return [];
    const line = destination
      .groups()
      .filter(({ fullPath }) => `${target.fullPath}/`.startsWith(`${fullPath}/`));
    return PEOPLE.flatMap(person => {
      const username = counterpartIn(named, person);
      const level = levelIn(group, source.userId(person));
      const has = Math.max(...line.map(one => levelIn(one, destination.userId(username ?? ''))));
      return username !== undefined && has < level
        ? [`${username} has not got their level in ${target.fullPath}`]
        : [];
    });
  });
}

const levelIn = ({ members }: SampleGroup, userId: number | undefined) =>
  members.find(one => one.userId === userId)?.accessLevel ?? 0;
