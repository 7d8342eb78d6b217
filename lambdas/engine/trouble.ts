import { StoreError } from '../domain/store-errors.ts';
import { RunBudgetError, TemporaryError, TokenRejectedError } from '../gitlab/errors.ts';

/** What no other record can fare better with. */
export type Final = TokenRejectedError | RunBudgetError;

export function isFinal(error: unknown): error is Final {
  return error instanceof TokenRejectedError || error instanceof RunBudgetError;
}

/** Whether what a record met is met by those after it as well, or makes the run wait. */
export function isTrouble(error: unknown): boolean {
  return isFinal(error) || error instanceof TemporaryError || error instanceof StoreError;
}
