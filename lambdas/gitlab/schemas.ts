import * as z from 'zod/mini';
import { LIST, SHORT_TEXT } from './budgets.ts';

/** Of what is wrong with an element, this much is told. */
const MOST_PROBLEMS = 3;

/**
 * A list in a response of a GitLab. Its length is checked before its elements, and the first element that is wrong
 * ends it: zod's own list would go through all of them and keep each problem.
 *
 * @param most elements: unless given as many as a page has
 */
export function list<T>(
  element: z.ZodMiniType<T>,
  most: number = LIST.recordsPerPage,
): z.ZodMiniType<T[], unknown> {
  const elements = z.transform((values: unknown[], payload: z.core.ParsePayload) => {
    const parsed: T[] = [];
    for (const [index, value] of values.entries()) {
      const result = element.safeParse(value);
      if (result.success) {
        parsed.push(result.data);
        continue;
      }
      for (const issue of result.error.issues.slice(0, MOST_PROBLEMS)) {
        payload.issues.push({
          code: 'custom',
          input: value,
          message: issue.message,
          path: [index, ...issue.path],
        });
      }
      return z.NEVER;
    }
    return parsed;
  });
  return z.pipe(z.array(z.unknown()).check(z.maxLength(most)), elements);
}

/** A text that is no record's own: a version, a path that was looked up, the name of a scope. */
export const shortText = z.string().check(z.maxLength(SHORT_TEXT));
