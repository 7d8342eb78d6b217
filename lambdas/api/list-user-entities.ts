import { getEntities, listUserEntityKeys } from '../store/entities.ts';
import { getImports } from '../store/imports.ts';
import { endpoint, READ } from './endpoint.ts';
import { respond } from './http.ts';
import { listShape } from './list-parameters.ts';
import { paginate, walkLimit } from './pagination.ts';
import { parseParameters } from './parameters.ts';
import { presentEntity } from './presenters.ts';
import { asPartOf, ownerOf } from './records.ts';

/**
 * `GET /bulk_imports/entities`: the entities of all of the caller's imports, newest first. `status` goes by what is
 * written, which follows the cancel of a large import within seconds; what is shown is canceled at once.
 */
export const handler = endpoint(READ, async event => {
  const { sort, status, ...pages } = parseParameters(listShape, event.input);
  const keys = await listUserEntityKeys(ownerOf(event.caller), {
    status,
    descending: sort !== 'asc',
    limit: walkLimit(pages),
  });
  const { page, headers } = paginate(keys, pages, event);
  const entities = await getEntities(page);
  const imports = await getImports([...new Set(entities.map(({ importId }) => importId))]);
  const records = new Map(imports.map(record => [record.id, record]));
  const shown = entities.map(entity => asPartOf(records.get(entity.importId) ?? entity, entity));
  return respond(200, await Promise.all(shown.map(presentEntity)), headers);
});
