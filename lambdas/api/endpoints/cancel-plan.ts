import { presentPlan } from '../answers/present-plan.ts';
import { cancelOf } from './cancel-import.ts';

/** `POST /bulk_imports/plans/:plan_id/cancel`: stops a plan for good, as an import is stopped. */
export const handler = cancelOf('plan', presentPlan);
