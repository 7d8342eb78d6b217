import { presentPlan } from '../answers/present-plan.ts';
import { listOf } from './list-imports.ts';

/** `GET /bulk_imports/plans`: the caller's plans, newest first. */
export const handler = listOf('plan', plans => plans.map(presentPlan));
