import { getEntities, listUserEntityKeys } from '../store/entities.ts';
import { endpoint, READ } from './endpoint.ts';
import { respond } from './http.ts';
import { listShape } from './list-parameters.ts';
import { paginate, walkLimit } from './pagination.ts';
import { parseParameters } from './parameters.ts';
import { presentEntity } from './presenters.ts';
import { ownerOf } from './records.ts';

/** `GET /bulk_imports/entities`: the entities of all of the caller's imports, newest first. */
export const handler = endpoint(READ, async event => {
  const { sort, status, ...pages } = parseParameters(listShape, event.input);
  const keys = await listUserEntityKeys(ownerOf(event.caller), {
    status,
    descending: sort !== 'asc',
    limit: walkLimit(pages),
  });
  const { page, headers } = paginate(keys, pages, event);
  const entities = await getEntities(page);
  return respond(200, await Promise.all(entities.map(presentEntity)), headers);
});
