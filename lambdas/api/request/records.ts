import type { Status } from '../../domain/statuses.ts';
import { environment } from '../../platform/environment.ts';
import { findEntity } from '../../store/entities.ts';
import type { Entity } from '../../store/entity.ts';
import { findImport, type Import } from '../../store/imports.ts';
import type { Owner } from '../../store/keys.ts';
import { recordNotFound } from '../answers/http-errors.ts';
import type { ApiEvent, Caller } from './api-event.ts';
import { integer, parseParameters } from './parameters.ts';

/** The kinds of imports that have paths of their own, and how their ids are called in these. */
export const IDS_IN_PATHS = { import: 'import_id', plan: 'plan_id' } as const;
export type KindInPaths = keyof typeof IDS_IN_PATHS;

/** Reads an integer from the path, e.g. `import_id`. @throws the 400 `import_id is invalid` */
export function idFromPath(
  event: ApiEvent,
  name: (typeof IDS_IN_PATHS)[KindInPaths] | 'entity_id' | 'mapping_id',
): number {
  return parseParameters({ [name]: integer(undefined) }, { ...event.pathParameters })[name] as number;
}

/** Under whom the imports of a caller are kept: a user of the destination that the service has now. */
export function ownerOf(caller: Pick<Caller, 'id'>): Owner {
  return { destinationUrl: environment.destinationUrl(), userId: caller.id };
}

/**
 * The import of a kind that the path names. One of another destination does not exist: its users are not those of this
 * one.
 */
export async function importFromPath(
  event: ApiEvent,
  kind: KindInPaths = 'import',
): Promise<Import | undefined> {
  const record = await findById(idFromPath(event, IDS_IN_PATHS[kind]), findImport);
  const isMeant = (record?.kind ?? 'import') === kind;
  return isMeant && record?.destinationUrl === environment.destinationUrl() ? record : undefined;
}

/** The import that the path names, if it is the caller's own. @throws 404 otherwise, also for an administrator */
export async function ownImport(event: ApiEvent, kind: KindInPaths = 'import'): Promise<Import> {
  const record = await importFromPath(event, kind);
  if (record === undefined || record.userId !== event.caller.id) throw recordNotFound();
  return record;
}

/** The last verification of the caller's own import that the path names. @throws 404 without one */
export async function ownVerification(event: ApiEvent): Promise<Import> {
  const { verificationId } = await ownImport(event);
  const found = verificationId === undefined ? undefined : await findImport(verificationId);
  if (found === undefined) throw recordNotFound();
  return found;
}

/** How the paths of a kind of imports name one of them. */
export interface InPaths {
  id: (typeof IDS_IN_PATHS)[KindInPaths];
  /** @throws 404 for one that is not the caller's own */
  find(event: ApiEvent): Promise<Import>;
}
export const IMPORTS: InPaths = { id: 'import_id', find: ownImport };
export const PLANS: InPaths = { id: 'plan_id', find: event => ownImport(event, 'plan') };
export const VERIFICATIONS: InPaths = { id: 'import_id', find: ownVerification };

/** The entity that the path names, within the caller's own import. @throws 404 otherwise */
export async function ownEntity(event: ApiEvent, { id, find } = IMPORTS): Promise<Entity> {
  const ids = { [id]: integer(undefined), entity_id: integer(undefined) };
  const { entity_id: entityId } = parseParameters(ids, { ...event.pathParameters });
  const record = await find(event);
  const entity = await findById(entityId as number, own => findEntity(record.id, own));
  if (entity === undefined) throw recordNotFound();
  return asPartOf(record, entity);
}

/** Canceling an import cancels all of its entities at once, as in GitLab, though they are written one by one. */
export function asPartOf({ status }: Pick<Import, 'status'>, entity: Entity): Entity {
  return status === 'canceled' ? { ...entity, status } : entity;
}

/**
 * Those that have the status that was asked for. Indexes follow the table, mostly within a second: what they list under
 * a status may have moved on, and the record itself decides.
 */
export function ofStatus<T extends { status: Status }>(status: Status | undefined, records: T[]): T[] {
  return status === undefined ? records : records.filter(record => record.status === status);
}

/** Those that are an owner's, by what they say themselves and not by the index that lists them. */
export function ownedBy<T extends Owner>({ destinationUrl, userId }: Owner, records: T[]): T[] {
  return records.filter(record => record.userId === userId && record.destinationUrl === destinationUrl);
}

/** An id that no counter can have reached is nobody's. */
export async function findById<T>(
  id: number,
  find: (id: number) => Promise<T | undefined>,
): Promise<T | undefined> {
  return Number.isSafeInteger(id) && id > 0 ? find(id) : undefined;
}
