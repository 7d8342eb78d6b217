import {
  AttributeRejectedError,
  IncompleteRecordError,
  NotImportedError,
  NotInArchiveError,
  TextTooLongError,
  UnsupportedByDestinationError,
} from '../domain/errors.ts';
import { BudgetExceededError, NetworkError, TemporaryError } from '../gitlab/errors.ts';

/** What is the same as long as nobody changes the record, the edition or the settings. */
const LASTING = [
  AttributeRejectedError,
  BudgetExceededError,
  IncompleteRecordError,
  NotInArchiveError,
  TextTooLongError,
  UnsupportedByDestinationError,
];

/** What a GitLab says of the request itself, and not of a right or of what else is there. */
const OF_THE_REQUEST = [400, 409, 413, 422];

/**
 * Whether the same may succeed if it is tried again as it is: trouble that was given up, a right that can be granted, what
 * died. Where a licence is missing or a validation refuses, the same request fails again. Whoever retries tries both.
 */
export function isWorthAnotherTry(error: unknown): boolean {
  if (error instanceof TemporaryError) return true;
  if (error instanceof NotImportedError) return error.isWorthAnotherTry;
  if (LASTING.some(Kind => error instanceof Kind)) return false;
  if (error instanceof NetworkError) return !OF_THE_REQUEST.includes(error.status ?? 0);
  return !(error instanceof Error) || error.cause === undefined || isWorthAnotherTry(error.cause);
}
