/**
 * What a handler may do: read the table, write it too, start the workflow of an import, ask how it is doing, stop it, sign
 * URLs of archives.
 */
export type Grant = 'read' | 'write' | 'start' | 'describe' | 'stop' | 'archives';

/** What is said of a route. */
export interface RouteDeclaration {
  method: 'GET' | 'POST';
  /** Path with `{name}` for a parameter, as API Gateway writes it. Fixed segments win over parameters. */
  path: `/api/v4/bulk_imports${string}` | `/archives/${string}`;
  /** Name of its file in `endpoints/`. */
  handler: string;
  grants: readonly Grant[];
  /** Whether no token is needed. */
  isPublic?: true;
  /** Whether it gets a whole CPU instead of a third. */
  needsCpu?: true;
  summary: string;
  description?: string;
  /** What it takes, besides the parameters of the path and the headers of all requests: names of `openapi/inputs.ts`. */
  input: { query?: string; headers?: readonly string[]; body?: string };
  /** What it answers with when all is well: a name of `openapi/outputs.ts`; a list has headers about its pages. */
  output: { status: 200 | 201 | 307; schema: string; isList?: true };
  /** What it answers with else: names of `openapi/responses.ts`. */
  errors: readonly string[];
}

/** Where all of them are, but the links to archives. */
export const BASE = '/api/v4/bulk_imports';

/** What any route can answer with; a read; the read of something that may not be there; and what takes a body. */
export const SERVICE = ['Throttled', 'InternalError'] as const;
export const READ = [...SERVICE, 'BadRequest', 'Unauthorized', 'InsufficientScope', 'Unavailable'] as const;
export const READ_ONE = [...READ, 'RecordNotFound'] as const;
export const BODY = ['BadRequest', 'TooLarge', 'UnsupportedMediaType'] as const;

/** What a `POST` can answer with that starts a workflow; and one that stops it. */
export const START = [
  ...BODY,
  'Unauthorized',
  'InsufficientScope',
  'Unprocessable',
  'TooManyImports',
  'InternalError',
  'Unavailable',
] as const;
export const CANCEL = [...SERVICE, ...BODY, 'Unauthorized', 'Forbidden', 'NotFound', 'Unavailable'] as const;

/** What the formats of a report have in common. */
export const REPORT = {
  method: 'GET',
  grants: ['read'],
  needsCpu: true,
  input: {},
  errors: READ_ONE,
} as const;
