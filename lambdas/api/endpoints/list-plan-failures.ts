import { PLANS } from '../request/records.ts';
import { listOf } from './list-failures.ts';

/** `GET /bulk_imports/plans/:plan_id/entities/:entity_id/failures`: what stands against records of a group or project. */
export const handler = listOf(PLANS);
