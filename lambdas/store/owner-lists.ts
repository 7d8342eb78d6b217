import type { Status } from '../domain/statuses.ts';
import {
  type Collection,
  type Key,
  LIST_INDEX,
  type ListOwner,
  listPartition,
  STATUS_INDEX,
} from './keys.ts';
import { queryItems } from './table-queries.ts';

/** Which of an owner's records are listed: all, or those that have a status; at most `limit`, in the order asked for. */
export interface OwnerList {
  status?: Status | undefined;
  descending: boolean;
  limit: number;
}

/** The keys of an owner's records by id, which is all that the indexes have. */
export async function listOwned(
  owner: ListOwner,
  collection: Collection,
  { status, ...range }: OwnerList,
): Promise<Key[]> {
  const index = status === undefined ? LIST_INDEX : STATUS_INDEX;
  const items = await queryItems(listPartition(owner, collection, status), { index, ...range });
  return items.map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) }));
}
