import fc from 'fast-check';
import type { Entity } from '../../lambdas/store/entity.ts';
import type { SampleTarget } from '../../lib/gitlab-simulator/by-hand.ts';
import { ACCESS_LEVELS, type SampleGroup } from '../../lib/gitlab-simulator/model.ts';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { recordsOf } from './records.ts';
import { portrait, STRANGER } from './strangers.ts';
import type { Aftermath } from './world.ts';

/** What people do, between two attempts, with a group or project that the import has made. */
export interface Upheaval {
  kind: 'renamed' | 'moved' | 'deleted' | 'scheduled' | 'demoted';
  of: 'group' | 'project';
  /** Which of those that the import has made; it begins anew behind the last one. */
  nth: number;
  /** Whether somebody makes something of their own at the path that has become free. */
  hasSuccessor: boolean;
}

export const upheaval: fc.Arbitrary<Upheaval> = fc.record({
  kind: fc.constantFrom('renamed', 'moved', 'deleted', 'scheduled', 'demoted'),
  of: fc.constantFrom('group', 'group', 'project'),
  nth: fc.nat(9),
  hasSuccessor: fc.boolean(),
});

/** What an upheaval has led to. */
export interface Upset {
  upheaval: Upheaval;
  /** Ids of the groups and projects that it concerns: those inside of what it happened to as well. */
  ids: ReadonlySet<number>;
  /** How something has been changed since, in what it concerns or in what somebody else has made. */
  changes(): string[];
  /** Puts everything back as it was before. */
  putBack(): void;
}

/** Brings an upheaval about. @returns `undefined` where the import has made nothing that it could happen to */
export function bringAbout(aftermath: Aftermath, upheaval: Upheaval): Upset | undefined {
  const target = targetOf(aftermath, upheaval);
  if (target === undefined) return undefined;
  const { destination } = aftermath;
  const groups =
    upheaval.kind === 'demoted'
      ? // One whose making is in doubt is known by its only member, the importing user as its Owner.
        groupsOf(aftermath)
      : target.kind === 'group'
        ? destination.groups().filter(({ fullPath }) => isWithin(fullPath, target.record.fullPath))
        : [];
  const concerned = target.kind === 'project' && groups.length === 0 ? [target.record] : groups;
  const place = placeOf(aftermath, target);
  const { path } = target.record;
  const theirs: SampleTarget[] = [];
  const back = act(aftermath, target, { upheaval, groups, theirs });
  const isFree = target.record.path !== path || ['moved', 'deleted'].includes(upheaval.kind);
  if (upheaval.hasSuccessor && isFree) theirs.push(succeed(aftermath, target.kind, { place, path }));
  const looks = lookOf(destination);
  const before = new Map([...concerned, ...theirs.map(({ record }) => record)].map(one => [one, looks(one)]));
  return {
    upheaval,
    ids: new Set([
      ...concerned.map(({ id }) => id),
      ...groups.flatMap(({ projects }) => projects.map(({ id }) => id)),
    ]),
    changes: () =>
      [...before].filter(([one, was]) => looks(one) !== was).map(([{ path }]) => `${path} was changed`),
    putBack() {
      for (const one of theirs.filter(({ record }) => record.path === path)) destination.byHand.remove(one);
      // One that was never filled is made anew when it is deleted, and would then be there twice.
      const isOurs = recordsOf(aftermath).entities.some(one => isMadeBy(one, target));
      if (isOurs) back();
      else if (upheaval.kind !== 'deleted') destination.byHand.remove(target);
      for (const one of theirs.filter(({ record }) => record.path !== path)) destination.byHand.remove(one);
    },
  };
}

