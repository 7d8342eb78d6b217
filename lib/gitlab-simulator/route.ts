import type { ApiAnswer } from './answer.ts';
import type { Endpoint, ParamsOf } from './declarations/declaration.ts';
import type { GitLabInstance } from './instance.ts';
import type { SampleToken, SampleUser } from './model.ts';

/** One authenticated call of the REST API, whose parameters were validated. */
export interface ApiCall<P = unknown> {
  readonly instance: GitLabInstance;
  readonly currentUser: SampleUser;
  readonly token: SampleToken;
  /** Query, body and path parameters in one, as they are declared; the path wins. */
  readonly params: P;
  readonly method: Endpoint['method'];
  /** Path as it was sent, still encoded: links to further pages repeat it. */
  readonly rawPath: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The call of one endpoint. */
export type CallOf<E extends Endpoint> = ApiCall<ParamsOf<E>>;

/** An answer at once, or that of something which takes its time: files, and other servers. */
export type Answering = ApiAnswer | Promise<ApiAnswer>;

export interface Route {
  readonly endpoint: Endpoint;
  readonly handler: (call: ApiCall) => Answering;
}

/** Joins a declaration and what answers the requests that pass it. */
export function route<const E extends Endpoint>(endpoint: E, handler: (call: CallOf<E>) => Answering): Route {
  // The validator hands over exactly what the endpoint declares.
  return { endpoint, handler: call => handler(call as CallOf<E>) };
}

/** Decodes percent signs; a text with broken ones stays as it is. */
export function decodeText(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
