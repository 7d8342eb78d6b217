import { presentVerifiedEntities } from '../answers/present-verified-entities.ts';
import { VERIFICATIONS } from '../request/records.ts';
import { listOf } from './list-entities.ts';

/** `GET /bulk_imports/:id/verification/entities`: what the last verification has found of each group and project. */
export const handler = listOf(VERIFICATIONS, presentVerifiedEntities);
