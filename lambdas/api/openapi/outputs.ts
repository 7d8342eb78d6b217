import * as z from 'zod/mini';
import { bulkImportSchema, entitySchema, failureSchema } from '../answers/record-schemas.ts';
import type { OutputName } from '../routes.ts';

/** What the routes answer with, by the names that the route table has for it: the schemas that presenters write with. */
export const OUTPUTS: Record<OutputName, z.ZodMiniType> = {
  import: bulkImportSchema,
  imports: z.array(bulkImportSchema),
  entity: entitySchema,
  entities: z.array(entitySchema),
  failures: z.array(failureSchema),
  openapi: z.looseObject({ openapi: z.string() }),
};
