import { presentVerification } from '../answers/present-verification.ts';
import { respond } from '../answers/respond.ts';
import { ownVerification } from '../request/records.ts';
import { endpoint, READ } from './endpoint.ts';

/** `GET /bulk_imports/:id/verification`: the last verification of an import. */
export const handler = endpoint(READ, async event =>
  respond(200, presentVerification(await ownVerification(event))),
);
