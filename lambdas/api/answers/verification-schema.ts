import * as z from 'zod/mini';
import { STATUSES } from '../../domain/statuses.ts';
import { bulkImportSchema, time } from './import-schema.ts';

/** What was found of the records of the source. */
const figures = {
  matched: z.int().check(z.describe('They are at the destination, as they should be.')),
  different: z.int().check(z.describe('They are there, and other than at the source; each has a failure.')),
  missing: z.int().check(z.describe('They are not there; each has a failure.')),
  new_at_source: z
    .int()
    .check(
      z.describe(
        'They are not there, and the import has neither sent nor failed at them: they came to the source after it. Neither right nor wrong.',
      ),
    ),
  skipped: z.int().check(z.describe('They are left out on purpose.')),
  unverified: z.int().check(z.describe('They could not be compared, as a failure of their relation says.')),
};
export const figuresSchema = z.object(figures);

/** A verification of an import. */
export const verificationSchema = z.object({
  id: z.int(),
  bulk_import_id: z.int().check(z.describe('The import that is verified.')),
  status: z.enum(STATUSES),
  failure: bulkImportSchema.shape.failure,
  created_at: time(),
  updated_at: time(),
  accuracy: z
    .nullable(z.number())
    .check(
      z.describe(
        'The share of `matched` in `matched` + `different` + `missing`, rounded down to four digits; null while nothing was compared.',
      ),
    ),
  ...(Object.fromEntries(Object.entries(figures).map(([name, schema]) => [name, z.nullable(schema)])) as {
    [Name in keyof typeof figures]: z.ZodMiniNullable<(typeof figures)[Name]>;
  }),
});
