import { endpoint, READ } from './endpoint.ts';
import { respond } from './http.ts';
import { presentImport } from './presenters.ts';
import { ownImport } from './records.ts';

/** `GET /bulk_imports/:id`: one import. */
export const handler = endpoint(READ, async event => respond(200, presentImport(await ownImport(event))));
