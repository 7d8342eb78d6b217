import * as z from 'zod/mini';
import type { Instance } from '../domain/errors.ts';
import { budgetExceeded, LIST, RESPONSE } from './budgets.ts';
import type { GraphqlError, MutationDocument, QueryCall, Removal, RestCall, RestWrite } from './calls.ts';
import { isGroupGone, isNotFound, isTooLarge } from './client-errors.ts';
import { type BudgetExceededError, NetworkError, ResponseTooLargeError } from './errors.ts';
import { errorOfGraphql } from './graphql-errors.ts';
import { type ClientOptions, HttpClient } from './http-client.ts';
import { JsonBudgetError, parseJson } from './json.ts';
import { documentOf, type MutationOutcome, outcomeOfError, outcomesOf } from './mutations.ts';
import {
  cursorOf,
  nextPage,
  type Page,
  type Position,
  pagingError,
  positionOf,
  smallerPages,
  totalOf,
} from './paging.ts';
import { isWebPage } from './reasons.ts';
import { type Attempted, unreadableResponse, unsendableToken, webPage } from './response-errors.ts';
import { SeenPages } from './seen-pages.ts';
import type { HttpRequest, HttpResponse } from './transport.ts';
import { checkUrl } from './url-guard.ts';
import { validated } from './validated.ts';
import { throughGate } from './write-gate.ts';

export type { MutationDocument, RestCall, RestWrite } from './calls.ts';
export type { ClientOptions } from './http-client.ts';
export type { Page } from './paging.ts';

/** Types of responses that are never a group's file. */
const NO_FILE = /^(text\/html|application\/json)\b/i;
/** What can stand in a header. A token with anything else, or a longer one, is nobody's and is not even sent. */
const SENDABLE = /^[\x20-\x7e]{0,4096}$/;

