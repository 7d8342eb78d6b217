import { readReport } from '../../report/read-report.ts';
import { presentReport } from '../answers/present-report.ts';
import { respond } from '../answers/respond.ts';
import { ownImport } from '../request/records.ts';
import { endpoint, READ } from './endpoint.ts';

/** `GET /bulk_imports/:id/report`: what became of an import. */
export const handler = endpoint(READ, async event =>
  respond(200, presentReport(await readReport(await ownImport(event)))),
);
