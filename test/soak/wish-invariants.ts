import { excludedNames } from '../../lambdas/domain/choices.ts';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { metRelations } from '../support/gitlab/relation-marks.ts';
import { type Invariant, ownGroups } from './invariant.ts';
import { PEOPLE, type Person } from './people.ts';
import type { Records } from './records.ts';
import type { Schedule } from './schedule.ts';
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
const nobodyElseIsAMember: Invariant = ({ source, destination, foreign }, records, { wishes }) =>
  ownGroups(destination, foreign).flatMap(target =>
    strangersIn(
      target,
      allowedIn(source, groupsAbove(source, originalPath(target.fullPath)), counterparts(records, wishes)),
      destination,
    ),
  );

/**
 * The same of projects, whether memberships come by the archive or by requests: nobody is a member where memberships are
 * excluded, and whatever somebody is shown to have written, they are whom the archive's members say.
 */
const nobodyElseIsInAProject: Invariant = (aftermath, records, { wishes }) => {
  const { source, destination, foreign, foreignProjects } = aftermath;
  const theirs = new Set(foreignProjects.map(({ id }) => id));
  const areExcluded = wishes?.excluded.includes('members') === true;
  const counterpart = counterparts(records, wishes);
  return ownGroups(destination, foreign).flatMap(group =>
    group.projects
      .filter(({ id }) => !theirs.has(id))
      .flatMap(project => {
        const path = originalPath(`${group.fullPath}/${project.path}`);
        const original = source.project(path);
        if (original === undefined) return [];
        const above = groupsAbove(source, path);
        const allowed = areExcluded ? [] : allowedIn(source, [...above, original], counterpart);
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
                .filter(username => areExcluded || username !== counterpart(author as Person))
                .map(username => `${username} is shown to have written issue ${iid} of ${path}`),
            ),
        ];
      }),
  );
};

interface WithMembers {
  members: readonly { userId: number; accessLevel: number }[];
}
type Counterpart = (person: Person) => string | undefined;

/** Who the people of the source are at the destination. */
function counterparts({ record }: Records, wishes: Schedule['wishes']): Counterpart {
  // A mapping that nobody has taken maps nobody.
  const mapped = record?.userMappingId === undefined ? {} : (wishes?.mapped ?? {});
  // An administrator sees the address that is hidden there.
  const matched = wishes?.isAdministrator ? ['ann', 'ben', 'dan'] : ['ann', 'ben'];
  return person => {
    const named = mapped[person];
    return named === undefined && matched.includes(person) ? person : (named ?? undefined);
  };
}

const groupsAbove = (source: SampleGitLab, path: string) =>
  source.groups().filter(({ fullPath }) => `${path}/`.startsWith(`${fullPath}/`));

/** Who may be a member, and with which level at most. */
function allowedIn(source: SampleGitLab, above: readonly WithMembers[], counterpart: Counterpart) {
  const members = above.flatMap(one => one.members);
  return PEOPLE.flatMap(person => {
    const id = source.userId(person);
    const levels = members.filter(({ userId }) => userId === id).map(({ accessLevel }) => accessLevel);
    const username = counterpart(person);
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