/** How a document begins that only reads. */
const QUERY = /^(query\b|\{)/;

/** GraphQL has the status 200 also for what it refuses. */
const graphqlResponseSchema = z.object({
  data: z.optional(z.unknown()),
  errors: z.nullish(z.array(z.unknown())),
});

/** An error of a GraphQL response, whatever is in it. */
function graphqlErrorOf(error: unknown): GraphqlError {
  const { message, path } = (error ?? {}) as { message?: unknown; path?: unknown };
  return { message: String(message), path: Array.isArray(path) ? path : [] };
}

/**
 * Speaks the REST and GraphQL APIs of one GitLab: token in a header (never in the URL), size limits, JSON, paging. It
 * turns every problem into an error that names the instance, the operation and the next step.
 */
export class GitLabClient {
  readonly instance: Instance;
  readonly #options: ClientOptions;
  readonly #http: HttpClient;
  readonly #seen = new SeenPages();

  constructor(options: ClientOptions) {
    this.instance = options.instance;
    this.#options = options;
    this.#http = new HttpClient(options);
  }

  /** Where the GitLab is, which tells it from others. */
  get baseUrl(): string {
    return this.#options.baseUrl;
  }

  /** By how many milliseconds the GitLab's clock is ahead of ours, by its last `Date` (whole seconds); 0 until then. */
  get clockAheadMs(): number {
    return this.#http.clockAheadMs;
  }

  /** Reads from the REST API and returns the parsed body. */
  async rest<T>(call: RestCall<T>): Promise<T> {
    const { body } = await this.#json(call.operation, this.#request('GET', call), call.schema);
    return body;
  }

  /**
   * Reads one page of a list, with fewer than 100 records when so many are too large together.
   *
   * @param cursor the `next` of the page before, or `null` for the first
   * @throws PagingError when the list leads nowhere
   */
  async page<T>(call: RestCall<T[]>, cursor: string | null): Promise<Page<T>> {
    return (await this.#largestPage(call, cursor)).page;
  }

  async #largestPage<T>(
    call: RestCall<T[]>,
    cursor: string | null,
  ): Promise<{ page: Page<T>; bytes: number }> {
    let position: Position = positionOf(cursor);
    if ((position.page - 1) * position.perPage >= LIST.records()) throw this.#endless(call);
    for (;;) {
      try {
        return await this.#page(call, position);
      } catch (error) {
        const smaller = isTooLarge(error) ? smallerPages(position) : undefined;
        if (smaller === undefined) throw error;
        position = smaller;
      }
    }
  }

  async #page<T>(call: RestCall<T[]>, position: Position): Promise<{ page: Page<T>; bytes: number }> {
    const query = { ...call.query, per_page: position.perPage, page: position.page };
    const request = this.#request('GET', { ...call, query });
    const { body, response } = await this.#json(call.operation, request, call.schema);
    if (body.length > position.perPage) {
      const what = `its page has ${body.length} records, and ${position.perPage} were asked for`;
      throw budgetExceeded({ instance: this.instance, operation: call.operation, what });
    }
    const list = { instance: this.instance, operation: call.operation };
    const name = `${call.path} ${JSON.stringify(call.query ?? {})}`;
    if (this.#seen.isRepeated(name, position, response.body, body.length)) {
      throw pagingError(list, 'sent the same records twice');
    }
    const next = nextPage(response.headers, position, body.length);
    if (next !== undefined && !(Number.isSafeInteger(next) && next > position.page)) {
      throw pagingError(list, 'did not get past the same page');
    }
    const total = totalOf(response.headers);
    const page = {
      records: body,
      next: next === undefined ? null : cursorOf({ ...position, page: next }),
      ...(total !== undefined && { total }),
    };
    return { page, bytes: response.body.length };
  }

  #endless({ operation }: Pick<RestCall<unknown>, 'operation'>): BudgetExceededError {
    const what = `its list has more than ${LIST.pages()} pages`;
    return budgetExceeded({ instance: this.instance, operation, what, setting: 'pagesPerList' });
  }

  /**
   * Reads all pages of a list. For lists that are looked up as a whole, such as a group's labels.
   *
   * @throws PagingError when the list leads nowhere
   */
  async all<T>(call: RestCall<T[]>): Promise<T[]> {
    const records: T[] = [];
    const list = { instance: this.instance, operation: call.operation };
    let cursor: string | null = null;
    let empty = 0;
    let bytes = 0;
    for (;;) {
      const { page, bytes: ofPage }: { page: Page<T>; bytes: number } = await this.#largestPage(call, cursor);
      records.push(...page.records);
      bytes += ofPage;
      if (bytes > LIST.wholeBytes) {
        const what = `its list, which has to be kept as a whole, has more than ${LIST.wholeBytes} bytes`;
        throw budgetExceeded({ ...list, what });
      }
      cursor = page.next;
      if (cursor === null) return records;
      empty = page.records.length === 0 ? empty + 1 : 0;
      if (empty > LIST.emptyPages) throw pagingError(list, `sent ${empty} empty pages in a row`);
    }
  }

  /**
   * Sends a GraphQL query and returns the parsed `data`.
   *
   * @throws QueryTooComplexError when it asks for more than the GitLab computes at once
   */
  async graphql<T>(call: QueryCall<T>): Promise<T> {
    if (!QUERY.test(call.query)) throw new Error('Only what begins as a query is sent as one.');
    const isTolerated = (error: unknown) => call.tolerates?.(graphqlErrorOf(error)) === true;
    return this.#graphql(call.operation, call, true, (attempted, { data, errors }) => {
      if (errors?.some(error => !isTolerated(error))) {
        throw errorOfGraphql(attempted, errors, this.#options.token);
      }
      return validated(attempted, call.schema, data);
    });
  }

  /**
   * Changes something: the one method that does. It is sent once, except for a removal, which can be repeated: what is
   * not there any more is removed, too.
   *
   * @returns the parsed body; of a document of mutations, what became of each, in their order
   */
  write(call: Removal): Promise<void>;
  write<T>(call: MutationDocument<T>): Promise<MutationOutcome<T>[]>;
  write<T>(call: RestWrite<T>): Promise<T>;
  async write<T>(call: RestWrite<T> | MutationDocument<T> | Removal): Promise<unknown> {
    const { operation } = call;
    const changes = 'mutation' in call ? call.items.map(({ change }) => change) : [call.change].flat();
    return throughGate<unknown>(this.instance, { operation, changes }, () => {
      if ('mutation' in call) return this.#mutate(call);
      const request = this.#request(call.method, call);
      return call.method === 'DELETE' ? this.#remove(operation, request) : this.#send(call, request);
    });
  }

  async #send<T>({ operation, json, form, schema }: RestWrite<T>, request: HttpRequest): Promise<T> {
    if (json !== undefined) {
      request.headers['content-type'] = 'application/json';
      request.body = JSON.stringify(json);
    } else if (form !== undefined) {
      const encoded = new Response(form);
      request.headers['content-type'] = encoded.headers.get('content-type') ?? '';
      request.body = Buffer.from(await encoded.arrayBuffer());
    }
    return (await this.#json(operation, request, schema)).body;
  }

  async #mutate<T>(call: MutationDocument<T>): Promise<MutationOutcome<T>[]> {
    try {
      return await this.#graphql(call.operation, documentOf(call), false, (attempted, { data, errors }) =>
        outcomesOf(
          attempted,
          call,
          { data, errors: (errors ?? []).map(graphqlErrorOf) },
          this.#options.token,
        ),
      );
    } catch (error) {
      // A status that is no success was said before anything ran; a success that cannot be read was not.
      const isUnread = error instanceof NetworkError && (error.status ?? 0) >= 300;
      return call.items.map(() => outcomeOfError(error, isUnread));
    }
  }

  async #remove(operation: string, request: HttpRequest): Promise<void> {
    try {
      await this.#http.exchange({ operation }, request, true, () => undefined);
    } catch (error) {
      if (!isNotFound(error) || isGroupGone(error)) throw error;
    }
  }

  /** Downloads a group's file of at most `maxBytes`; `undefined` when there is none (404). */
  async download(operation: string, path: string, maxBytes: number): Promise<HttpResponse | undefined> {
    const request = { ...this.#request('GET', { path }), maxBytes };
    try {
      return await this.#http.exchange({ operation }, request, true, (attempted, response) => {
        if (!NO_FILE.test(response.headers['content-type'] ?? '')) return response;
        // Something else in its place: that passes.
        if (isWebPage(response)) throw webPage(attempted, response, this.#options.token);
        throw unreadableResponse(attempted, 'it is not a file', true);
      });
    } catch (error) {
      // A group that is gone is no group without a file.
      const isMissing = error instanceof NetworkError && error.status === 404 && !isGroupGone(error);
      if (isMissing) return undefined;
      throw error;
    }
  }

  #graphql<T>(
    operation: string,
    { query, variables }: { query: string; variables: Record<string, unknown> },
    isRead: boolean,
    interpret: (attempted: Attempted, response: z.infer<typeof graphqlResponseSchema>) => T,
  ): Promise<T> {
    const request = this.#request('POST', { path: '/api/graphql', root: true });
    request.headers['content-type'] = 'application/json';
    request.body = JSON.stringify({ query, variables });
    return this.#http.exchange({ operation, api: 'graphql' }, request, isRead, (attempted, response) =>
      interpret(attempted, validated(attempted, graphqlResponseSchema, this.#parsed(attempted, response))),
    );
  }

  #json<T>(
    operation: string,
    request: HttpRequest,
    schema: z.ZodMiniType<T>,
  ): Promise<{ body: T; response: HttpResponse }> {
    return this.#http.exchange({ operation }, request, request.method === 'GET', (attempted, response) => ({
      body: validated(attempted, schema, this.#parsed(attempted, response)),
      response,
    }));
  }

  #request(
    method: HttpRequest['method'],
    call: Pick<RestCall<unknown>, 'path' | 'root' | 'query'>,
  ): HttpRequest {
    const { baseUrl, policy, token } = this.#options;
    if (!SENDABLE.test(token.expose())) throw unsendableToken(this.instance, method);
    const url = checkUrl(`${baseUrl.replace(/\/+$/, '')}${call.root ? '' : '/api/v4'}${call.path}`, policy);
    for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, String(value));
    return {
      url,
      method,
      // Bearer is the one form that GitLab takes for personal, project, group and OAuth tokens alike.
      headers: { authorization: `Bearer ${token.expose()}`, 'user-agent': 'gitlab-bulk-imports' },
      maxBytes: this.#options.maxJsonBytes ?? RESPONSE.bytes(),
    };
  }

  #parsed(attempted: Attempted, response: HttpResponse): unknown {
    if (isWebPage(response)) throw webPage(attempted, response, this.#options.token);
    try {
      return parseJson(response.body);
    } catch (error) {
      if (error instanceof JsonBudgetError) {
        const exceeded = { ...attempted, what: error.message };
        throw error.isSize ? budgetExceeded(exceeded, ResponseTooLargeError) : budgetExceeded(exceeded);
      }
      // A body that was cut off passes.
      throw unreadableResponse(attempted, 'it is not JSON', true);
    }
  }
}
