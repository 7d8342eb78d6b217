/**
 * How a request to a GitLab can fail. As in `domain/errors.ts`, names are set by hand, and messages say what happened,
 * at which of the two GitLabs, and what to do next, in at most 255 characters.
 */

import { type Instance, MigrationError, type WaitsFor } from '../domain/errors.ts';
import { messageText, type QuotingMessage, withoutPaths } from '../domain/failure-message.ts';

/** How a request that failed looked, as far as it is known. */
export interface FailedRequest {
  instance: Instance;
  method: string;
  /** HTTP status; absent when there was no response of the GitLab's. */
  status?: number;
  /** HTTP status of a web page that came in place of a response. It is no word of the GitLab's, so it is no `status`. */
  pageStatus?: number;
  /** The error text of the response's body, already cut to a readable length. */
  reason?: string;
}

/** A GitLab responded with an error, with something unreadable, or not at all. */
export class NetworkError extends MigrationError {
  override name = 'BulkImports::NetworkError';
  readonly instance: Instance;
  readonly status: number | undefined;
  readonly pageStatus: number | undefined;
  readonly reason: string;
  readonly #message: QuotingMessage;

  constructor(message: string | QuotingMessage, request: FailedRequest, options?: ErrorOptions) {
    const parts = typeof message === 'string' ? { before: message, quoted: '', after: '' } : message;
    super(messageText(parts), options);
    this.#message = parts;
    this.instance = request.instance;
    this.status = request.status;
    this.pageStatus = request.pageStatus;
    this.reason = request.reason ?? '';
  }

  /** The message with all that is quoted in it, for whoever is not held to the length of a failure. */
  get wholeMessage(): string {
    const { before, quoted, after } = this.#message;
    return before + quoted + after;
  }

  /** The message with another sentence of ours at its end, for which what is quoted makes room. */
  messageWith(sentence: string): string {
    return messageText({ ...this.#message, after: `${this.#message.after} ${sentence}` });
  }
}

/** How trouble that passes is waited for. */
export interface Wait {
  waitsFor: WaitsFor;
  /** Seconds that the GitLab asked us to wait; absent when it named no time. */
  retryAfter?: number;
}

/** Wait after trouble for which the GitLab names no time, where nobody knows how often it was met already. */
const DEFAULT_WAIT_SECONDS = 30;

/** Trouble that passes by itself: 429, 5xx, a lost connection, a firewall's page. The pipeline waits and goes on from its cursor. */
export class TemporaryError extends NetworkError {
  readonly waitsFor: WaitsFor;
  /** Seconds that the GitLab asked us to wait; `undefined` when it named no time. */
  readonly retryAfter: number | undefined;

  constructor(message: string | QuotingMessage, request: FailedRequest & Wait, options?: ErrorOptions) {
    super(message, request, options);
    this.waitsFor = request.waitsFor;
    this.retryAfter = request.retryAfter;
  }

  /** Seconds to wait for whoever does not count how often: what the GitLab asked for, else a default. */
  get waitSeconds(): number {
    return this.retryAfter ?? DEFAULT_WAIT_SECONDS;
  }
}

/** The token is not accepted (any more): nothing that the import still has to do can succeed. */
export class TokenRejectedError extends NetworkError {
  override name = 'BulkImports::TokenRejectedError';
}

/** A list has no end: a page names itself or an earlier one as the next, or holds what an earlier one held. */
export class PagingError extends NetworkError {
  override name = 'BulkImports::PagingError';
}

/** A GraphQL query asks for more than the GitLab computes at once; a smaller page may pass. */
export class QueryTooComplexError extends NetworkError {}

/** A GitLab has sent more than this service takes (`lambdas/gitlab/budgets.ts`). */
export class BudgetExceededError extends NetworkError {
  override name = 'BulkImports::BudgetExceededError';
}

/** A response is larger than what is read of one; a smaller page may pass. */
export class ResponseTooLargeError extends BudgetExceededError {}

/** What a whole run or import may read or make is spent: no record that is still to come can fare better. */
export class RunBudgetError extends BudgetExceededError {}

/** The URL leads where this service must not go (see the URL guard). */
export class BlockedUrlError extends MigrationError {
  override name = 'Gitlab::HTTP_V2::BlockedUrlError';
  readonly #explanation: string;

  /** @param met which GitLab led there, and what it was asked to do */
  constructor(message: string, met?: { instance: Instance; operation: string }) {
    super(message);
    this.#explanation =
      met === undefined
        ? message
        : messageText({
            before: `The ${met.instance} GitLab could not be asked to ${met.operation}: `,
            quoted: withoutPaths(message),
            after: '. Check its base URL and where that redirects to.',
          });
  }

  /** The message, which is GitLab's, and around it what a failure has to say. */
  get explanation(): string {
    return this.#explanation;
  }
}
