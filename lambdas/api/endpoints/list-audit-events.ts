import { countAuditEvents, listAuditEvents } from '../../store/audit-events.ts';
import { presentAuditEvent } from '../answers/present-audit-event.ts';
import { respond } from '../answers/respond.ts';
import { keyedPagesShape, readKeyedPage } from '../request/keyed-pages.ts';
import { pageHeaders } from '../request/pagination.ts';
import { integer, parseParameters } from '../request/parameters.ts';
import { ownEntity } from '../request/records.ts';
import { endpoint, READ } from './endpoint.ts';

const shape = { import_id: integer(undefined), entity_id: integer(undefined), ...keyedPagesShape };

/**
 * `GET /bulk_imports/:id/entities/:entity_id/audit_events`: what was written at the destination for an entity, the oldest
 * first.
 */
export const handler = endpoint(READ, async event => {
  const pages = parseParameters(shape, { ...event.input, ...event.pathParameters });
  const entity = await ownEntity(event);
  const { importId, id } = entity;
  const list = {
    list: (range: Parameters<typeof listAuditEvents>[2]) => listAuditEvents(importId, id, range),
    count: (range: Parameters<typeof countAuditEvents>[2]) => countAuditEvents(importId, id, range),
  };
  const { page, known, after } = await readKeyedPage(list, pages);
  const shown = page.map(one => presentAuditEvent(one, entity));
  return respond(200, shown, pageHeaders(known, pages, event, after));
});
