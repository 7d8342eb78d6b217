import { decodeText, type Route } from './route.ts';
import { type CompiledEndpoint, compileEndpoint } from './validator.ts';
import { has, isEnterprise, type Release } from './versions.ts';

interface CompiledRoute {
  readonly route: Route;
  readonly compiled: CompiledEndpoint;
  readonly segments: readonly string[];
  /** Whether the release has the endpoint. */
  readonly offered: boolean;
}

/** What a method and a path lead to. */
export type Match =
  | { readonly kind: 'route'; readonly matched: CompiledRoute; readonly pathParams: Record<string, string> }
  /** `elsewhere`: the route that another release has for it. */
  | {
      readonly kind: 'none';
      readonly otherMethods: readonly string[];
      readonly elsewhere: Route | undefined;
    };

/** The routes as one release has them, found by the number of segments. */
export class RouteTable {
  readonly #byLength = new Map<number, CompiledRoute[]>();

  constructor(routes: readonly Route[], release: Release) {
    const compiled = routes.map(route => {
      const { path } = route.endpoint;
      const segments = (path.startsWith('//') ? path.slice(1) : `/api/v4${path}`).split('/');
      const offered = has(release, route.endpoint);
      return { route, compiled: compileEndpoint(route.endpoint, release), segments, offered };
    });
    // What is spelled out goes before what takes any value: `members/all` is no member.
    compiled.sort((a, b) => variables(a.segments) - variables(b.segments));
    for (const entry of compiled) {
      const { length } = entry.segments;
      this.#byLength.set(length, [...(this.#byLength.get(length) ?? []), entry]);
    }
  }

  find(method: string, rawPath: string): Match {
    const actual = rawPath.split('/');
    const matching = (this.#byLength.get(actual.length) ?? []).filter(entry => fits(entry.segments, actual));
    const matched = matching.find(({ route, offered }) => offered && route.endpoint.method === method);
    if (matched) return { kind: 'route', matched, pathParams: pathParams(matched.segments, actual) };
    const offered = matching.filter(entry => entry.offered).map(({ route }) => route.endpoint.method);
    const elsewhere = matching.find(({ route }) => route.endpoint.method === method)?.route;
    return { kind: 'none', otherMethods: [...new Set(offered)], elsewhere };
  }
}

const tables = new Map<string, RouteTable>();

/** The table of a release, compiled once. */
export function routeTableOf(routes: readonly Route[], release: Release): RouteTable {
  const key = `${release.version} ${isEnterprise(release)}`;
  let table = tables.get(key);
  if (!table) {
    table = new RouteTable(routes, release);
    tables.set(key, table);
  }
  return table;
}

function variables(segments: readonly string[]): number {
  return segments.filter(segment => segment.startsWith(':')).length;
}

function fits(expected: readonly string[], actual: readonly string[]): boolean {
  return expected.every((segment, at) =>
    segment.startsWith(':') ? actual[at] !== '' : segment === actual[at],
  );
}

function pathParams(segments: readonly string[], actual: readonly string[]): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [at, segment] of segments.entries()) {
    if (segment.startsWith(':')) params[segment.slice(1)] = decodeText(actual[at] ?? '');
  }
  return params;
}
