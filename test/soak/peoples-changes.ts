import { ACCESS_LEVELS } from '../../lib/gitlab-simulator/model.ts';
import { recordsOf } from './records.ts';
import { STRANGER } from './strangers.ts';
import type { Aftermath } from './world.ts';

/**
 * People give a member who has arrived a lower level, in each group whose members have all been dealt with: no attempt
 * after that has anything to do with them, whatever else of the group has failed. Only where nobody is a member below by
 * that.
 *
 * @returns to be asked later: whose level was raised again
 */
export function lowerMembers(aftermath: Aftermath): () => string[] {
  const { destination } = aftermath;
  const { entities, trackers, failures } = recordsOf(aftermath);
  const lowered = destination.groups().flatMap(group => {
    const entity = entities.find(({ namespaceId }) => namespaceId === group.id);
    const tracker = trackers.find(one => one.entityId === entity?.id && one.pipeline === 'members');
    const hasMore = group.projects.length > 0 || destination.groups().some(one => one.parentId === group.id);
    if (tracker?.status !== 'finished' || hasMore) return [];
    const failed = failures.filter(({ entityId }) => entityId === entity?.id);
    const member = group.members.find(({ userId, accessLevel }) => {
      const name = destination.username(userId);
      const isOne = name !== 'owner' && name !== STRANGER && accessLevel > ACCESS_LEVELS.guest;
      return isOne && failed.every(({ sourceTitle }) => sourceTitle !== name);
    });
    if (member === undefined) return [];
    member.accessLevel = ACCESS_LEVELS.guest;
    return [{ member, group }];
  });
  return () =>
    lowered
      .filter(({ member }) => member.accessLevel !== ACCESS_LEVELS.guest)
      .map(({ group }) => `people have lowered a level in ${group.fullPath}, and it was raised again`);
}
