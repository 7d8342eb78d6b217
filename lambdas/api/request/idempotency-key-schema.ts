import * as z from 'zod/mini';

/** What a key may look like: a UUID, or anything of that kind. */
export const idempotencyKeySchema = z
  .string()
  .check(
    z.regex(/^[\x21-\x7e]{1,255}$/),
    z.describe(
      'Makes the request safe to repeat for a day: the same key and the same body are the same import.',
    ),
  );
