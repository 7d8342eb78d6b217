/**
 * Every route of the service. The deployment makes one Lambda and one HTTP API route per line, the local server and
 * the answers 404 and 405 read the same lines. `handler` is the name of the file beside this one.
 */

export interface Route {
  method: 'GET' | 'POST';
  /** Path with `{name}` for a parameter, as API Gateway writes it. Fixed segments win over parameters. */
  path: string;
  handler: string;
}

const BASE = '/api/v4/bulk_imports';

/** In the order in which GitLab declares them, which is the order of its `Allow` header; our own come last. */
export const ROUTES: readonly Route[] = [
  { method: 'POST', path: BASE, handler: 'create-import' },
  { method: 'GET', path: BASE, handler: 'list-imports' },
  { method: 'GET', path: `${BASE}/entities`, handler: 'list-user-entities' },
  { method: 'GET', path: `${BASE}/{import_id}`, handler: 'get-import' },
  { method: 'GET', path: `${BASE}/{import_id}/entities`, handler: 'list-entities' },
  { method: 'GET', path: `${BASE}/{import_id}/entities/{entity_id}`, handler: 'get-entity' },
  { method: 'GET', path: `${BASE}/{import_id}/entities/{entity_id}/failures`, handler: 'list-failures' },
  { method: 'POST', path: `${BASE}/{import_id}/cancel`, handler: 'cancel-import' },
  { method: 'GET', path: `${BASE}/openapi.json`, handler: 'get-openapi' },
];

/** The file of the handler for everything that no route answers. */
export const FALLBACK_HANDLER = 'no-route';

export interface RouteMatch {
  route: Route;
  parameters: Record<string, string>;
}

/** The routes whose path matches, whatever their method; those with more fixed segments hide the others. */
export function matchRoutes(path: string): RouteMatch[] {
  const wanted = path.replace(/\/$/, '').split('/');
  const matches = ROUTES.flatMap(route => {
    const parameters = matchSegments(route.path.split('/'), wanted);
    return parameters === undefined ? [] : [{ route, parameters }];
  });
  const fewest = Math.min(...matches.map(match => Object.keys(match.parameters).length));
  return matches.filter(match => Object.keys(match.parameters).length === fewest);
}

function matchSegments(pattern: string[], wanted: string[]): Record<string, string> | undefined {
  if (pattern.length !== wanted.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of pattern.entries()) {
    const value = wanted[index] ?? '';
    if (segment.startsWith('{')) {
      if (value === '') return undefined;
      parameters[segment.slice(1, -1)] = value;
    } else if (segment !== value) return undefined;
  }
  return parameters;
}
