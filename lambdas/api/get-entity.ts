import { endpoint, READ } from './endpoint.ts';
import { respond } from './http.ts';
import { presentEntity } from './presenters.ts';
import { ownEntity } from './records.ts';

/** `GET /bulk_imports/:id/entities/:entity_id`: one entity with its failures and counts. */
export const handler = endpoint(READ, async event =>
  respond(200, await presentEntity(await ownEntity(event))),
);
