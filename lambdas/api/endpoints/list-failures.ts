import { countFailures, listFailures } from '../../store/failures.ts';
import { presentFailure } from '../answers/presenters.ts';
import { respond } from '../answers/respond.ts';
import { keyedPagesShape, readKeyedPage } from '../request/keyed-pages.ts';
import { pageHeaders } from '../request/pagination.ts';
import { integer, parseParameters } from '../request/parameters.ts';
import { IMPORTS, type InPaths, ownEntity } from '../request/records.ts';
import { endpoint, READ } from './endpoint.ts';

/**
 * `GET /bulk_imports/:id/entities/:entity_id/failures`: why records of an entity were not migrated, in the order of
 * the pipelines.
 */
export const handler = listOf(IMPORTS);

/** The list of the failures of an entity of an import of a kind. */
export function listOf(of: InPaths) {
  const shape = {
    [of.id]: integer(undefined),
    entity_id: integer(undefined),
    ...keyedPagesShape,
  };
  return endpoint(READ, async event => {
    const pages = parseParameters(shape, { ...event.input, ...event.pathParameters });
    const { importId, id } = await ownEntity(event, of);
    const list = {
      list: (range: Parameters<typeof listFailures>[2]) => listFailures(importId, id, range),
      count: (range: Parameters<typeof countFailures>[2]) => countFailures(importId, id, range),
    };
    const { page, known, after } = await readKeyedPage(list, pages);
    return respond(200, page.map(presentFailure), pageHeaders(known, pages, event, after));
  });
}
