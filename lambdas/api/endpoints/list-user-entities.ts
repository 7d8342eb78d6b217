import { getEntities, listUserEntityKeys } from '../../store/entity-lists.ts';
import { getImports } from '../../store/imports.ts';
import { countListed } from '../../store/list-totals.ts';
import { presentEntities } from '../answers/presenters.ts';
import { respond } from '../answers/respond.ts';
import { listShape } from '../request/list-parameters.ts';
import { pageHeaders, readPage } from '../request/pagination.ts';
import { parseParameters } from '../request/parameters.ts';
import { asPartOf, ofStatus, ownedBy, ownerOf } from '../request/records.ts';
import { endpoint, READ } from './endpoint.ts';

/**
 * `GET /bulk_imports/entities`: the entities of all of the caller's imports, newest first. Those of a large import that
 * was canceled are found under no status until that is written of them, within seconds.
 */
export const handler = endpoint(READ, async event => {
  const { sort, status, ...pages } = parseParameters(listShape, event.input);
  const owner = ownerOf(event.caller);
  const descending = sort !== 'asc';
  const { page, known } = await readPage(pages, {
    first: limit => listUserEntityKeys(owner, { status, descending, limit }),
    count: () => countListed(owner, 'ENTITIES', status),
  });
  const entities = ownedBy(owner, await getEntities(page));
  const imports = await getImports([...new Set(entities.map(({ importId }) => importId))]);
  const records = new Map(imports.map(record => [record.id, record]));
  const shown = entities.map(entity => asPartOf(records.get(entity.importId) ?? entity, entity));
  return respond(200, await presentEntities(ofStatus(status, shown)), pageHeaders(known, pages, event));
});
