import { presentPlan } from '../answers/present-plan.ts';
import { respond } from '../answers/respond.ts';
import { create } from './create-import.ts';
import { endpoint, WRITE } from './endpoint.ts';

/** `POST /bulk_imports/plans`: looks what a migration would do, and migrates nothing. */
export const handler = endpoint(WRITE, async event => respond(201, presentPlan(await create(event, 'plan'))));
