import * as z from 'zod/mini';
import { globalId } from '../../gitlab/api/global-id.ts';
import { graphqlFields, lookUp } from '../../gitlab/api/lookups.ts';
import { findMissingRole } from '../../gitlab/api/roles.ts';
import type { GitLabClient } from '../../gitlab/client.ts';
import type { Caller } from '../request/api-event.ts';
import type { RequestedEntity } from '../request/create-import-parameters.ts';
import { MESSAGES } from './messages.ts';
import { type Refusal, RefusedEntities, refused } from './refused-entities.ts';
import { findOtherSpellings } from './spellings.ts';

const MAINTAINER = 40;
const OWNER = 50;
/** Makes no top-level groups through its API (403), whatever `GET /user` says of `can_create_group`. */
const GITLAB_COM = 'https://gitlab.com';

const namespaceSchema = z.object({
  id: globalId,
  fullPath: z.string(),
  subgroupCreationLevel: z.optional(z.nullable(z.string())),
  projectCreationLevel: z.optional(z.nullable(z.string())),
  maxAccessLevel: z.optional(z.nullable(z.object({ integerValue: z.optional(z.nullable(z.int())) }))),
});

/** A group of the destination that something goes into. */
export type Namespace = z.infer<typeof namespaceSchema>;

/** Namespaces by their path as it was requested; the top level is not among them. */
export type Namespaces = ReadonlyMap<string, Namespace>;

/**
 * Checks that the caller may put the entities into their namespaces.
 *
 * @throws HttpError 422 with GitLab's message for the first entity whose namespace is no such group
 */
export async function checkNamespaces(
  destination: GitLabClient,
  entities: readonly RequestedEntity[],
  caller: Caller,
): Promise<Namespaces> {
  const paths = [...new Set(entities.map(entity => entity.destinationNamespace))].filter(Boolean);
  const hasProjects = entities.some(({ sourceType }) => sourceType === 'project_entity');
  const namespaces = await lookUpNamespaces(destination, paths, caller, hasProjects);
  const problems = entities.map(entity => problemOf(entity, namespaces, caller));
  const first = problems.findIndex(problem => problem !== undefined);
  const before = first === -1 ? entities : entities.slice(0, first);
  const forbidden = caller.isAdmin ? undefined : await findForbidden(destination, before, namespaces, caller);
  if (forbidden !== undefined)
    throw refused(forbidden, MESSAGES.badNamespace(forbidden.destinationNamespace));
  if (first !== -1) {
    throw new RefusedEntities(
      entities.flatMap((entity, index): Refusal[] => {
        const problem = problems[index];
        return problem === undefined ? [] : [[entity, problem]];
      }),
    );
  }
  return namespaces;
}

async function lookUpNamespaces(
  destination: GitLabClient,
  paths: string[],
  caller: Caller,
  hasProjects: boolean,
): Promise<Namespaces> {
  if (paths.length === 0) return new Map();
  const fields = caller.isAdmin ? new Set() : await graphqlFields(destination, 'Group');
  const level = fields.has('maxAccessLevel') ? ' maxAccessLevel { integerValue }' : '';
  const projects = hasProjects ? ' projectCreationLevel' : '';
  const selection = {
    fields: `id fullPath subgroupCreationLevel${projects}${level}`,
    schema: namespaceSchema,
  };
  const sought = paths.map(fullPath => ({ kind: 'group' as const, fullPath }));
  const found = await lookUp(destination, sought, selection);
  await findOtherSpellings(destination, sought, found, spelled => lookUp(destination, spelled, selection));
  return new Map(
    paths.flatMap((path, index) => {
      const namespace = found[index];
      return namespace === undefined ? [] : [[path, namespace]];
    }),
  );
}

/** What stands against an entity's namespace whatever the caller's role in it is. */
function problemOf(
  { destinationNamespace: path, sourceType }: RequestedEntity,
  namespaces: Namespaces,
  caller: Caller,
): string | undefined {
  if (path !== '') {
    const namespace = namespaces.get(path);
    if (namespace === undefined) return MESSAGES.badNamespace(path);
    const isClosed = sourceType === 'project_entity' && isClosedToProjects(namespace, caller);
    return isClosed ? MESSAGES.closedToProjects(path) : undefined;
  }
  const mayCreate = sourceType === 'group_entity' && (caller.canCreateGroup || caller.isAdmin);
  if (!mayCreate) return MESSAGES.badNamespace(path);
  return caller.gitlabOrigin === GITLAB_COM ? MESSAGES.noTopLevelGroups : undefined;
}

/** Whether a group lets nobody create projects, or only administrators: no role in it changes that. */
function isClosedToProjects({ projectCreationLevel: level }: Namespace, { isAdmin }: Caller): boolean {
  return level === 'noone' || (level === 'administrator' && !isAdmin);
}

/** The first entity into whose namespace the caller may put nothing of its kind. */
async function findForbidden(
  destination: GitLabClient,
  entities: readonly RequestedEntity[],
  namespaces: Namespaces,
  caller: Caller,
): Promise<RequestedEntity | undefined> {
  // Many entities go into one namespace; the first of each kind stands for the others.
  const first = new Map<string, RequestedEntity>();
  for (const entity of entities) {
    const key = `${entity.sourceType} ${entity.destinationNamespace}`;
    if (entity.destinationNamespace !== '' && !first.has(key)) first.set(key, entity);
  }
  const checked = [...first.values()];
  const needed = checked.flatMap(({ sourceType, destinationNamespace }) => {
    const namespace = namespaces.get(destinationNamespace);
    if (namespace === undefined) return [];
    const onlyOwners =
      sourceType === 'group_entity'
        ? namespace.subgroupCreationLevel !== 'maintainer'
        : namespace.projectCreationLevel === 'owner';
    const level = namespace.maxAccessLevel?.integerValue ?? undefined;
    return [{ groupId: namespace.id, least: onlyOwners ? OWNER : MAINTAINER, level }];
  });
  return checked[await findMissingRole(destination, caller.id, needed)];
}
