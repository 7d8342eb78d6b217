import * as z from 'zod/mini';
import { STATUSES } from '../../domain/statuses.ts';

/** A time as GitLab's API shows it. */
export const time = () => z.iso.datetime({ precision: 3 });

/** An import as GitLab's API shows it. */
export const bulkImportSchema = z.object({
  id: z.int(),
  status: z.enum(STATUSES),
  source_type: z.literal('gitlab'),
  source_url: z.nullable(z.string()),
  created_at: time(),
  updated_at: time(),
  attempt: z.int().check(z.describe('How often it was begun: 1, and one more for each retry.')),
  has_failures: z
    .boolean()
    .check(z.describe('Whether anything was not migrated; `finished` alone does not say that all arrived.')),
  failure: z
    .nullable(
      z.object({ exception_class: z.string(), exception_message: z.string().check(z.maxLength(255)) }),
    )
    .check(
      z.describe(
        'Why the import was ended before its entities had come to their own ends, also when it has none yet; else null.',
      ),
    ),
  plan_id: z.nullable(z.int()).check(z.describe('The plan that it was bound to when it was asked for.')),
  verification: z
    .nullable(z.object({ id: z.int(), status: z.enum(STATUSES), accuracy: z.nullable(z.number()) }))
    .check(
      z.describe(
        'The last verification since it was begun or retried, with its accuracy when that has ended; else null.',
      ),
    ),
});
