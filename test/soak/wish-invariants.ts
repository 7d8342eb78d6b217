import { excludedNames } from '../../lambdas/domain/choices.ts';
import { metRelations } from '../support/gitlab/relation-marks.ts';
import { type Invariant, ownGroups } from './invariant.ts';
import { PEOPLE, type Person } from './people.ts';
import { STRANGER } from './strangers.ts';

/** What an owner has said of an import holds, whatever goes wrong. */

/** What is excluded was neither read nor written, and each group says so. */
const whatIsExcludedIsLeftAlone: Invariant = ({ source, destination }, { entities }, { wishes }) => {
  const excluded = wishes?.excluded ?? [];
  return [
    ...(excluded.length === 0 ? [] : metRelations({ source, destination }))
      .filter(name => excluded.includes(name))
      .map(name => `${name} are excluded, and were read or written`),
    ...entities
      .filter(({ sourceType }) => sourceType === 'group_entity')
      .filter(
        one => `${excludedNames('group_entity', one.relations).toSorted()}` !== `${excluded.toSorted()}`,
      )
      .map(({ id, relations }) => `entity ${id} excludes ${JSON.stringify(relations)}`),
  ];
};

/** A member at the destination is whom the mapping names for one at the source, or who shows their address, and no more. */
const nobodyElseIsAMember: Invariant = ({ source, destination, foreign }, { record }, { wishes }) => {
  // A mapping that nobody has taken maps nobody.
  const mapped = record?.userMappingId === undefined ? {} : (wishes?.mapped ?? {});
  const isMatched = (person: Person) => person === 'ann' || person === 'ben';
  const counterpart = (person: Person) => {
    const named = mapped[person];
    return named === undefined && isMatched(person) ? person : (named ?? undefined);
  };
  return ownGroups(destination, foreign).flatMap(target => {
    const path = target.fullPath.replaceAll(/_\d+(?=\/|$)/g, '');
    const above = source.groups().filter(({ fullPath }) => `${path}/`.startsWith(`${fullPath}/`));
    const members = above.flatMap(group => group.members);
    const allowed = PEOPLE.flatMap(person => {
      const id = source.userId(person);
      const levels = members.filter(({ userId }) => userId === id).map(({ accessLevel }) => accessLevel);
      const username = counterpart(person);
      return username === undefined || levels.length === 0 ? [] : [{ username, level: Math.max(...levels) }];
    });
    return target.members
      .map(({ userId, accessLevel }) => ({ username: destination.username(userId), accessLevel }))
      .filter(({ username }) => username !== 'owner' && username !== STRANGER)
      .filter(
        ({ username, accessLevel }) =>
          !allowed.some(one => one.username === username && accessLevel <= one.level),
      )
      .map(({ username, accessLevel }) => `${username} has the level ${accessLevel} in ${target.fullPath}`);
  });
};

export const WISH_INVARIANTS = { whatIsExcludedIsLeftAlone, nobodyElseIsAMember };
