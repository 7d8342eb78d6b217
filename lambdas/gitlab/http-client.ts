import { type Instance, MigrationError, messageOf } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import { StoreError } from '../domain/store-errors.ts';
import { measure } from '../platform/invocation.ts';
import { LogEvent, logger } from '../platform/logger.ts';
import type { REQUEST_RESULTS } from '../platform/metrics.ts';
import { riskyWork } from '../platform/risky-work.ts';
import { time } from '../platform/time.ts';
import type { ActionLimits } from './action-limits.ts';
import { budgetExceeded, RESPONSE, RunBudget } from './budgets.ts';
import type { Download } from './calls.ts';
import { connectionError } from './connection-errors.ts';
import { BlockedUrlError, type NetworkError, ResponseTooLargeError, TemporaryError } from './errors.ts';
import { RateLimitedError, type RateLimiter } from './rate-limiter.ts';
import { BodyTooLargeError } from './response-body.ts';
import { type Attempted, errorOfResponse } from './response-errors.ts';
import { openStream } from './streamed-reads.ts';
import { sendUpload } from './streamed-writes.ts';
import { beginningOf, downloadOf, nothingMore } from './streams.ts';
import { type HttpRequest, type HttpResponse, send } from './transport.ts';
import type { NetworkPolicy } from './url-guard.ts';
import type { WriteLog } from './write-gate.ts';

/**
 * A read is tried at most three times in a row before the trouble is passed on; a pause of more than two seconds is
 * not sat out here, since a Lambda that sleeps costs money and a workflow that waits does not.
 */
const READ_ATTEMPTS = 3;
const LONGEST_PAUSE_SECONDS = 2;
/** A response of so many bytes, whatever is in it, does not take all of the memory. */
const HARMLESS_BYTES = 1024 * 1024;
/** A GitLab that is too slow for us now is for the workflow to wait for. */
const NOT_WORTH_ANOTHER_TRY = /^(timeout|Timeout on .*)$/;

export interface ClientOptions {
  instance: Instance;
  /** Base URL of the GitLab, possibly with a relative root, e.g. `https://example.com/gitlab`. */
  baseUrl: string;
  token: Secret;
  policy: NetworkPolicy;
  /** Policy for redirects away from the GitLab; the same as `policy` unless given. */
  redirectPolicy?: NetworkPolicy;
  /** Moment (epoch ms) after which no request is begun and a running one is given up. */
  deadline?: number;
  /** Largest JSON response in bytes; the operator's unless given. */
  maxJsonBytes?: number;
  /** What the run may still read, of both GitLabs; one of its own unless given. */
  budget?: RunBudget;
  /** Holds requests back at a GitLab that limits them; without it they are sent at once. */
  limiter?: RateLimiter;
  /** Holds back what the GitLab limits by itself; without it, too, it is sent at once. */
  actions?: ActionLimits;
  /** Whether it only reads, whatever is asked of it: the gate of its writes is closed. */
  isClosed?: boolean;
  /** Where it is written down what is written; nowhere unless given. */
  log?: WriteLog;
  /** Is told of each request how it ended: its status, if there was a response, and how long it took. */
  observe?: (status: number | undefined, milliseconds: number) => void;
}

/** What the client makes of a response that is a success by its status; it throws when it is none. */
type Interpret<T> = (attempted: Attempted, response: HttpResponse) => T;

/**
 * Sends requests to one GitLab: rate limit, time limits, retries of reads, metrics and logs. Whatever is not a success is an
 * error of the family in `shared/errors.ts`. Writes are sent once: whether a write whose response was lost took effect is
 * for the pipeline's natural key to find out.
 */
