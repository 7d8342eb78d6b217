import { getEntities, listEntityKeys } from '../../store/entities.ts';
import type { Import } from '../../store/imports.ts';
import type { Key } from '../../store/keys.ts';
import { presentEntities } from '../answers/presenters.ts';
import { respond } from '../answers/respond.ts';
import { listShape } from '../request/list-parameters.ts';
import { paginate, walkLimit } from '../request/pagination.ts';
import { integer, parseParameters } from '../request/parameters.ts';
import { asPartOf, ofStatus, ownImport } from '../request/records.ts';
import { endpoint, READ } from './endpoint.ts';

const shape = { import_id: integer(undefined), ...listShape };

/** `GET /bulk_imports/:id/entities`: the entities of one import, oldest first unless `sort` says otherwise. */
export const handler = endpoint(READ, async event => {
  const input = { ...event.input, ...event.pathParameters };
  const { sort, status, ...pages } = parseParameters(shape, input);
  const record = await ownImport(event);
  const keys = await keysOf(record, { status, descending: sort === 'desc', limit: walkLimit(pages) });
  const { page, headers } = paginate(keys, pages, event);
  const shown = (await getEntities(page)).map(entity => asPartOf(record, entity));
  return respond(200, await presentEntities(ofStatus(status, shown)), headers);
});

/** All entities of a canceled import count as canceled, also those that are not written yet. */
function keysOf({ id, status }: Import, wanted: Parameters<typeof listEntityKeys>[1]): Promise<Key[]> {
  if (status !== 'canceled') return listEntityKeys(id, wanted);
  const isNone = wanted.status !== undefined && wanted.status !== status;
  return isNone ? Promise.resolve([]) : listEntityKeys(id, { ...wanted, status: undefined });
}
