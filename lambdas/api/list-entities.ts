import { getEntities, listEntityKeys } from '../store/entities.ts';
import { endpoint, READ } from './endpoint.ts';
import { respond } from './http.ts';
import { listShape } from './list-parameters.ts';
import { paginate } from './pagination.ts';
import { integer, parseParameters } from './parameters.ts';
import { presentEntity } from './presenters.ts';
import { ownImport } from './records.ts';

const shape = { import_id: integer(undefined), ...listShape };

/** `GET /bulk_imports/:id/entities`: the entities of one import, oldest first unless `sort` says otherwise. */
export const handler = endpoint(READ, async event => {
  const input = { ...event.input, ...event.pathParameters };
  const { sort, status, ...pages } = parseParameters(shape, input);
  const { id: importId } = await ownImport(event);
  const keys = await listEntityKeys(importId, status);
  const { page, headers } = paginate(sort === 'desc' ? keys.reverse() : keys, pages, event);
  const entities = await getEntities(page);
  return respond(200, await Promise.all(entities.map(presentEntity)), headers);
});
