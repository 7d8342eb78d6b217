import { isRefusal, isTooComplex, isTooLarge } from '../client-errors.ts';
import { TemporaryError } from '../errors.ts';
import { hasFailedToCompute } from '../graphql-errors.ts';
import { isAtLeast, isCommunity } from '../version.ts';
import { boardsSelection, LABELS, MEMBERS, MILESTONES, PROJECTS, SUBGROUPS } from './group-parts.ts';
import { SOURCE_GROUP_FIELDS } from './group-query.ts';

/** What a document can ask of a group, by the name of its GraphQL field; `attributes` is the group itself. */
export type GroupPart =
  | 'attributes'
  | 'groupMembers'
  | 'labels'
  | 'milestones'
  | 'boards'
  | 'projects'
  | 'descendantGroups'
  | 'epicsEnabled';

/** In which documents a GitLab is asked for what; what is in none of them has to be read singly. */
export interface ReadPlan {
  documents: readonly (readonly GroupPart[])[];
  /** Whether its schema has what only the Enterprise Edition has. */
  isEnterprise: boolean;
}

/**
 * About 180 points by GitLab's count, of 250 that a user has and 200 that anybody has. GitLab's scores differ between
 * versions, so a document that is too dear is halved, and its parts are read singly after that.
 */
const HALVES: readonly (readonly GroupPart[])[] = [
  ['attributes', 'epicsEnabled', 'groupMembers', 'labels'],
  ['milestones', 'boards', 'projects', 'descendantGroups'],
];

/**
 * All parts that a GitLab of this version has, in one document. Since labels can be archived (18.10), GraphQL leaves
 * those out that are, and REST does not: there they are read singly.
 */
export function firstPlan(version: string): ReadPlan {
  const left = new Set<GroupPart>();
  if (!isAtLeast(version, '14.9')) left.add('descendantGroups');
  if (isAtLeast(version, '18.10')) left.add('labels');
  const isEnterprise = !isCommunity(version);
  if (!isEnterprise) left.add('epicsEnabled');
  return without({ documents: [HALVES.flat()], isEnterprise }, left);
}

/** What is tried after an error, and whether another group would meet the same. */
export interface NextPlan {
  plan: ReadPlan;
  isForAllGroups: boolean;
}

const UNKNOWN_FIELD = /Field '\w+' doesn't (exist on type '(\w+)'|accept argument)/g;

/** Less in one document, by what the GitLab has said; `undefined` for an error that has nothing to do with that. */
export function planAfter(plan: ReadPlan, error: unknown): NextPlan | undefined {
  if (plan.documents.length === 0) return undefined;
  if (error instanceof TemporaryError) {
    return hasFailedToCompute(error) ? { plan: halved(plan), isForAllGroups: false } : undefined;
  }
  if (isTooLarge(error)) return { plan: halved(plan), isForAllGroups: false };
  if (!isRefusal(error) || error.status !== 200) return undefined;
  const { reason } = error;
  if (isTooComplex(error)) return { plan: halved(plan), isForAllGroups: true };
  const types = [...reason.matchAll(UNKNOWN_FIELD)].map(([, , type]) => type);
  const unknown = new Set<GroupPart>();
  if (types.some(type => /^Board/.test(type ?? ''))) unknown.add('boards');
  for (const part of ['descendantGroups', 'epicsEnabled'] as const)
    if (reason.includes(`'${part}'`)) unknown.add(part);
  return { plan: unknown.size > 0 ? without(plan, unknown) : SINGLE, isForAllGroups: types.length > 0 };
}

const SINGLE: ReadPlan = { documents: [], isEnterprise: false };

function halved(plan: ReadPlan): ReadPlan {
  if (plan.documents.length !== 1) return SINGLE;
  const parts = plan.documents.flat();
  return { ...plan, documents: HALVES.map(half => half.filter(part => parts.includes(part))) };
}

function without(plan: ReadPlan, unknown: ReadonlySet<GroupPart>): ReadPlan {
  return { ...plan, documents: plan.documents.map(parts => parts.filter(part => !unknown.has(part))) };
}

/** The document for some of the parts. The group's id is always asked for: it proves that it is the group. */
export function groupDocument(parts: readonly GroupPart[], isEnterprise: boolean): `query${string}` {
  const connection = (
    name: GroupPart,
    { arguments: others, fields }: { arguments: string; fields: string },
  ) => `${name}(${others}, first: 100) { ${fields} }`;
  const selections: Record<GroupPart, string> = {
    attributes: `${SOURCE_GROUP_FIELDS} avatarUrl`,
    groupMembers: connection('groupMembers', MEMBERS),
    labels: connection('labels', LABELS),
    milestones: connection('milestones', MILESTONES),
    boards: boardsSelection(isEnterprise),
    projects: PROJECTS.selection,
    descendantGroups: SUBGROUPS.selection,
    epicsEnabled: 'epicsEnabled',
  };
  const relations = parts.includes('groupMembers') ? ', $relations: [GroupMemberRelation!]' : '';
  return `query($fullPath: ID!${relations}) { group(fullPath: $fullPath) {
    id ${parts.map(part => selections[part]).join('\n')} } }`;
}
