import type { Failure } from '../store/failures.ts';
import { remedyOf } from './remedies.ts';

/** What of a failure is needed to find its cause. */
export type CausedFailure = Pick<
  Failure,
  | 'entityId'
  | 'relation'
  | 'exceptionClass'
  | 'exceptionMessage'
  | 'sourceTitle'
  | 'createdAt'
  | 'retryable'
  | 'isCounted'
> & {
  /** What tells its record apart. */
  key?: string;
};

/** Failures that have the same cause. */
export interface Cause {
  relation: string;
  exceptionClass: string;
  /** What they say; without what is quoted where they differ by that. */
  message: string;
  /** How many there are, and in how many groups and projects. */
  count: number;
  entities: number;
  remedy: string;
  retryHelps: boolean;
  /** When the last of them happened. */
  lastAt: string;
  /** The first ones. */
  examples: { entityId: number; title: string | null }[];
}

/** Examples of one cause. */
const EXAMPLES = 3;
/** Causes that are told apart. An import has tens; more come of words of a GitLab that are different each time. */
const MOST_CAUSES = 1_000;
/** What stands for the messages of a class that are not told apart any more. */
const OTHERS = 'Other messages.';

/** What a quotation may stand between: the apostrophe in a word is none. */
const QUOTED = /(?<![\p{L}\p{N}])'.*?'(?![\p{L}\p{N}])|"[^"]*"|“[^”]*”/gu;
/** Counts and sizes, but no status of HTTP. */
const NUMBERS = /(?<![\p{L}\p{N}.])(?![45]\d\d\b)\d[\d,.]*(?![\p{L}\p{N}])/gu;

/** A message without what differs from record to record: what is quoted, and numbers. */
export function withoutQuoted(message: string): string {
  return message.replaceAll(QUOTED, "'…'").replaceAll(NUMBERS, '…');
}

interface Counted extends Cause {
  last: number;
  isSame: boolean;
  pattern: string;
}

/**
 * Groups failures by what caused them: the same relation, class, message but for what is quoted, and outlook. They are
 * added one by one, so that it takes no more memory for a hundred thousand than for a hundred. Those of a group or project
 * come one after the other.
 */
export class Causes {
  readonly #found = new Map<string, Counted>();

  add(failure: CausedFailure): void {
    const { relation, exceptionClass, exceptionMessage: message, entityId, sourceTitle, createdAt } = failure;
    const { retryable: retryHelps } = failure;
    const words = { relation, exceptionClass, message, pattern: withoutQuoted(message) };
    const cause = this.#causeOf({ ...words, remedy: remedyOf(failure), retryHelps });
    cause.isSame &&= cause.message === message;
    cause.count += 1;
    if (cause.last !== entityId) cause.entities += 1;
    cause.last = entityId;
    if (createdAt > cause.lastAt) cause.lastAt = createdAt;
    if (cause.examples.length < EXAMPLES) cause.examples.push({ entityId, title: sourceTitle });
  }

  /** The causes, the most frequent first. */
  list(): Cause[] {
    return [...this.#found.values()]
      .map(({ last: _, isSame, pattern, ...cause }) => ({
        ...cause,
        message: isSame ? cause.message : pattern,
      }))
      .sort((a, b) => b.count - a.count || compare(a.relation, b.relation) || compare(a.message, b.message));
  }

  #causeOf(
    words: Pick<Counted, 'relation' | 'exceptionClass' | 'message' | 'pattern' | 'remedy' | 'retryHelps'>,
  ): Counted {
    const keyOf = (pattern: string) =>
      JSON.stringify([words.relation, words.exceptionClass, words.retryHelps, pattern]);
    const known = this.#found.get(keyOf(words.pattern));
    if (known !== undefined) return known;
    const isTold = this.#found.size < MOST_CAUSES;
    const key = keyOf(isTold ? words.pattern : OTHERS);
    const other = this.#found.get(key);
    if (other !== undefined) return other;
    const counts = { count: 0, entities: 0, last: -1, lastAt: '', examples: [], isSame: true };
    const own = isTold ? {} : { message: OTHERS, pattern: OTHERS };
    const cause: Counted = { ...words, ...own, ...counts };
    this.#found.set(key, cause);
    return cause;
  }
}

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));
