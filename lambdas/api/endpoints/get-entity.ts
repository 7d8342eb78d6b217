import { presentEntity } from '../answers/presenters.ts';
import { respond } from '../answers/respond.ts';
import { ownEntity } from '../request/records.ts';
import { endpoint, READ } from './endpoint.ts';

/** `GET /bulk_imports/:id/entities/:entity_id`: one entity with its failures and counts. */
export const handler = endpoint(READ, async event =>
  respond(200, await presentEntity(await ownEntity(event))),
);
