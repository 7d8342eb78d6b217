import type * as z from 'zod/mini';
import { shortened } from '../domain/failure-message.ts';
import { budgetExceeded } from './budgets.ts';
import { type Attempted, unreadableResponse } from './response-errors.ts';

/** Of what is wrong with a response, this much is told. */
const MOST_PROBLEMS = 3;
/** Characters of the place of a problem: names of members are a GitLab's own. */
const LONGEST_PLACE = 60;

/**
 * A response as its schema says.
 *
 * @throws BudgetExceededError when a list or text of it is too long, NetworkError when it has another shape
 */
export function validated<T>(attempted: Attempted, schema: z.ZodMiniType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, MOST_PROBLEMS);
  const where = (issue: (typeof problems)[number]) =>
    shortened(issue.path.join('.') || 'body', LONGEST_PLACE);
  const [first] = problems;
  if (first?.code === 'too_big') {
    const unit = first.origin === 'string' ? 'characters' : 'elements';
    const what = `${where(first)} of its response has more than ${first.maximum} ${unit}`;
    throw budgetExceeded({ ...attempted, what });
  }
  throw unreadableResponse(attempted, `unexpected ${problems.map(where).join(', ')}`, false);
}
