import { presentImport } from '../answers/present-import.ts';
import { respond } from '../answers/respond.ts';
import { ownImport } from '../request/records.ts';
import { endpoint, READ } from './endpoint.ts';

/** `GET /bulk_imports/:id`: one import. */
export const handler = endpoint(READ, async event => respond(200, presentImport(await ownImport(event))));
