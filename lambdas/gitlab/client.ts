import * as z from 'zod/mini';
import {
  BlockedUrlError,
  type Instance,
  MigrationError,
  messageOf,
  NetworkError,
  TemporaryError,
} from '../shared/errors.ts';
import { measure } from '../shared/invocation.ts';
import { LogEvent, logger } from '../shared/logger.ts';
import type { REQUEST_RESULTS } from '../shared/metrics.ts';
import type { Secret } from '../shared/secret.ts';
import { time } from '../shared/time.ts';
import {
  connectionError,
  errorOfAnswer,
  isGroupGone,
  reasonOf,
  unreadableAnswer,
  unsendableToken,
} from './client-errors.ts';
import type { Quota } from './quota.ts';
import { AnswerTooLargeError, type HttpAnswer, type HttpRequest, send } from './transport.ts';
import { checkUrl, type NetworkPolicy } from './url-guard.ts';

/** Largest JSON answer: 100 records of GitLab's largest description (1 MiB) do not come close to it in practice. */
const MAX_JSON_BYTES = 16 * 1024 * 1024;

/**
 * A read is tried at most three times in a row before the trouble is passed on; a pause of more than two seconds is
 * not sat out here, since a Lambda that sleeps costs money and a workflow that waits does not.
 */
const READ_ATTEMPTS = 3;
const LONGEST_PAUSE_SECONDS = 2;
/** A GitLab that is too slow for us now, and a queue of our own, are for the workflow to wait for. */
const NOT_WORTH_ANOTHER_TRY = new Set(['timeout', 'quota']);

/** Types of answers that are never a group's file. */
const NO_FILE = /^(text\/html|application\/json)\b/i;

/** What can stand in a header. A token with anything else, or a longer one, is nobody's and is not even sent. */
const SENDABLE = /^[\x20-\x7e]{0,4096}$/;

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
  /** Turns at a GitLab that limits requests; without it requests are sent at once. */
  quota?: Quota;
}

/** One call of the REST API. */
export interface RestCall<T> {
  /** What the call is for, in the infinitive, for messages to users: `create the label`. */
  operation: string;
  method?: 'GET' | 'POST' | 'PUT';
  /** Path below `/api/v4`, or below the base URL when `root` is set. Ids and paths in it must be encoded. */
  path: string;
  root?: boolean;
  query?: Record<string, string | number | boolean>;
  json?: Record<string, unknown>;
  form?: FormData;
  schema: z.ZodMiniType<T>;
}

/** One page of a list. */
export interface Page<T> {
  records: T[];
  /** Where the next page begins; `null` after the last one. */
  next: string | null;
  /** Length of the whole list; absent when the GitLab does not say (above 10,000). */
  total?: number;
}

/** GraphQL answers 200 also to what it refuses. */
const graphqlAnswerSchema = z.object({
  data: z.optional(z.unknown()),
  errors: z.nullish(z.array(z.unknown())),
});

/** GitLab's largest page. */
const PER_PAGE = 100;

/**
 * Speaks HTTP with one GitLab: token in a header (never in the URL), time and size limits, retries of reads,
 * redirects under the URL guard, JSON, paging. It turns every problem into an error that names the instance, the
 * operation and the next step. Writes are sent once: whether a lost answer took effect is for the pipeline's natural
 * key to find out.
 */
