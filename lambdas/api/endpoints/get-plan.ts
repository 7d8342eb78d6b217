import { presentPlan } from '../answers/present-plan.ts';
import { respond } from '../answers/respond.ts';
import { ownImport } from '../request/records.ts';
import { endpoint, READ } from './endpoint.ts';

/** `GET /bulk_imports/plans/:plan_id`: one plan. */
export const handler = endpoint(READ, async event =>
  respond(200, presentPlan(await ownImport(event, 'plan'))),
);
