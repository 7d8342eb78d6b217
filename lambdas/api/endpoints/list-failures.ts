import type { Entity } from '../../store/entity.ts';
import { countFailures, type Failure, listFailures } from '../../store/failures.ts';
import { presentFailure } from '../answers/presenters.ts';
import { respond } from '../answers/respond.ts';
import { failurePagesShape } from '../request/failure-parameters.ts';
import { MOST_COUNTED, pageHeaders, positionOf, walkLimit } from '../request/pagination.ts';
import { integer, parseParameters, type Values } from '../request/parameters.ts';
import { ownEntity } from '../request/records.ts';
import { endpoint, READ } from './endpoint.ts';

const shape = { import_id: integer(undefined), entity_id: integer(undefined), ...failurePagesShape };

/**
 * `GET /bulk_imports/:id/entities/:entity_id/failures`: why records of an entity were not migrated, in the order of
 * the pipelines. Reads the page and nothing else: what is before and behind it is counted, as far as it must be.
 */
export const handler = endpoint(READ, async event => {
  const pages = parseParameters(shape, { ...event.input, ...event.pathParameters });
  const { page, known } = await read(await ownEntity(event), pages);
  // The next page of a list that is too long to be counted is found by where this one ends.
  const after = known > MOST_COUNTED ? page.at(-1)?.key : undefined;
  return respond(200, page.map(presentFailure), pageHeaders(known, pages, event, after));
});

/** The failures of a page, and how many there are, as far as `walkLimit` says. */
async function read(
  { importId, id }: Entity,
  pages: Values<typeof failurePagesShape>,
): Promise<{ page: Failure[]; known: number }> {
  const { offset, perPage } = positionOf(pages);
  const before =
    pages.after === undefined
      ? await countFailures(importId, id, { limit: offset })
      : { count: offset, last: pages.after };
  if (before.count < offset) return { page: [], known: before.count };
  const page = await listFailures(importId, id, { after: before.last, limit: perPage });
  const counted = before.count + page.length;
  const last = page.at(-1)?.key;
  if (last === undefined) return { page, known: counted };
  const limit = pages.after === undefined ? walkLimit(pages) - counted : 1;
  const { count } = await countFailures(importId, id, { after: last, limit });
  return { page, known: Math.max(counted + count, pages.after === undefined ? 0 : MOST_COUNTED + 1) };
}
