import type * as z from 'zod/mini';
import { idempotencyKeySchema } from '../request/idempotency-key-schema.ts';
import { keyedPagesShape } from '../request/keyed-pages.ts';
import { listShape } from '../request/list-parameters.ts';
import type { Shape } from '../request/parameters.ts';
import type { BodyName, HeaderName, QueryName } from '../routes.ts';
import { type JsonSchema, NEW_IMPORT, NEW_USER_MAPPING, NEW_VERIFICATION, RETRY } from './schemas.ts';

/** What the routes take, by the names that the route table has for it: the schemas that the handlers parse with. */

export const QUERIES: Record<QueryName, Shape> = { list: listShape, keyedList: keyedPagesShape };

export const HEADERS: Record<HeaderName, z.ZodMiniType> = { 'Idempotency-Key': idempotencyKeySchema };

export const BODIES: Record<BodyName, JsonSchema> = {
  NewImport: NEW_IMPORT,
  Retry: RETRY,
  NewUserMapping: NEW_USER_MAPPING,
  NewVerification: NEW_VERIFICATION,
};
