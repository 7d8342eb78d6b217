import { listFailures } from '../store/failures.ts';
import { endpoint, READ } from './endpoint.ts';
import { respond } from './http.ts';
import { paginate, paginationShape } from './pagination.ts';
import { integer, parseParameters } from './parameters.ts';
import { presentFailure } from './presenters.ts';
import { ownEntity } from './records.ts';

const shape = { import_id: integer(undefined), entity_id: integer(undefined), ...paginationShape };

/** `GET /bulk_imports/:id/entities/:entity_id/failures`: why records of an entity were not migrated, oldest first. */
export const handler = endpoint(READ, async event => {
  const pages = parseParameters(shape, { ...event.input, ...event.pathParameters });
  const entity = await ownEntity(event);
  const { page, headers } = paginate(await listFailures(entity.importId, entity.id), pages, event);
  return respond(200, page.map(presentFailure), headers);
});
