import { excludedNames } from '../../lambdas/domain/choices.ts';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { metRelations } from '../support/gitlab/relation-marks.ts';
import { type Invariant, ownGroups } from './invariant.ts';
import { PEOPLE, type Person } from './people.ts';
import type { Records } from './records.ts';
import type { Wishes } from './schedule.ts';
import { STRANGER } from './strangers.ts';
import type { Aftermath } from './world.ts';

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
const nobodyElseIsAMember: Invariant = (aftermath, records, { wishes }) =>
  strangersAmongMembers(aftermath, [namedBy(records, wishes)]);

/**
 * Who is a member at the destination, or has a level there, that none of an import's attempts gives them.
 *
 * @param attempts whom each names
 */
export function strangersAmongMembers(
  { source, destination, foreign }: Aftermath,
  attempts: readonly Named[],
): string[] {
  return ownGroups(destination, foreign).flatMap(target => {
    const above = groupsAbove(source, originalPath(target.fullPath));
    return strangersIn(
      target,
      attempts.flatMap(named => allowedIn(source, above, named)),
      destination,
    );
  });
}

/**
 * The same of projects, whether memberships come by the archive or by requests: nobody is a member where memberships are
 * excluded, and whatever somebody is shown to have written, they are whom the archive's members say.
 */
const nobodyElseIsInAProject: Invariant = (aftermath, records, { wishes }) => {
  const { source, destination, foreign, foreignProjects } = aftermath;
  const theirs = new Set(foreignProjects.map(({ id }) => id));
  const areExcluded = wishes?.excluded.includes('members') === true;
  const named = namedBy(records, wishes);
  return ownGroups(destination, foreign).flatMap(group =>
    group.projects
      .filter(({ id }) => !theirs.has(id))
      .flatMap(project => {
        const path = originalPath(`${group.fullPath}/${project.path}`);
        const original = source.project(path);
        if (original === undefined) return [];
        const above = groupsAbove(source, path);
        const allowed = areExcluded ? [] : allowedIn(source, [...above, original], named);
        return [
          ...strangersIn({ fullPath: path, members: project.members }, allowed, destination),
          ...project.issues
            .map(({ iid, authorId, notes }) => ({
              iid,
              wrote: [authorId, ...notes.map(note => note.authorId)].map(id => destination.username(id)),
              author: source.username(original.issues.find(one => one.iid === iid)?.authorId ?? 0),
            }))
            .flatMap(({ iid, wrote, author }) =>
              wrote
                .filter(username => username !== 'owner')
                .filter(username => areExcluded || username !== counterpartIn(named, author as Person))
                .map(username => `${username} is shown to have written issue ${iid} of ${path}`),
            ),
        ];
      }),
  );
};

interface WithMembers {
  members: readonly { userId: number; accessLevel: number }[];
}
/** Whom an attempt of an import names for the people of the source, and whether an administrator began it. */
export type Named = Pick<Wishes, 'mapped' | 'isAdministrator'>;

/** What the attempt of an import that was asked for with these wishes names. */
export function namedBy({ record }: Records, wishes: Wishes | undefined): Named {
  const isAdministrator = wishes?.isAdministrator ?? false;
  // A mapping that nobody has taken maps nobody.
  return { mapped: record?.userMappingId === undefined ? {} : (wishes?.mapped ?? {}), isAdministrator };
}

/** Who a person of the source is at the destination: whom a mapping names, or else who shows their address; or nobody. */
export function counterpartIn({ mapped, isAdministrator }: Named, person: Person): string | undefined {
  const named = mapped[person];
  // An administrator sees the address that is hidden there.
  const matched = isAdministrator ? ['ann', 'ben', 'dan'] : ['ann', 'ben'];
  return named === undefined && matched.includes(person) ? person : (named ?? undefined);
}

const groupsAbove = (source: SampleGitLab, path: string) =>
  source.groups().filter(({ fullPath }) => `${path}/`.startsWith(`${fullPath}/`));

/** Who may be a member, and with which level at most. */
function allowedIn(source: SampleGitLab, above: readonly WithMembers[], named: Named) {
  const members = above.flatMap(one => one.members);
  return PEOPLE.flatMap(person => {
    const id = source.userId(person);
    const levels = members.filter(({ userId }) => userId === id).map(({ accessLevel }) => accessLevel);
    const username = counterpartIn(named, person);
    return username === undefined || levels.length === 0 ? [] : [{ username, level: Math.max(...levels) }];
  });
}

function strangersIn(
  { fullPath, members }: WithMembers & { fullPath: string },
  allowed: { username: string; level: number }[],
  destination: SampleGitLab,
): string[] {
  return members
    .map(({ userId, accessLevel }) => ({ username: destination.username(userId), accessLevel }))
    .filter(({ username }) => username !== 'owner' && username !== STRANGER)
    .filter(
      ({ username, accessLevel }) =>
        !allowed.some(one => one.username === username && accessLevel <= one.level),
    )
    .map(({ username, accessLevel }) => `${username} has the level ${accessLevel} in ${fullPath}`);
}

/** The path at the source of what had to evade somebody. No path of a plan has a `_`. */
const originalPath = (path: string) => path.replaceAll(/_\d+(?=\/|$)/g, '');

export const WISH_INVARIANTS = { whatIsExcludedIsLeftAlone, nobodyElseIsAMember, nobodyElseIsInAProject };
