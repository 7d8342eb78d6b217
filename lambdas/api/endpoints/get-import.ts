import { presentWithVerification } from '../answers/present-imports.ts';
import { respond } from '../answers/respond.ts';
import { ownImport } from '../request/records.ts';
import { endpoint, READ } from './endpoint.ts';

/** `GET /bulk_imports/:id`: one import. */
export const handler = endpoint(READ, async event =>
  respond(200, await presentWithVerification(await ownImport(event))),
);
