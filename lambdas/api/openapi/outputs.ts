import * as z from 'zod/mini';
import { auditEventSchema } from '../answers/audit-event-schema.ts';
import { bulkImportSchema, entitySchema, failureSchema } from '../answers/record-schemas.ts';
import type { OutputName } from '../routes.ts';

/** What the routes answer with, by the names that the route table has for it: the schemas that presenters write with. */
export const OUTPUTS: Record<Exclude<OutputName, 'redirect'>, z.ZodMiniType> = {
  import: bulkImportSchema,
  imports: z.array(bulkImportSchema),
  entity: entitySchema,
  entities: z.array(entitySchema),
  failures: z.array(failureSchema),
  auditEvents: z.array(auditEventSchema),
  openapi: z.looseObject({ openapi: z.string() }),
};

/** The headers of an answer that only leads elsewhere. */
export const REDIRECT_HEADERS = z.object({
  location: z.string().check(z.describe('A URL that can be fetched without a token for five minutes.')),
});
