/**
 * Every route of the service, and all that is said about it anywhere. The deployment makes one Lambda and one HTTP API
 * route of each line, with the rights of its `grants`; the local server and the responses 404 and 405 read the same
 * lines, and `openapi/` describes them. It holds names instead of schemas, so that a Lambda that reads it loads none:
 * whatever is named here and not described there, or the other way round, is an error of the compiler.
 */

/**
 * What a handler may do: read the table, write it too, start the workflow of an import, ask how it is doing, stop it, sign
 * URLs of archives.
 */
export type Grant = 'read' | 'write' | 'start' | 'describe' | 'stop' | 'archives';

interface RouteDeclaration {
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

const BASE = '/api/v4/bulk_imports';

const SERVICE = ['Throttled', 'InternalError'] as const;
const READ = [...SERVICE, 'BadRequest', 'Unauthorized', 'InsufficientScope', 'Unavailable'] as const;
const READ_ONE = [...READ, 'RecordNotFound'] as const;
const BODY = ['BadRequest', 'TooLarge', 'UnsupportedMediaType'] as const;

/** What the formats of a report have in common. */
const REPORT = { method: 'GET', grants: ['read'], needsCpu: true, input: {}, errors: READ_ONE } as const;

/** In the order in which GitLab declares them, which is the order of its `Allow` header; our own come last. */
const TABLE = [
  {
    method: 'POST',
    path: BASE,
    handler: 'create-import',
    grants: ['write', 'start'],
    summary: 'Start an import',
    description:
      'Checks source and destination, and starts only if nothing stands against it. In forms, arrays are written as `entities[][source_type]` or `entities[0][source_type]`.',
    input: { headers: ['Idempotency-Key'], body: 'NewImport' },
    output: { status: 201, schema: 'import' },
    errors: [
      ...BODY,
      'Unauthorized',
      'InsufficientScope',
      'RecordNotFound',
      'Unprocessable',
      'TooManyImports',
      'InternalError',
      'Unavailable',
    ],
  },
  {
    method: 'GET',
    path: BASE,
    handler: 'list-imports',
    grants: ['read'],
    summary: "List the caller's imports",
    description: 'Newest first unless `sort` says otherwise.',
    input: { query: 'list' },
    output: { status: 200, schema: 'imports', isList: true },
    errors: READ,
  },
  {
    method: 'GET',
    path: `${BASE}/entities`,
    handler: 'list-user-entities',
    grants: ['read'],
    summary: "List the entities of all of the caller's imports",
    description: 'Newest first unless `sort` says otherwise.',
    input: { query: 'list' },
    output: { status: 200, schema: 'entities', isList: true },
    errors: READ,
  },
  {
    method: 'GET',
    path: `${BASE}/{import_id}`,
    handler: 'get-import',
    grants: ['read'],
    summary: 'Show an import',
    input: {},
    output: { status: 200, schema: 'import' },
    errors: READ_ONE,
  },
  {
    method: 'GET',
    path: `${BASE}/{import_id}/entities`,
    handler: 'list-entities',
    grants: ['read'],
    summary: 'List the entities of an import',
    description: 'Oldest first unless `sort` says otherwise.',
    input: { query: 'list' },
    output: { status: 200, schema: 'entities', isList: true },
    errors: READ_ONE,
  },
  {
    method: 'GET',
    path: `${BASE}/{import_id}/entities/{entity_id}`,
    handler: 'get-entity',
    grants: ['read'],
    summary: 'Show an entity with its failures and counts',
    input: {},
    output: { status: 200, schema: 'entity' },
    errors: READ_ONE,
  },
  {
    method: 'GET',
    path: `${BASE}/{import_id}/entities/{entity_id}/failures`,
    handler: 'list-failures',
    grants: ['read'],
    summary: 'List why records of an entity were not migrated',
    description:
      'By pipeline, in the order in which they run. While an entity runs, failures can come in between.',
    input: { query: 'keyedList' },
    output: { status: 200, schema: 'failures', isList: true },
    errors: READ_ONE,
  },
  {
    method: 'POST',
    path: `${BASE}/{import_id}/cancel`,
    handler: 'cancel-import',
    grants: ['write', 'stop'],
    summary: 'Cancel an import',
    description:
      'For its owner and for administrators, in whatever state the import is. It is final; doing it again is no error. No body is needed.',
    input: {},
    output: { status: 200, schema: 'import' },
    errors: [...SERVICE, ...BODY, 'Unauthorized', 'Forbidden', 'NotFound', 'Unavailable'],
  },
  {
    method: 'GET',
    path: `${BASE}/{import_id}/entities/{entity_id}/audit_events`,
    handler: 'list-audit-events',
    grants: ['read'],
    summary: 'List what was written at the destination for an entity',
    description:
      "One event per record, the oldest first, in the shape of GitLab's own audit events. It is written before the request is sent and completed when it was answered.",
    input: { query: 'keyedList' },
    output: { status: 200, schema: 'auditEvents', isList: true },
    errors: READ_ONE,
  },
  {
    method: 'GET',
    path: `${BASE}/openapi.json`,
    handler: 'get-openapi',
    grants: [],
    isPublic: true,
    summary: 'Show this document',
    input: {},
    output: { status: 200, schema: 'openapi' },
    errors: SERVICE,
  },
  {
    method: 'GET',
    path: '/archives/{token}',
    handler: 'get-archive',
    grants: ['archives'],
    isPublic: true,
    // A GitLab waits one second for the answer to its HEAD, and mostly finds the function asleep.
    needsCpu: true,
    summary: 'Fetch the archive of a project',
    description:
      'For the destination GitLab, which is given the link when it is told to import a project. It leads to a URL that is signed now. The token is the only right that is needed, and good until the import of that project has ended.',
    input: {},
    output: { status: 307, schema: 'redirect' },
    errors: [...SERVICE, 'LinkNotFound', 'Unavailable'],
  },
  {
    ...REPORT,
    path: `${BASE}/{import_id}/report`,
    handler: 'get-report',
    summary: 'Report what became of an import',
    description:
      'At any time; final when the import has ended. Reads the counts and failures of all of its groups and projects, and no GitLab.',
    output: { status: 200, schema: 'report' },
  },
  {
    ...REPORT,
    path: `${BASE}/{import_id}/report.md`,
    handler: 'get-report-markdown',
    summary: 'Report what became of an import, in Markdown',
    output: { status: 200, schema: 'markdown' },
  },
  {
    ...REPORT,
    path: `${BASE}/{import_id}/report.html`,
    handler: 'get-report-html',
    summary: 'Report what became of an import, as a page to be mailed or printed',
    output: { status: 200, schema: 'html' },
  },
  {
    ...REPORT,
    path: `${BASE}/{import_id}/report.csv`,
    handler: 'get-report-csv',
    summary: 'Report what became of an import, with a line for each relation of each group and project',
    output: { status: 200, schema: 'csv' },
  },
  {
    method: 'POST',
    path: `${BASE}/plans`,
    handler: 'create-plan',
    grants: ['write', 'start'],
    summary: 'Plan an import',
    description:
      'Takes what `POST /bulk_imports` takes, looks what that would do, and changes nothing at either GitLab. What stands against single groups, projects or records is told as their failures; only what is wrong with the source itself is refused.',
    input: { headers: ['Idempotency-Key'], body: 'NewImport' },
    output: { status: 201, schema: 'plan' },
    errors: [
      ...BODY,
      'Unauthorized',
      'InsufficientScope',
      'Unprocessable',
      'TooManyImports',
      'InternalError',
      'Unavailable',
    ],
  },
  {
    method: 'GET',
    path: `${BASE}/plans`,
    handler: 'list-plans',
    grants: ['read'],
    summary: "List the caller's plans",
    description: 'Newest first unless `sort` says otherwise.',
    input: { query: 'list' },
    output: { status: 200, schema: 'plans', isList: true },
    errors: READ,
  },
  {
    method: 'GET',
    path: `${BASE}/plans/{plan_id}`,
    handler: 'get-plan',
    grants: ['read'],
    summary: 'Show a plan',
    input: {},
    output: { status: 200, schema: 'plan' },
    errors: READ_ONE,
  },
  {
    method: 'GET',
    path: `${BASE}/plans/{plan_id}/entities`,
    handler: 'list-plan-entities',
    grants: ['read'],
    summary: 'List the groups and projects of a plan',
    description: 'With what would become of the records of each. Oldest first unless `sort` says otherwise.',
    input: { query: 'list' },
    output: { status: 200, schema: 'planEntities', isList: true },
    errors: READ_ONE,
  },
  {
    method: 'GET',
    path: `${BASE}/plans/{plan_id}/entities/{entity_id}/failures`,
    handler: 'list-plan-failures',
    grants: ['read'],
    summary: 'List what stands against records of a group or project of a plan',
    input: { query: 'keyedList' },
    output: { status: 200, schema: 'failures', isList: true },
    errors: READ_ONE,
  },
  {
    method: 'POST',
    path: `${BASE}/plans/{plan_id}/cancel`,
    handler: 'cancel-plan',
    grants: ['write', 'stop'],
    summary: 'Cancel a plan',
    description: 'As an import is canceled.',
    input: {},
    output: { status: 200, schema: 'plan' },
    errors: [...SERVICE, ...BODY, 'Unauthorized', 'Forbidden', 'NotFound', 'Unavailable'],
  },
  {
    ...REPORT,
    path: `${BASE}/plans/{plan_id}/report`,
    handler: 'get-plan-report',
    summary: 'Report what an import would do',
    output: { status: 200, schema: 'planReport' },
  },
  {
    ...REPORT,
    path: `${BASE}/plans/{plan_id}/report.md`,
    handler: 'get-plan-report-markdown',
    summary: 'Report what an import would do, in Markdown',
    output: { status: 200, schema: 'markdown' },
  },
  {
    ...REPORT,
    path: `${BASE}/plans/{plan_id}/report.html`,
    handler: 'get-plan-report-html',
    summary: 'Report what an import would do, as a page to be mailed or printed',
    output: { status: 200, schema: 'html' },
  },
  {
    ...REPORT,
    path: `${BASE}/plans/{plan_id}/report.csv`,
    handler: 'get-plan-report-csv',
    summary: 'Report what an import would do, with a line for each relation of each group and project',
    output: { status: 200, schema: 'csv' },
  },
  {
    method: 'POST',
    path: `${BASE}/{import_id}/retry`,
    handler: 'retry-import',
    grants: ['write', 'start', 'describe'],
    summary: 'Try an import again, in place',
    description:
      "For its owner, when it has ended. `scope=failed` (default) moves what failed or never came to its end; `scope=all` also what the source has got since. Neither overwrites nor deletes anything, and groups and projects that are there are not made again. The source's token is given again, since it is erased whenever an import ends.",
    input: { headers: ['Idempotency-Key'], body: 'Retry' },
    output: { status: 201, schema: 'import' },
    errors: [
      ...BODY,
      'NothingToRetry',
      'Unauthorized',
      'InsufficientScope',
      'RecordNotFound',
      'Conflict',
      'Unprocessable',
      'TooManyImports',
      'InternalError',
      'Unavailable',
    ],
  },
  {
    method: 'POST',
    path: `${BASE}/user_mappings`,
    handler: 'create-user-mapping',
    grants: ['write'],
    summary: 'Say who the users of a source are here',
    description:
      "Takes GitLab's own CSV for the reassignment of placeholder users, as the part `file` of a form, or `users`. Nothing is migrated by it: an import that names it gives memberships accordingly.",
    input: { body: 'NewUserMapping' },
    output: { status: 201, schema: 'userMapping' },
    errors: [
      ...BODY,
      'Unauthorized',
      'InsufficientScope',
      'BadUserMapping',
      'TooManyImports',
      'InternalError',
      'Unavailable',
    ],
  },
  {
    method: 'GET',
    path: `${BASE}/user_mappings/{mapping_id}`,
    handler: 'get-user-mapping',
    grants: ['read'],
    summary: 'Show a user mapping as CSV',
    description:
      'For 400 days. It can be edited and sent again, as a new one; and it is a file for GitLab, too.',
    input: {},
    output: { status: 200, schema: 'csv' },
    errors: READ_ONE,
  },
  {
    method: 'GET',
    path: `${BASE}/plans/{plan_id}/users`,
    handler: 'get-plan-users',
    grants: ['read'],
    summary: 'Show whom a plan has met, as a user mapping to be filled in',
    description:
      'Those first who have no counterpart. Filled in, it can be sent as a user mapping. For 15 days; while the plan runs, users can come in between.',
    input: {},
    output: { status: 200, schema: 'csv' },
    errors: READ_ONE,
  },
  {
    method: 'POST',
    path: `${BASE}/{import_id}/verify`,
    handler: 'verify-import',
    grants: ['write', 'start'],
    summary: 'Verify an import',
    description:
      'Reads both GitLabs again, and changes nothing at either. Tokens are erased at the end of an import, so that the one of the source is given again.',
    input: { headers: ['Idempotency-Key'], body: 'NewVerification' },
    output: { status: 201, schema: 'verification' },
    errors: [
      ...BODY,
      'Unauthorized',
      'InsufficientScope',
      'RecordNotFound',
      'Conflict',
      'Unprocessable',
      'TooManyImports',
      'InternalError',
      'Unavailable',
    ],
  },
  {
    method: 'GET',
    path: `${BASE}/{import_id}/verification`,
    handler: 'get-verification',
    grants: ['read'],
    summary: 'Show the last verification of an import',
    input: {},
    output: { status: 200, schema: 'verification' },
    errors: READ_ONE,
  },
  {
    method: 'GET',
    path: `${BASE}/{import_id}/verification/entities`,
    handler: 'list-verification-entities',
    grants: ['read'],
    summary: 'List what the last verification has found of each group and project',
    description: 'Under the ids of the entities of the import. Oldest first unless `sort` says otherwise.',
    input: { query: 'list' },
    output: { status: 200, schema: 'verifiedEntities', isList: true },
    errors: READ_ONE,
  },
  {
    method: 'GET',
    path: `${BASE}/{import_id}/verification/entities/{entity_id}/failures`,
    handler: 'list-verification-failures',
    grants: ['read'],
    summary: 'List which records of a group or project are missing or different',
    input: { query: 'keyedList' },
    output: { status: 200, schema: 'failures', isList: true },
    errors: READ_ONE,
  },
] as const satisfies readonly RouteDeclaration[];

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