export class HttpClient {
  /** By how many milliseconds the GitLab's clock is ahead of ours, by its last `Date` (whole seconds); 0 until then. */
  clockAheadMs = 0;
  readonly #options: ClientOptions;
  readonly #budget: RunBudget;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#budget = options.budget ?? new RunBudget();
  }

  /** Sends a request, again if it is a read and the trouble may be over, until there is a response to interpret. */
  async exchange<T>(
    wanted: Pick<Attempted, 'operation' | 'api'>,
    request: HttpRequest,
    isRead: boolean,
    interpret: Interpret<T>,
  ): Promise<T> {
    const attempted = { instance: this.#options.instance, method: request.method, ...wanted };
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await this.#once(attempted, request);
        if (response.body.length <= HARMLESS_BYTES) return interpret(attempted, response);
        return riskyWork(() => interpret(attempted, response));
      } catch (error) {
        if (!isRead || !(error instanceof TemporaryError) || attempt === READ_ATTEMPTS) throw error;
        // A queue of our own, too, is for the workflow to wait for.
        if (error instanceof RateLimitedError) throw error;
        const seconds = pauseAfter(error, attempt);
        if (seconds > LONGEST_PAUSE_SECONDS || NOT_WORTH_ANOTHER_TRY.test(error.reason)) throw error;
        await time.pause(1000 * seconds * (1 + Math.random() / 2));
      }
    }
  }

  async #once(attempted: Attempted, request: HttpRequest): Promise<HttpResponse> {
    const { policy, redirectPolicy } = this.#options;
    const limited = await this.#turn(attempted, request);
    await request.watch?.sending();
    let response: HttpResponse;
    const began = performance.now();
    try {
      response =
        request.upload === undefined
          ? await send(limited, policy, redirectPolicy ?? policy)
          : await sendUpload(limited, request.upload, policy);
    } catch (error) {
      if (error instanceof BodyTooLargeError) this.#budget.spend(request.maxBytes, attempted);
      throw this.#lost(attempted, request, error, began);
    }
    if (!response.isForeign) request.watch?.answered(response);
    this.#measure(began, resultOf(response.status), response);
    this.#budget.spend(response.body.length, attempted);
    await this.#observe(request, response);
    if (response.status >= 200 && response.status < 300) return response;
    throw this.#refused(attempted, response);
  }

  /**
   * Begins a read whose body comes as a stream. It is sent once, since GitLab counts each, and its bytes are not held
   * against the run's budget: they are not kept.
   */
  async open(
    { operation, from }: { operation: string; from: number },
    request: HttpRequest,
  ): Promise<Download> {
    const { policy, redirectPolicy, token, instance } = this.#options;
    const attempted = { instance, method: request.method, operation };
    const limited = await this.#turn(attempted, request);
    const began = performance.now();
    let opened: Awaited<ReturnType<typeof openStream>>;
    try {
      opened = await openStream(limited, policy, redirectPolicy ?? policy);
    } catch (error) {
      throw this.#lost(attempted, request, error, began);
    }
    this.#measure(began, resultOf(opened.status), opened);
    try {
      await this.#observe(request, opened);
    } catch (error) {
      // Nobody reads its body any more, and its connection would stay taken.
      opened.discard();
      throw error;
    }
    if (opened.status >= 200 && opened.status < 300) return downloadOf(attempted, opened, from, token);
    const response = await beginningOf(opened);
    this.#budget.spend(response.body.length, attempted);
    const error = this.#refused(attempted, response);
    const rest = nothingMore(error, response.headers, from);
    if (rest !== undefined) return rest;
    throw error;
  }

  /** Waits until the request may be sent; it then has the time that the run has left. */
  async #turn(attempted: Attempted, request: HttpRequest): Promise<HttpRequest> {
    const { deadline, limiter, actions } = this.#options;
    await limiter?.acquire();
    if (request.action !== undefined) await actions?.acquire(request.action);
    if (deadline === undefined) return request;
    const left = deadline - Date.now();
    if (left <= 0) throw connectionError(attempted, new Error('timeout'));
    return { ...request, timeoutMs: left };
  }

  async #observe(
    { action }: HttpRequest,
    { status, headers, isForeign }: Omit<HttpResponse, 'body'>,
  ): Promise<void> {
    if (isForeign) return;
    const { limiter, actions } = this.#options;
    const theirNow = Date.parse(headers.date ?? '');
    if (!Number.isNaN(theirNow)) this.clockAheadMs = theirNow - Date.now();
    await limiter?.observe(status, headers);
    if (action !== undefined) await actions?.observe(action, status, headers);
  }

  #refused(attempted: Attempted, response: HttpResponse): NetworkError {
    const { token } = this.#options;
    const error = errorOfResponse(attempted, response, token);
    // A refusal is often a response that the caller expects (no avatar: 404); trouble never is.
    const level = error instanceof TemporaryError ? 'warn' : 'debug';
    const { instance, method, operation } = attempted;
    logger[level](LogEvent.RequestFailed, { instance, method, operation, status: response.status });
    return error;
  }

  /** The error for a request that was sent, or should have been, and has no response. */
  #lost(
    attempted: Attempted,
    request: HttpRequest,
    error: unknown,
    began: number,
  ): NetworkError | BlockedUrlError | StoreError {
    // What was to be sent could not be read: the GitLab has nothing to do with it.
    if (error instanceof StoreError) return error;
    const { instance, method, operation } = attempted;
    const cause = error instanceof Error && error.cause instanceof MigrationError ? error.cause : error;
    if (cause instanceof BlockedUrlError) return new BlockedUrlError(cause.message, { instance, operation });
    this.#measure(began, 'no_answer');
    if (cause instanceof BodyTooLargeError) {
      const isChosen = request.maxBytes === RESPONSE.bytes();
      const what = cause.message;
      return budgetExceeded(
        { ...attempted, what, ...(isChosen && { setting: 'responseMegabytes' }) },
        ResponseTooLargeError,
      );
    }
    logger.warn(LogEvent.RequestFailed, { instance, method, operation, reason: messageOf(error) });
    return connectionError(attempted, error);
  }

  #measure(began: number, result: RequestResult, response?: Pick<HttpResponse, 'status' | 'headers'>): void {
    const { instance, observe } = this.#options;
    const took = performance.now() - began;
    observe?.(response?.status, took);
    measure('Requests', 1, { Instance: instance, Result: result });
    measure('RequestTime', Math.round(took), { Instance: instance });
    const remaining = response?.headers['ratelimit-remaining'];
    if (remaining !== undefined && /^\d{1,15}$/.test(remaining)) {
      measure('RemainingQuota', Number(remaining), { Instance: instance });
    }
  }
}

/** Seconds. A GitLab that names a time knows better than our own back-off of 0.2 s, 0.4 s. */
function pauseAfter(error: TemporaryError, attempt: number): number {
  const isBusy = error.status === 429 || error.status === 503;
  return error.retryAfter ?? (isBusy ? error.waitSeconds : 0.1 * 2 ** attempt);
}

type RequestResult = (typeof REQUEST_RESULTS)[number];

/** How a response counts in the metric of requests. */
function resultOf(status: number): RequestResult {
  if (status === 429) return 'throttled';
  if (status >= 500) return 'failed';
  return status >= 200 && status < 300 ? 'ok' : 'refused';
}
