import * as z from 'zod/mini';
import { globalId } from '../../gitlab/api/global-id.ts';
import { getExportPermission } from '../../gitlab/api/groups.ts';
import { lookUp, type Selection, type Sought } from '../../gitlab/api/lookups.ts';
import { findMissingRole } from '../../gitlab/api/roles.ts';
import type { GitLabClient } from '../../gitlab/client.ts';
import { environment } from '../../platform/environment.ts';
import { unprocessable } from '../answers/http-errors.ts';
import type { Caller } from '../request/api-event.ts';
import type { RequestedEntity } from '../request/create-import-parameters.ts';
import { MESSAGES } from './messages.ts';
import { RefusedEntities, refused } from './refused-entities.ts';
import type { SourceInstance } from './source-instance.ts';
import { findOtherSpellings } from './spellings.ts';

const OWNER = 50;

/** A group or project of the source, as its user sees it. */
export interface SourceRecord {
  id: number;
  fullPath: string;
  /** Whether a group demands two-factor authentication of its members. */
  requiresTwoFactor: boolean;
  /** The user's level in a group; `undefined` where the version does not tell. */
  level?: number | undefined;
  /** Whether the user may administer a project, which is what a maintainer may. */
  isMaintainer?: boolean;
}

/** An entity as it was asked for, with what it is at the source. */
export interface SourceEntity extends RequestedEntity {
  source: SourceRecord;
}

/**
 * Finds the entities at the source and checks that the token's user may migrate them: as an owner of the group, as a
 * maintainer of the project, or as an administrator. GitLab demands the same of its exports. Anybody else would see a
 * part of the group and migrate it for the whole.
 *
 * @returns the entities with their records, in order
 * @throws HttpError 422 with GitLab's message for the first entity that cannot be migrated
 */
export async function findSources(
  source: GitLabClient,
  instance: SourceInstance,
  entities: readonly RequestedEntity[],
): Promise<SourceEntity[]> {
  const sought = entities.map(toSought);
  const records = await lookUpSources(source, instance, sought);
  await findOtherSpellings(source, sought, records, spelled => lookUpSources(source, instance, spelled));
  const found = foundBefore(entities, records);
  await checkSwitch(source, found[0]);
  const forbidden = instance.user.is_admin === true ? -1 : await indexOfForbidden(source, instance, found);
  const refusedOne = entities[forbidden];
  if (refusedOne !== undefined) {
    throw refused(refusedOne, MESSAGES.notExportable(refusedOne.sourceFullPath));
  }
  const missing = entities.filter((_, index) => records[index] === undefined);
  if (missing.length > 0) {
    throw new RefusedEntities(missing.map(entity => [entity, MESSAGES.notFound(entity.sourceFullPath)]));
  }
  return found;
}

/** The entities before the first one that is not there, with their records. */
function foundBefore(
  entities: readonly RequestedEntity[],
  records: readonly (SourceRecord | undefined)[],
): SourceEntity[] {
  const found: SourceEntity[] = [];
  for (const [index, entity] of entities.entries()) {
    const source = records[index];
    if (source === undefined) return found;
    found.push({ ...entity, source });
  }
  return found;
}

/** Refuses what GitLab refuses from 16.4 on while it migrates: a group that demands more of its members than the caller has. */
export function checkTwoFactor(entities: readonly SourceEntity[], caller: Caller): void {
  const demanding = entities.filter(({ source }) => source.requiresTwoFactor);
  if (demanding.length > 0 && caller.hasTwoFactor === false) {
    throw new RefusedEntities(
      demanding.map(entity => [entity, MESSAGES.needsTwoFactor(entity.sourceFullPath)]),
    );
  }
}

const optional = <T extends z.ZodMiniType>(schema: T) => z.optional(z.nullable(schema));

const groupSchema = z.object({
  id: globalId,
  fullPath: z.string(),
  requireTwoFactorAuthentication: optional(z.boolean()),
  maxAccessLevel: optional(z.object({ integerValue: optional(z.int()) })),
});

const projectSchema = z.object({
  id: globalId,
  fullPath: z.string(),
  userPermissions: z.object({ adminProject: z.boolean() }),
});

const PROJECT: Selection<z.infer<typeof projectSchema>> = {
  fields: 'id fullPath userPermissions { adminProject }',
  schema: projectSchema,
};

function groupSelection({ groupFields }: SourceInstance): Selection<z.infer<typeof groupSchema>> {
  // Between 16.2 and 19.4 it came; the version is not known.
  const level = groupFields.has('maxAccessLevel') ? ' maxAccessLevel { integerValue }' : '';
  return { fields: `id fullPath requireTwoFactorAuthentication${level}`, schema: groupSchema };
}

const toSought = ({ sourceType, sourceFullPath }: RequestedEntity): Sought => ({
  kind: sourceType === 'group_entity' ? 'group' : 'project',
  fullPath: sourceFullPath,
});

async function lookUpSources(
  source: GitLabClient,
  instance: SourceInstance,
  sought: readonly Sought[],
): Promise<(SourceRecord | undefined)[]> {
  const [groups, projects] = await Promise.all([
    lookUp(
      source,
      sought.filter(({ kind }) => kind === 'group'),
      groupSelection(instance),
    ),
    lookUp(
      source,
      sought.filter(({ kind }) => kind === 'project'),
      PROJECT,
    ),
  ]);
  return sought.map(({ kind }) => {
    if (kind === 'group') {
      const group = groups.shift();
      return (
        group && {
          id: group.id,
          fullPath: group.fullPath,
          requiresTwoFactor: group.requireTwoFactorAuthentication === true,
          level: group.maxAccessLevel?.integerValue ?? undefined,
        }
      );
    }
    const project = projects.shift();
    return (
      project && {
        id: project.id,
        fullPath: project.fullPath,
        requiresTwoFactor: false,
        isMaintainer: project.userPermissions.adminProject,
      }
    );
  });
}

/** GitLab's own check, of the first entity only as there, for operators who want it. Nothing here is exported. */
async function checkSwitch(source: GitLabClient, first: SourceEntity | undefined): Promise<void> {
  if (first === undefined || !environment.requireDirectTransfer()) return;
  const kind = first.sourceType === 'group_entity' ? 'groups' : 'projects';
  const permission = await getExportPermission(source, kind, first.source.id);
  if (permission === 'disabled') throw unprocessable(MESSAGES.disabled);
  if (permission === 'forbidden') throw refused(first, MESSAGES.notExportable(first.sourceFullPath));
}

/** Index of the first entity that the user may not migrate; -1 when there is none. */
async function indexOfForbidden(
  source: GitLabClient,
  { user }: SourceInstance,
  entities: readonly SourceEntity[],
): Promise<number> {
  const project = entities.findIndex(entity => entity.source.isMaintainer === false);
  const groups = (project === -1 ? entities : entities.slice(0, project)).filter(
    entity => entity.source.isMaintainer === undefined,
  );
  const roles = groups.map(({ source: { id, level } }) => ({ groupId: id, least: OWNER, level }));
  const group = groups[await findMissingRole(source, user.id, roles)];
  return group === undefined ? project : entities.indexOf(group);
}
