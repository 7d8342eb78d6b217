import { VERIFICATIONS } from '../request/records.ts';
import { listOf } from './list-failures.ts';

/** `GET /bulk_imports/:id/verification/entities/:entity_id/failures`: which records are missing or different. */
export const handler = listOf(VERIFICATIONS);
