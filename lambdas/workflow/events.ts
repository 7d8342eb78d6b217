import * as z from 'zod/mini';

/** What the states hand to the steps: ids only, never a token and never a record. */
export const importEventSchema = z.object({ importId: z.int() });

export const entityEventSchema = z.object({ importId: z.int(), entityId: z.int() });

/** What a Catch adds to the state. */
const caughtSchema = z.object({ Error: z.string(), Cause: z.optional(z.string()) });

export const pipelineFailedEventSchema = z.object({
  importId: z.int(),
  entityId: z.int(),
  pipeline: z.string(),
  error: caughtSchema,
});

export const entityFailedEventSchema = z.object({
  importId: z.int(),
  entityId: z.int(),
  error: caughtSchema,
});

export const importFailedEventSchema = z.object({
  importId: z.int(),
  error: caughtSchema,
});

/**
 * The reason inside what a Catch caught. Lambda's `Cause` is a JSON text with the error's type, message and stack,
 * of which only the message is for users.
 */
export function causeOf({ Error: name, Cause }: { Error: string; Cause?: string | undefined }): string {
  try {
    const cause = JSON.parse(Cause ?? '') as { errorMessage?: unknown };
    if (typeof cause.errorMessage === 'string') return `${name}: ${cause.errorMessage}`;
  } catch {
    // Not Lambda's form: the text is the cause itself.
  }
  return Cause === undefined || Cause === '' ? name : `${name}: ${Cause}`;
}