export class GitLabClient {
  readonly instance: Instance;
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.instance = options.instance;
    this.#options = options;
  }

  /** Calls the REST API and returns the parsed body. */
  async rest<T>(call: RestCall<T>): Promise<T> {
    const { body } = await this.#json(call);
    return body;
  }

  /** Reads one page of a list; `cursor` is the `next` of the page before, or `null` for the first. */
  async page<T>(call: RestCall<T[]>, cursor: string | null): Promise<Page<T>> {
    const query = { ...call.query, per_page: PER_PAGE, page: cursor ?? '1' };
    const { body, answer } = await this.#json({ ...call, query });
    const total = Number(answer.headers['x-total']);
    return {
      records: body,
      next: answer.headers['x-next-page'] || null,
      ...(answer.headers['x-total'] !== undefined && Number.isInteger(total) && { total }),
    };
  }

  /** Reads all pages of a list. For lists that are looked up as a whole, such as a group's labels. */
  async all<T>(call: RestCall<T[]>): Promise<T[]> {
    const records: T[] = [];
    let cursor: string | null = null;
    do {
      const page: Page<T> = await this.page(call, cursor);
      records.push(...page.records);
      cursor = page.next;
    } while (cursor !== null);
    return records;
  }

  /** Sends a GraphQL query and returns the parsed `data`. A mutation must say so, for it is not tried again. */
  async graphql<T>(call: {
    operation: string;
    query: string;
    variables: Record<string, unknown>;
    schema: z.ZodMiniType<T>;
    mutation?: boolean;
    /** Errors that leave the rest of the data usable; without it every error is one. */
    tolerates?: (message: string) => boolean;
  }): Promise<T> {
    const request = this.#request({ method: 'POST', path: '/api/graphql', root: true });
    request.headers['content-type'] = 'application/json';
    request.body = JSON.stringify({ query: call.query, variables: call.variables });
    const answer = await this.#attempt(call.operation, request, call.mutation !== true);
    const parsed = this.#parse(call.operation, answer);
    const { data, errors } = this.#validate(call.operation, graphqlAnswerSchema, parsed);
    const isTolerated = (error: unknown) =>
      call.tolerates?.(String((error as { message?: unknown } | null)?.message)) === true;
    if (errors?.some(error => !isTolerated(error))) {
      const reason = reasonOf(answer, this.#options.token);
      throw new NetworkError(
        `The ${this.instance} GitLab refused to ${call.operation}: ${reason.replace(/\.$/, '')}. Check what the ${this.instance} token's user may do there, and that its version is supported.`,
        { instance: this.instance, method: 'POST', status: answer.status, reason },
      );
    }
    return this.#validate(call.operation, call.schema, data);
  }

  /** Downloads a group's file of at most `maxBytes`; `undefined` when there is none (404). */
  async download(operation: string, path: string, maxBytes: number): Promise<HttpAnswer | undefined> {
    const request = { ...this.#request({ method: 'GET', path }), maxBytes };
    try {
      const answer = await this.#attempt(operation, request, true);
      if (!NO_FILE.test(answer.headers['content-type'] ?? '')) return answer;
      // A proxy's page in its place: that passes.
      throw unreadableAnswer({ instance: this.instance, method: 'GET', operation }, 'it is not a file', true);
    } catch (error) {
      // A group that is gone is no group without a file.
      const isMissing = error instanceof NetworkError && error.status === 404 && !isGroupGone(error);
      if (isMissing) return undefined;
      throw error;
    }
  }

  async #json<T>(call: RestCall<T>): Promise<{ body: T; answer: HttpAnswer }> {
    const request = this.#request(call);
    if (call.json !== undefined) {
      request.headers['content-type'] = 'application/json';
      request.body = JSON.stringify(call.json);
    } else if (call.form !== undefined) {
      const encoded = new Response(call.form);
      request.headers['content-type'] = encoded.headers.get('content-type') ?? '';
      request.body = Buffer.from(await encoded.arrayBuffer());
    }
    const answer = await this.#attempt(call.operation, request, request.method === 'GET');
    const body = this.#validate(call.operation, call.schema, this.#parse(call.operation, answer));
    return { body, answer };
  }

  #request(call: Pick<RestCall<unknown>, 'method' | 'path' | 'root' | 'query'>): HttpRequest {
    const { baseUrl, policy, token } = this.#options;
    if (!SENDABLE.test(token.expose())) throw unsendableToken(this.instance, call.method ?? 'GET');
    const url = checkUrl(`${baseUrl.replace(/\/+$/, '')}${call.root ? '' : '/api/v4'}${call.path}`, policy);
    for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, String(value));
    return {
      url,
      method: call.method ?? 'GET',
      // Bearer is the one form that GitLab takes for personal, project, group and OAuth tokens alike.
      headers: { authorization: `Bearer ${token.expose()}`, 'user-agent': 'gitlab-bulk-imports' },
      maxBytes: MAX_JSON_BYTES,
    };
  }

  async #attempt(operation: string, request: HttpRequest, isRead: boolean): Promise<HttpAnswer> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(operation, request);
      } catch (error) {
        if (!isRead || !(error instanceof TemporaryError) || attempt === READ_ATTEMPTS) throw error;
        // A GitLab that names a time knows better than our own back-off of 0.2 s, 0.4 s.
        const backOff = 0.1 * 2 ** attempt;
        const seconds = error.status === 429 || error.status === 503 ? error.waitSeconds : backOff;
        if (seconds > LONGEST_PAUSE_SECONDS || NOT_WORTH_ANOTHER_TRY.has(error.reason)) throw error;
        await time.pause(1000 * seconds * (1 + Math.random() / 2));
      }
    }
  }

  async #once(operation: string, request: HttpRequest): Promise<HttpAnswer> {
    const { instance, policy, redirectPolicy, deadline, quota } = this.#options;
    const { method } = request;
    await quota?.take();
    const left = deadline === undefined ? undefined : deadline - Date.now();
    if (left !== undefined && left <= 0) {
      throw connectionError({ instance, method, operation }, new Error('timeout'));
    }
    let answer: HttpAnswer;
    const began = performance.now();
    try {
      answer = await send(
        { ...request, ...(left !== undefined && { timeoutMs: left }) },
        policy,
        redirectPolicy ?? policy,
      );
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof MigrationError ? error.cause : error;
      if (cause instanceof BlockedUrlError) throw new BlockedUrlError(cause.message, { instance, operation });
      this.#measure(began, 'no_answer');
      if (cause instanceof AnswerTooLargeError) {
        throw unreadableAnswer({ instance, method, operation }, messageOf(cause), false);
      }
      logger.warn(LogEvent.RequestFailed, { instance, method, operation, reason: messageOf(error) });
      throw connectionError({ instance, method, operation }, error);
    }
    this.#measure(began, resultOf(answer.status), answer);
    if (!answer.isForeign) await quota?.learn(answer.status, answer.headers);
    if (answer.status >= 200 && answer.status < 300) return answer;
    const error = errorOfAnswer({ instance, method, operation }, answer, this.#options.token);
    // A refusal is often an answer that the caller expects (no avatar: 404); trouble never is.
    const level = error instanceof TemporaryError ? 'warn' : 'debug';
    logger[level](LogEvent.RequestFailed, { instance, method, operation, status: answer.status });
    throw error;
  }

  #measure(began: number, result: RequestResult, answer?: HttpAnswer): void {
    const { instance } = this;
    measure('Requests', 1, { Instance: instance, Result: result });
    measure('RequestTime', Math.round(performance.now() - began), { Instance: instance });
    const remaining = answer?.headers['ratelimit-remaining'];
    if (remaining !== undefined && /^\d+$/.test(remaining)) {
      measure('RemainingQuota', Number(remaining), { Instance: instance });
    }
  }

  #parse(operation: string, answer: HttpAnswer): unknown {
    try {
      return JSON.parse(answer.body.toString('utf8'));
    } catch {
      // A proxy's maintenance page or a body that was cut off: both pass, so both are worth another try.
      throw unreadableAnswer({ instance: this.instance, method: '', operation }, 'it is not JSON', true);
    }
  }

  #validate<T>(operation: string, schema: z.ZodMiniType<T>, body: unknown): T {
    const parsed = schema.safeParse(body);
    if (parsed.success) return parsed.data;
    const where = parsed.error.issues.map(issue => issue.path.join('.') || 'body').join(', ');
    throw unreadableAnswer({ instance: this.instance, method: '', operation }, `unexpected ${where}`, false);
  }
}

type RequestResult = (typeof REQUEST_RESULTS)[number];

/** How an answer counts in the metric of requests. */
function resultOf(status: number): RequestResult {
  if (status === 429) return 'throttled';
  if (status >= 500) return 'failed';
  return status >= 200 && status < 300 ? 'ok' : 'refused';
}
