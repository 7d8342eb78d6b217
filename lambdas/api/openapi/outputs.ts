import * as z from 'zod/mini';
import { auditEventSchema } from '../answers/audit-event-schema.ts';
import { planSchema } from '../answers/plan-schema.ts';
import { planEntitySchema } from '../answers/present-plan-entities.ts';
import { verifiedEntitySchema } from '../answers/present-verified-entities.ts';
import { bulkImportSchema, entitySchema, failureSchema } from '../answers/record-schemas.ts';
import { planReportSchema, reportSchema } from '../answers/report-schema.ts';
import type { TextType } from '../answers/respond.ts';
import { userMappingSchema } from '../answers/user-mapping-schema.ts';
import { verificationSchema } from '../answers/verification-schema.ts';
import type { OutputName } from '../routes.ts';

/** What the routes answer with, by the names that the route table has for it: the schemas that presenters write with. */
export const OUTPUTS: Record<Exclude<OutputName, 'redirect' | FileName>, z.ZodMiniType> = {
  import: bulkImportSchema,
  imports: z.array(bulkImportSchema),
  entity: entitySchema,
  entities: z.array(entitySchema),
  failures: z.array(failureSchema),
  auditEvents: z.array(auditEventSchema),
  plan: planSchema,
  plans: z.array(planSchema),
  planEntities: z.array(planEntitySchema),
  verification: verificationSchema,
  verifiedEntities: z.array(verifiedEntitySchema),
  openapi: z.looseObject({ openapi: z.string() }),
  report: reportSchema,
  planReport: planReportSchema,
  userMapping: userMappingSchema,
};

type FileName = 'markdown' | 'html' | 'csv';

/** The same for answers that are files, and no JSON. */
export const FILES: Record<FileName, TextType> = {
  markdown: 'text/markdown',
  html: 'text/html',
  csv: 'text/csv',
};

/** Whether a route answers with a file. */
export const isFile = (name: OutputName): name is FileName => Object.hasOwn(FILES, name);

/** The headers of an answer that is a file. */
export const FILE_HEADERS = z.object({
  'content-disposition': z.string().check(z.describe('The name under which it is saved.')),
  'content-security-policy': z.string().check(z.describe('That nothing in it may run or be loaded.')),
  'x-content-type-options': z.literal('nosniff'),
});

/** The headers of an answer that only leads elsewhere. */
export const REDIRECT_HEADERS = z.object({
  location: z.string().check(z.describe('A URL that can be fetched without a token for five minutes.')),
});
