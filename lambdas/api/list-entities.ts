import type { Status } from '../shared/statuses.ts';
import { getEntities, listEntityKeys } from '../store/entities.ts';
import type { Import } from '../store/imports.ts';
import type { Key } from '../store/keys.ts';
import { endpoint, READ } from './endpoint.ts';
import { respond } from './http.ts';
import { listShape } from './list-parameters.ts';
import { paginate } from './pagination.ts';
import { integer, parseParameters } from './parameters.ts';
import { presentEntity } from './presenters.ts';
import { asPartOf, ownImport } from './records.ts';

const shape = { import_id: integer(undefined), ...listShape };

/** `GET /bulk_imports/:id/entities`: the entities of one import, oldest first unless `sort` says otherwise. */
export const handler = endpoint(READ, async event => {
  const input = { ...event.input, ...event.pathParameters };
  const { sort, status, ...pages } = parseParameters(shape, input);
  const record = await ownImport(event);
  const keys = await keysOf(record, status);
  const { page, headers } = paginate(sort === 'desc' ? keys.reverse() : keys, pages, event);
  const entities = await getEntities(page);
  return respond(
    200,
    await Promise.all(entities.map(entity => presentEntity(asPartOf(record, entity)))),
    headers,
  );
});

/** All entities of a canceled import count as canceled, also those that are not written yet. */
function keysOf({ id, status }: Import, wanted: Status | undefined): Promise<Key[]> {
  if (status !== 'canceled') return listEntityKeys(id, wanted);
  return wanted === undefined || wanted === status ? listEntityKeys(id) : Promise.resolve([]);
}
