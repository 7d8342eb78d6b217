import * as z from 'zod/mini';

/** What the states hand to the steps: ids only, never a token and never a record. */
export const importEventSchema = z.object({ importId: z.int(), attempt: z._default(z.int(), 1) });

/** What a Catch adds to the state. */
const errorSchema = z.object({ Error: z.string(), Cause: z.optional(z.string()) });
export const caughtSchema = z.object({ error: errorSchema });
export type Caught = z.infer<typeof errorSchema>;

export const entityFailedEventSchema = z.object({
  importId: z.int(),
  attempt: z._default(z.int(), 1),
  entityId: z.int(),
  error: errorSchema,
});

export const importFailedEventSchema = z.object({
  importId: z.int(),
  attempt: z._default(z.int(), 1),
  error: errorSchema,
});

/**
 * The reason inside what a Catch caught. Lambda's `Cause` is a JSON text with the error's type, message and stack,
 * of which only the message is for users.
 */
export function causeOf({ Error: name, Cause }: Caught): string {
  try {
    const cause = JSON.parse(Cause ?? '') as { errorMessage?: unknown };
    if (typeof cause.errorMessage === 'string') return `${name}: ${cause.errorMessage}`;
  } catch {
    // Not Lambda's form: the text is the cause itself.
  }
  return Cause === undefined || Cause === '' ? name : `${name}: ${Cause}`;
}
