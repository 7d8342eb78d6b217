import type { Instance } from '../domain/errors.ts';
import type {
  Download,
  GraphqlError,
  ListCall,
  MutationDocument,
  QueryCall,
  RestCall,
  RestWrite,
  StreamCall,
} from './calls.ts';
import { isGroupGone } from './client-errors.ts';
import { NetworkError } from './errors.ts';
import { errorOfGraphql } from './graphql-errors.ts';
import { type ClientOptions, HttpClient } from './http-client.ts';
import { JsonRequests } from './json-requests.ts';
import { documentOf, type MutationOutcome, outcomeOfError, outcomesOf } from './mutations.ts';
import type { Page } from './paging.ts';
import { isWebPage } from './reasons.ts';
import { unreadableResponse, webPage } from './response-errors.ts';
import { RestLists } from './rest-lists.ts';
import type { HttpRequest, HttpResponse } from './transport.ts';
import { validated } from './validated.ts';
import { type RequestWatch, throughGate, type WriteLog } from './write-gate.ts';
import { endsOfDocument, endsOfRest, statedWrite } from './written-records.ts';

export type { Download, ListCall, MutationDocument, RestCall, RestWrite } from './calls.ts';
export type { ClientOptions } from './http-client.ts';
export type { Page } from './paging.ts';

/** Types of responses that are never a group's file. */
const NO_FILE = /^(text\/html|application\/json)\b/i;

/** How a document begins that only reads. */
const QUERY = /^(query\b|\{)/;

/** An error of a GraphQL response, whatever is in it. */
function graphqlErrorOf(error: unknown): GraphqlError {
  const { message, path } = (error ?? {}) as { message?: unknown; path?: unknown };
  return { message: String(message), path: Array.isArray(path) ? path : [] };
}

/**
 * Speaks the REST and GraphQL APIs of one GitLab. It turns every problem into an error that names the instance, the
 * operation and the next step.
 */
export class GitLabClient {
  readonly instance: Instance;
  readonly #options: ClientOptions;
  readonly #http: HttpClient;
  readonly #requests: JsonRequests;
  readonly #lists: RestLists;

  /** @param http what another client of the same GitLab sends by; one of its own unless given */
  constructor(options: ClientOptions, http = new HttpClient(options)) {
    this.instance = options.instance;
    this.#options = options;
    this.#http = http;
    this.#requests = new JsonRequests(options, this.#http);
    this.#lists = new RestLists(this.#requests);
  }

  /** The same client, which has it written down what it sends. */
  logged(log: WriteLog): GitLabClient {
    return new GitLabClient({ ...this.#options, log }, this.#http);
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
    const { body } = await this.#requests.json(
      call.operation,
      this.#requests.prepare('GET', call),
      call.schema,
    );
    return body;
  }

  /**
   * Reads one page of a list, with fewer than 100 records when so many are too large together.
   *
   * @param cursor the `next` of the page before, or `null` for the first
   * @throws PagingError when the list leads nowhere
   */
  page<T>(call: RestCall<T[]>, cursor: string | null): Promise<Page<T>> {
    return this.#lists.page(call, cursor);
  }

  /**
   * Reads all pages of a list. For lists that are looked up as a whole, such as a group's labels.
   *
   * @throws PagingError when the list leads nowhere
   */
  all<T>(call: RestCall<T[]>): Promise<T[]> {
    return this.#lists.all(call);
  }

  /**
   * Counts a list by the header of its shortest page.
   *
   * @returns `undefined` when the GitLab does not say how long it is: above 10,000 records, or where a proxy has stripped
   *   the header; it has two records at least then
   */
  count(call: ListCall): Promise<number | undefined> {
    return this.#lists.count(call);
  }

  /**
   * Sends a GraphQL query and returns the parsed `data`.
   *
   * @throws QueryTooComplexError when it asks for more than the GitLab computes at once
   */
  async graphql<T>(call: QueryCall<T>): Promise<T> {
    if (!QUERY.test(call.query)) throw new Error('Only what begins as a query is sent as one.');
    const isTolerated = (error: unknown) => call.tolerates?.(graphqlErrorOf(error)) === true;
    return this.#requests.graphql(call.operation, call, (attempted, { data, errors }) => {
      if (errors?.some(error => !isTolerated(error))) {
        throw errorOfGraphql(attempted, errors, this.#options.token);
      }
      return validated(attempted, call.schema, data);
    });
  }

  /**
   * Changes something: the one method that does. It is sent once.
   *
   * @returns the parsed body; of a document of mutations, what became of each, in their order
   */
  write<T>(call: MutationDocument<T>): Promise<MutationOutcome<T>[]>;
  write<T>(call: RestWrite<T>): Promise<T>;
  async write<T>(call: RestWrite<T> | MutationDocument<T>): Promise<unknown> {
    const stated = statedWrite(call);
    if ('mutation' in call) {
      const send = (watch: RequestWatch) => this.#mutate(call, watch);
      return throughGate(this.instance, stated, this.#options, send, outcomes =>
        endsOfDocument(stated, outcomes),
      );
    }
    const request = this.#requests.prepare(call.method, call);
    const send = (watch: RequestWatch) => this.#send(call, { ...request, watch });
    return throughGate(this.instance, stated, this.#options, send, response =>
      endsOfRest(stated, call, response),
    );
  }

  async #send<T>(
    { operation, json, form, upload, action, schema }: RestWrite<T>,
    request: HttpRequest,
  ): Promise<T> {
    if (action !== undefined) request.action = action;
    if (upload !== undefined) request.upload = upload;
    if (json !== undefined) {
      request.headers['content-type'] = 'application/json';
      request.body = JSON.stringify(json);
    } else if (form !== undefined) {
      const encoded = new Response(form);
      request.headers['content-type'] = encoded.headers.get('content-type') ?? '';
      request.body = Buffer.from(await encoded.arrayBuffer());
    }
    return (await this.#requests.json(operation, request, schema)).body;
  }

  async #mutate<T>(call: MutationDocument<T>, watch: RequestWatch): Promise<MutationOutcome<T>[]> {
    try {
      return await this.#requests.graphql(
        call.operation,
        documentOf(call),
        (attempted, { data, errors }) =>
          outcomesOf(
            attempted,
            call,
            { data, errors: (errors ?? []).map(graphqlErrorOf) },
            this.#options.token,
          ),
        watch,
      );
    } catch (error) {
      // A status that is no success was said before anything ran; a success that cannot be read was not.
      const isUnread = error instanceof NetworkError && (error.status ?? 0) >= 300;
      return call.items.map(() => outcomeOfError(error, isUnread));
    }
  }

  /**
   * Reads a file as it comes, for as long as the run lasts. After `status` 200 it begins at its first byte, also when
   * another was asked for.
   *
   * @throws RateLimitedError when it is not our turn
   */
  stream({ operation, path, action, from = 0, ifRange }: StreamCall): Promise<Download> {
    const request = this.#requests.prepare('GET', { path });
    request.headers['accept-encoding'] = 'identity';
    if (from > 0) request.headers.range = `bytes=${from}-`;
    if (from > 0 && ifRange !== undefined) request.headers['if-range'] = ifRange;
    if (action !== undefined) request.action = action;
    return this.#http.open({ operation, from }, request);
  }

  /** Downloads a group's file of at most `maxBytes`; `undefined` when there is none (404). */
  async download(operation: string, path: string, maxBytes: number): Promise<HttpResponse | undefined> {
    const request = { ...this.#requests.prepare('GET', { path }), maxBytes };
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
}
