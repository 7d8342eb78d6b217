import type { RouteDeclaration } from './routes/declaration.ts';
import { OF_GITLAB } from './routes/of-gitlab.ts';
import { OF_IMPORTS } from './routes/of-imports.ts';
import { OF_PLANS } from './routes/of-plans.ts';
import { OF_USER_MAPPINGS } from './routes/of-user-mappings.ts';

export type { Grant } from './routes/declaration.ts';

/**
 * Every route of the service, and all that is said about it anywhere. The deployment makes one Lambda and one HTTP API
 * route of each line, with the rights of its `grants`; the local server and the responses 404 and 405 read the same
 * lines, and `openapi/` describes them. It holds names instead of schemas, so that a Lambda that reads it loads none:
 * whatever is named here and not described there, or the other way round, is an error of the compiler.
 */
const TABLE = [...OF_GITLAB, ...OF_IMPORTS, ...OF_PLANS, ...OF_USER_MAPPINGS] as const;

type Row = (typeof TABLE)[number];

/** The names that the table uses, which `openapi/` describes. */
export type QueryName = Extract<Row['input'], { query: string }>['query'];
export type HeaderName = Extract<Row['input'], { headers: readonly string[] }>['headers'][number];
export type BodyName = Extract<Row['input'], { body: string }>['body'];
export type OutputName = Row['output']['schema'];
export type ErrorName = Row['errors'][number];

/** One line of the table. */
export interface Route extends RouteDeclaration {
  handler: Row['handler'];
  input: { query?: QueryName; headers?: readonly HeaderName[]; body?: BodyName };
  output: { status: 200 | 201 | 307; schema: OutputName; isList?: true };
  errors: readonly ErrorName[];
}

export const ROUTES: readonly Route[] = TABLE;

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