/** How things look, without the projects that GitLab was still filling when this was asked for: it goes on with that. */
function lookOf(destination: SampleGitLab): (record: SampleTarget['record']) => string {
  const all = destination.groups().flatMap(({ projects }) => projects);
  const filling = new Set(all.filter(one => !['none', 'finished', 'failed'].includes(one.import.status)));
  return record => {
    if ('projects' in record)
      return portrait({ ...record, projects: record.projects.filter(one => !filling.has(one)) });
    return filling.has(record) ? '' : portrait(record);
  };
}

const isMadeBy = ({ namespaceId, projectId }: Entity, { kind, record }: SampleTarget) =>
  (kind === 'group' ? namespaceId : projectId) === record.id;

/** Where things are moved to: into a group that the import knows nothing of. */
const ELSEWHERE = 'elsewhere';

function act(
  { destination }: Aftermath,
  target: SampleTarget,
  { upheaval, groups, theirs }: { upheaval: Upheaval; groups: SampleGroup[]; theirs: SampleTarget[] },
): () => void {
  const { byHand } = destination;
  switch (upheaval.kind) {
    case 'renamed':
      return byHand.rename(target, `${target.record.path}-renamed`);
    case 'moved': {
      const elsewhere = destination.addGroup({
        name: 'Elsewhere',
        path: ELSEWHERE,
        members: [
          { username: STRANGER, accessLevel: ACCESS_LEVELS.owner },
          { username: 'owner', accessLevel: ACCESS_LEVELS.owner },
        ],
      });
      theirs.push({ kind: 'group', record: elsewhere });
      return byHand.move(target, elsewhere);
    }
    case 'deleted':
      return byHand.remove(target);
    case 'scheduled':
      return byHand.scheduleDeletion(target);
    default:
      return byHand.demote('owner', groups);
  }
}

/** Somebody makes something of their own at the path. */
function succeed(
  { destination }: Aftermath,
  kind: SampleTarget['kind'],
  { place, path }: { place: string | undefined; path: string },
): SampleTarget {
  if (kind === 'project' && place !== undefined)
    return { kind, record: destination.addProject(place, { name: 'Successor', path }) };
  const record = destination.addGroup({
    name: 'Successor',
    path,
    ...(place !== undefined && { parent: place }),
    members: [
      { username: STRANGER, accessLevel: ACCESS_LEVELS.owner },
      { username: 'owner', accessLevel: ACCESS_LEVELS.owner },
    ],
  });
  return { kind: 'group', record };
}

function targetOf(aftermath: Aftermath, { of, nth }: Upheaval): SampleTarget | undefined {
  const { entities } = recordsOf(aftermath);
  const groups = aftermath.destination.groups();
  const made: SampleTarget[] = entities.flatMap(({ namespaceId, projectId }): SampleTarget[] => {
    const group = groups.find(({ id }) => id === namespaceId);
    const project = groups.flatMap(({ projects }) => projects).find(({ id }) => id === projectId);
    return [
      ...(group === undefined ? [] : [{ kind: 'group' as const, record: group }]),
      ...(project === undefined ? [] : [{ kind: 'project' as const, record: project }]),
    ];
  });
  const ofKind = made.filter(({ kind }) => kind === of);
  const candidates = ofKind.length > 0 ? ofKind : made;
  return candidates[nth % candidates.length];
}

/** The groups that entities of the import call theirs. */
function groupsOf(aftermath: Aftermath): SampleGroup[] {
  const ids = new Set(recordsOf(aftermath).entities.map(({ namespaceId }) => namespaceId));
  return aftermath.destination.groups().filter(({ id }) => ids.has(id));
}

/** Full path of the group that something is in; `undefined` at the top level. */
function placeOf({ destination }: Aftermath, target: SampleTarget): string | undefined {
  const groups = destination.groups();
  if (target.kind === 'project')
    return groups.find(({ projects }) => projects.includes(target.record))?.fullPath;
  return groups.find(({ id }) => id === target.record.parentId)?.fullPath;
}

const isWithin = (fullPath: string, above: string) => `${fullPath}/`.startsWith(`${above}/`);
