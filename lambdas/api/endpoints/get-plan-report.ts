import { readReport } from '../../report/read-report.ts';
import { presentPlanReport } from '../answers/present-report.ts';
import { respond } from '../answers/respond.ts';
import { ownImport } from '../request/records.ts';
import { endpoint, READ } from './endpoint.ts';

/** `GET /bulk_imports/plans/:plan_id/report`: what an import would do. */
export const handler = endpoint(READ, async event =>
  respond(200, presentPlanReport(await readReport(await ownImport(event, 'plan')))),
);
