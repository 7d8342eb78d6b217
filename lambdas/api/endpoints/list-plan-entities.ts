import { presentPlanEntities } from '../answers/present-plan-entities.ts';
import { PLANS } from '../request/records.ts';
import { listOf } from './list-entities.ts';

/** `GET /bulk_imports/plans/:plan_id/entities`: the groups and projects of a plan, with what would become of each. */
export const handler = listOf(PLANS, presentPlanEntities);
