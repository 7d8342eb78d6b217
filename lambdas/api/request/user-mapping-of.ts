import { environment } from '../../platform/environment.ts';
import type { Owner } from '../../store/keys.ts';
import { findUserMapping, type UserMapping } from '../../store/user-mappings.ts';
import { recordNotFound } from '../answers/http-errors.ts';
import { findById } from './records.ts';

/** The user mapping with this id, if it is the owner's. @throws 404 otherwise, also for an administrator */
export async function ownUserMapping({ userId }: Owner, id: number): Promise<UserMapping> {
  const mapping = await findById(id, findUserMapping);
  // Users of another destination are not those of this one.
  const isOwn = mapping?.userId === userId && mapping.destinationUrl === environment.destinationUrl();
  if (mapping === undefined || !isOwn) throw recordNotFound();
  return mapping;
}
