import type { Entity } from '../../store/entity.ts';
import { getEntities } from '../../store/entity-lists.ts';
import { listEntityKeys, listEntityPage } from '../../store/entity-pages.ts';
import type { Import } from '../../store/imports.ts';
import { presentEntities } from '../answers/presenters.ts';
import { respond } from '../answers/respond.ts';
import { listShape } from '../request/list-parameters.ts';
import { pageHeaders, positionOf, walkLimit } from '../request/pagination.ts';
import { integer, parseParameters, type Values } from '../request/parameters.ts';
import { asPartOf, IMPORTS, type InPaths, ofStatus } from '../request/records.ts';
import { endpoint, READ } from './endpoint.ts';

/** `GET /bulk_imports/:id/entities`: the entities of one import, oldest first unless `sort` says otherwise. */
export const handler = listOf(IMPORTS, presentEntities);

/** The list of the entities of one import of a kind, as they are presented. */
export function listOf(of: InPaths, present: (entities: Entity[], record: Import) => Promise<unknown[]>) {
  const shape = { [of.id]: integer(undefined), ...listShape };
  return endpoint(READ, async event => {
    const wanted = parseParameters(shape, { ...event.input, ...event.pathParameters });
    const record = await of.find(event);
    const { entities, total } = await read(record, wanted);
    const shown = entities.map(entity => asPartOf(record, entity));
    return respond(
      200,
      await present(ofStatus(wanted.status, shown), record),
      pageHeaders(total, wanted, event),
    );
  });
}

/** The page that is asked for, and how many entities there are, as far as it matters. */
async function read(
  record: Import,
  { status, sort, ...pages }: Values<typeof listShape>,
): Promise<{ entities: Entity[]; total: number }> {
  const { offset, perPage } = positionOf(pages);
  const descending = sort === 'desc';
  // All entities of a canceled import count as canceled, also those that are not written yet.
  if (status === undefined || (status === 'canceled' && record.status === 'canceled')) {
    return listEntityPage(record, { descending, offset, limit: perPage });
  }
  if (record.status === 'canceled') return { entities: [], total: 0 };
  // How many there are with a status changes all the time, and is not kept: each change would be one more write.
  const keys = await listEntityKeys(record, { status, descending, limit: walkLimit(pages) });
  return { entities: await getEntities(keys.slice(offset, offset + perPage)), total: keys.length };
}
