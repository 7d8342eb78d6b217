import type { ApiAnswer } from './answer.ts';
import type { RouteScope } from './authentication.ts';
import type { GitLabInstance } from './instance.ts';
import type { SampleToken, SampleUser } from './model.ts';

/** One authenticated call of the REST API. */
export interface ApiCall {
  readonly instance: GitLabInstance;
  readonly currentUser: SampleUser;
  readonly token: SampleToken;
  /** Query, body and path parameters in one; the path wins. */
  readonly params: Record<string, unknown>;
  /** Path as it was sent, still encoded: links to further pages repeat it. */
  readonly rawPath: string;
  readonly query: URLSearchParams;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Segments that start with a colon match anything and become parameters. */
  readonly pattern: string;
  readonly handler: (call: ApiCall) => ApiAnswer;
  /** Default `api`. */
  readonly scope?: RouteScope;
  /** The release which brought the endpoint, '15.2'. */
  readonly since?: string;
  /** Missing from the Community Edition. */
  readonly enterprise?: true;
}

/** Path parameters, decoded, or undefined when the raw (encoded) path does not fit the pattern. */
export function matchPath(pattern: string, rawPath: string): Record<string, string> | undefined {
  const expected = pattern.split('/');
  const actual = rawPath.split('/');
  if (expected.length !== actual.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, segment] of expected.entries()) {
    const value = actual[at] ?? '';
    if (segment.startsWith(':')) params[segment.slice(1)] = decodeText(value);
    else if (segment !== value) return undefined;
  }
  return params;
}

/** Decodes percent signs; a text with broken ones stays as it is. */
export function decodeText(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
