import { hostOf } from '../../domain/user-mapping.ts';
import { environment } from '../../platform/environment.ts';
import type { Owner } from '../../store/keys.ts';
import { findUserMapping, type UserMapping } from '../../store/user-mappings.ts';
import { recordNotFound, unprocessable } from '../answers/http-errors.ts';
import { findById } from './records.ts';

/** The user mapping with this id, if it is the owner's. @throws 404 otherwise, also for an administrator */
export async function ownUserMapping({ userId }: Owner, id: number): Promise<UserMapping> {
  const mapping = await findById(id, findUserMapping);
  // Users of another destination are not those of this one.
  const isOwn = mapping?.userId === userId && mapping.destinationUrl === environment.destinationUrl();
  if (mapping === undefined || !isOwn) throw recordNotFound();
  return mapping;
}

/**
 * Checks that a mapping can be used for what is migrated from a source; without one there is nothing to check.
 *
 * @throws 404 for a mapping that is not the owner's, 422 for one of the users of another source
 */
export async function checkUserMapping(
  owner: Owner,
  id: number | undefined,
  sourceUrl: string,
): Promise<void> {
  if (id === undefined) return;
  const { sourceHost } = await ownUserMapping(owner, id);
  const [theirs, ours] = [hostOf(sourceHost), hostOf(sourceUrl)];
  if (theirs === ours) return;
  throw unprocessable(
    `The user mapping ${id} is for the users of '${theirs}', and the source is '${ours}'. Send a mapping of that source.`,
  );
}
