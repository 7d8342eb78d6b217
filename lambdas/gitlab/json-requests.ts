import * as z from 'zod/mini';
import type { Instance } from '../domain/errors.ts';
import { budgetExceeded, RESPONSE } from './budgets.ts';
import type { RestCall } from './calls.ts';
import { ResponseTooLargeError } from './errors.ts';
import type { ClientOptions, HttpClient } from './http-client.ts';
import { JsonBudgetError, parseJson } from './json.ts';
import { isWebPage } from './reasons.ts';
import { type Attempted, unreadableResponse, unsendableToken, webPage } from './response-errors.ts';
import type { HttpRequest, HttpResponse } from './transport.ts';
import { checkUrl } from './url-guard.ts';
import { validated } from './validated.ts';
import type { RequestWatch } from './write-gate.ts';

/** Where a GitLab takes GraphQL, below its base URL. */
export const GRAPHQL = '/api/graphql';

/** What can stand in a header. A token with anything else, or a longer one, is nobody's and is not even sent. */
const SENDABLE = /^[\x20-\x7e]{0,4096}$/;

/** GraphQL has the status 200 also for what it refuses. */
const graphqlResponseSchema = z.object({
  data: z.optional(z.unknown()),
  errors: z.nullish(z.array(z.unknown())),
});

/** JSON over HTTP, as both APIs of a GitLab have it: token in a header (never in the URL), size limits, schemas. */
export class JsonRequests {
  readonly instance: Instance;
  readonly #options: ClientOptions;
  readonly #http: HttpClient;

  constructor(options: ClientOptions, http: HttpClient) {
    this.instance = options.instance;
    this.#options = options;
    this.#http = http;
  }

  /** A request to the REST API, or to the path below the base URL. */
  prepare(
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

  /** Sends a request and returns what its response has, as its schema says. */
  json<T>(
    operation: string,
    request: HttpRequest,
    schema: z.ZodMiniType<T>,
  ): Promise<{ body: T; response: HttpResponse }> {
    return this.#http.exchange({ operation }, request, request.method === 'GET', (attempted, response) => ({
      body: validated(attempted, schema, this.#parsed(attempted, response)),
      response,
    }));
  }

  /**
   * Sends a GraphQL document; what its response means is for whoever sends it.
   *
   * @param watch of a document that changes something, which is sent once
   */
  graphql<T>(
    operation: string,
    { query, variables }: { query: string; variables: Record<string, unknown> },
    interpret: (attempted: Attempted, response: z.infer<typeof graphqlResponseSchema>) => T,
    watch?: RequestWatch,
  ): Promise<T> {
    const request = this.prepare('POST', { path: GRAPHQL, root: true });
    if (watch !== undefined) request.watch = watch;
    request.headers['content-type'] = 'application/json';
    request.body = JSON.stringify({ query, variables });
    const isRead = watch === undefined;
    return this.#http.exchange({ operation, api: 'graphql' }, request, isRead, (attempted, response) =>
      interpret(attempted, validated(attempted, graphqlResponseSchema, this.#parsed(attempted, response))),
    );
  }

  #parsed(attempted: Attempted, response: HttpResponse): unknown {
    // Some versions say nothing (204) of what is deleted.
    if (attempted.method === 'DELETE' && response.body.length === 0) return undefined;
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
