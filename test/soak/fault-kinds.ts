import type { ApiAnswer } from '../../lib/gitlab-simulator/answer.ts';
import type { Fault, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { HOSTILE } from './hostile-kinds.ts';

/** Where a redirect leads that must not be followed: a private address, at a port that sources may not have. */
export const FORBIDDEN_URL = 'http://127.0.0.1:1/';

const html = '<html><body>502 Bad Gateway</body></html>';
const page = { 'content-type': 'text/html; charset=UTF-8' };
const titled = (title: string) =>
  `<!DOCTYPE html><html><head><title>${title}</title></head><body></body></html>`;
const text = { 'content-type': 'text/plain' };
const json = { 'content-type': 'application/json' };
const refusal = (status: number, body: unknown): Fault => ({
  kind: 'respond',
  status,
  headers: json,
  body: JSON.stringify(body),
});
const UNKNOWN =
  "The resource that you are attempting to access does not exist or you don't have permission to perform this action";
/** What GraphQL answers to mutations of a group that it does not know: one error for each of a document. */
function goneForWrites({ body }: SampleRequest): Fault {
  const { query } = body as { query: string };
  const aliases = query.match(/^m\d+(?=:)/gm) ?? [];
  return refusal(200, {
    errors: aliases.map(alias => ({ message: UNKNOWN, path: [alias] })),
    data: Object.fromEntries(aliases.map(alias => [alias, null])),
  });
}
/** What GraphQL answers for a group that a lagging replica does not know yet, to a query and to a mutation. */
const NOT_SHOWN = { data: { group: null, found: null } };
const stripped = (name: RegExp): Fault => ({
  kind: 'change',
  change: answer => ({
    ...answer,
    headers: Object.fromEntries(Object.entries(answer.headers).filter(([header]) => !name.test(header))),
  }),
});
const throttled = (headers: Record<string, string>): Fault => ({
  kind: 'respond',
  status: 429,
  headers: { ...text, ...headers },
  body: 'Retry later\n',
});

/** Faults of single requests. */
export const SINGLE = {
  // What networks before a GitLab say: Cloudflare's 52x, a proxy's 408, a firewall's challenge.
  '524': () => ({ kind: 'respond', status: 524, headers: text, body: 'error code: 524' }),
  '520 after it took effect': () => ({
    kind: 'respond-after',
    status: 520,
    headers: page,
    body: titled('520: Web server is returning an unknown error'),
  }),
  '408': () => ({ kind: 'respond', status: 408, headers: text, body: 'Request Timeout' }),
  'challenge page': () => ({
    kind: 'respond',
    status: 403,
    headers: { ...page, 'cf-mitigated': 'challenge' },
    body: titled('Just a moment...'),
  }),
  'GraphQL timeout': () => refusal(200, { errors: [{ message: 'Timeout on Query.group' }], data: null }),
  'GraphQL internal error': () => ({
    kind: 'respond-after',
    status: 200,
    headers: json,
    body: '{"errors":[{"message":"Internal server error"}]}',
  }),
  'replica lag': ({ request }) => {
    if (!isGraphql(request)) return refusal(404, { message: '404 Group Not Found' });
    return isWrite(request) ? goneForWrites(request) : refusal(200, NOT_SHOWN);
  },
  'stripped headers': () => stripped(/^x-/),
  'all paging headers stripped': () => stripped(/^(x-.*|link)$/),
  'throttled, seconds': () => throttled({ 'retry-after': '30' }),
  'throttled, date': () => throttled({ 'retry-after': new Date(Date.now() + 60_000).toUTCString() }),
  'throttled, quota': () =>
    throttled({ 'retry-after': '45', 'ratelimit-limit': '600', 'ratelimit-remaining': '0' }),
  'quota going down': () => ({
    kind: 'add-headers',
    headers: { 'ratelimit-limit': '120', 'ratelimit-remaining': '1' },
  }),
  '500': () => ({
    kind: 'respond',
    status: 500,
    headers: json,
    body: '{"message":"500 Internal Server Error"}',
  }),
  '502': () => ({ kind: 'respond', status: 502, headers: { 'content-type': 'text/html' }, body: html }),
  '503': () => ({ kind: 'respond', status: 503, headers: { ...text, 'retry-after': '20' }, body: '' }),
  '504': () => ({ kind: 'respond', status: 504, headers: text, body: '' }),
  '502 after it took effect': () => ({ kind: 'respond-after', status: 502, headers: text, body: html }),
  slow: () => ({ kind: 'delay', ms: 2 }),
  hung: () => ({ kind: 'hang' }),
  'dropped before': () => ({ kind: 'drop-before' }),
  'dropped after': () => ({ kind: 'drop-after' }),
  'cut off': () => ({ kind: 'respond-after', status: 200, headers: json, body: '[{"id": 1, "na' }),
  'not JSON': () => ({
    kind: 'respond-after',
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: html,
  }),
  'hung after': () => ({ kind: 'hang-after' }),
  'cut short': () => ({ kind: 'cut-off' }),
  'cut in the headers': () => ({ kind: 'cut-headers' }),
  'half an answer': () => ({ kind: 'stall' }),
  'ended before': () => ({ kind: 'end-before' }),
  'another part': () => ({
    kind: 'change',
    change: answer => ({
      ...answer,
      status: 206,
      headers: { ...answer.headers, 'content-range': 'bytes 7-99/100' },
    }),
  }),
  upgraded: () => ({ kind: 'upgrade' }),
  'redirected to a private address': () => ({
    kind: 'respond',
    status: 302,
    headers: { location: FORBIDDEN_URL },
    body: '',
  }),
} satisfies Record<string, (met: Met) => Fault>;

/** Those that only requests of one kind can meet. */
const ONLY_FOR: Partial<Record<MishapKind, (request: SampleRequest) => boolean>> = {
  'GraphQL timeout': isGraphql,
  'GraphQL internal error': isGraphql,
  'stripped headers': isList,
  'all paging headers stripped': isList,
  'stuck page': isList,
  'another part': isDownload,
};

/** Whether a request can meet the fault at all. */
export const canMeet = (kind: MishapKind, request: SampleRequest) => ONLY_FOR[kind]?.(request) ?? true;

/** One more, only for schedules: how an import ends with it depends on what else happens. */
export const FICKLE = {
  'refused now and not later': () => refusal(400, { message: 'Try something else' }),
} satisfies Record<string, () => Fault>;

/** What a rule that lasts knows of a request. */
export interface Met {
  request: SampleRequest;
  /** Id of the group that the request is for. */
  groupId: number | undefined;
}

/** What stays as it is from then on. Each says whether a later request is concerned, and how it is answered. */
export const LASTING: Record<
  'token revoked' | 'permission lost for a relation' | 'group deleted' | 'record rejected' | 'stuck page',
  {
    applies: (first: Met, later: Met) => boolean;
    /** Only requests that the mishap is about. */
    isSelective?: true;
    answer: (later: Met, first: Met) => Fault;
  }
> = {
  'token revoked': {
    applies: () => true,
    answer: () => refusal(401, { error: 'invalid_token', error_description: 'Token was revoked.' }),
  },
  'permission lost for a relation': {
    applies: (first, later) => relationOf(first.request) === relationOf(later.request),
    isSelective: true,
    answer: () => refusal(403, { message: '403 Forbidden' }),
  },
  'group deleted': {
    applies: (first, later) => first.groupId !== undefined && first.groupId === later.groupId,
    answer: ({ request }) =>
      isGraphql(request)
        ? isWrite(request)
          ? goneForWrites(request)
          : refusal(200, NOT_SHOWN)
        : refusal(404, { message: '404 Group Not Found' }),
  },
  'record rejected': {
    applies: (first, later) =>
      isWrite(first.request) && signatureOf(first.request) === signatureOf(later.request),
    answer: () => refusal(400, { message: 'Title is invalid' }),
  },
  'stuck page': {
    applies: (first, later) => isList(later.request) && first.request.path === later.request.path,
    answer: (_, first) => ({
      kind: 'change',
      change(answer) {
        const stuck = STUCK.get(first.request) ?? answer;
        STUCK.set(first.request, stuck);
        return stuck;
      },
    }),
  },
};

/** The page that a cache serves for all pages of a list, by the request that had it first. */
const STUCK = new WeakMap<SampleRequest, ApiAnswer>();

export type FaultKind = keyof typeof SINGLE | keyof typeof HOSTILE | keyof typeof LASTING;

/** What a schedule draws from. */
export type MishapKind = FaultKind | keyof typeof FICKLE;
export const MISHAP_KINDS = [SINGLE, HOSTILE, FICKLE, LASTING].flatMap(kinds =>
  Object.keys(kinds),
) as MishapKind[];

/** Whether a request changes something. A GraphQL query is a POST and changes nothing. */
export function isWrite({ method, path, body }: SampleRequest): boolean {
  if (path.endsWith('/api/graphql'))
    return /^\s*mutation/.test(String((body as { query?: string } | null)?.query));
  return method !== 'GET';
}

export function isGraphql({ path }: SampleRequest): boolean {
  return path.endsWith('/api/graphql');
}

/** Whether the file of an export is asked for, or a part of it. */
function isDownload({ path }: SampleRequest): boolean {
  return path.endsWith('/export/download');
}

/** Whether a page of a list is asked for by its number. */
function isList({ method, query }: SampleRequest): boolean {
  return method === 'GET' && query.has('page');
}

const relationOf = (request: SampleRequest) =>
  isGraphql(request)
    ? String((request.body as { query?: string } | null)?.query)
    : request.path.replaceAll(/\/\d+/g, '/:id');
const signatureOf = ({ method, path, body }: SampleRequest) => `${method} ${path} ${JSON.stringify(body)}`;
