import type { Fault, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';

/** Where a redirect leads that must not be followed: a private address, at a port that sources may not have. */
export const FORBIDDEN_URL = 'http://127.0.0.1:1/';

const html = '<html><body>502 Bad Gateway</body></html>';
const text = { 'content-type': 'text/plain' };
const json = { 'content-type': 'application/json' };
const refusal = (status: number, body: unknown): Fault => ({
  kind: 'respond',
  status,
  headers: json,
  body: JSON.stringify(body),
});
const GONE_FOR_WRITES = {
  errors: [{ message: 'The resource that you are attempting to access does not exist' }],
  data: { createBoard: null },
};
const throttled = (headers: Record<string, string>): Fault => ({
  kind: 'respond',
  status: 429,
  headers: { ...text, ...headers },
  body: 'Retry later\n',
});

/** Faults of single requests. */
export const SINGLE = {
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
  'redirected to a private address': () => ({
    kind: 'respond',
    status: 302,
    headers: { location: FORBIDDEN_URL },
    body: '',
  }),
} satisfies Record<string, () => Fault>;

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
  'token revoked' | 'permission lost for a relation' | 'group deleted' | 'record rejected',
  {
    applies: (first: Met, later: Met) => boolean;
    /** Only requests that the mishap is about. */
    isSelective?: true;
    answer: (later: Met) => Fault;
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
        ? refusal(200, isWrite(request) ? GONE_FOR_WRITES : { data: { group: null, found: null } })
        : refusal(404, { message: '404 Group Not Found' }),
  },
  'record rejected': {
    applies: (first, later) =>
      isWrite(first.request) && signatureOf(first.request) === signatureOf(later.request),
    answer: () => refusal(400, { message: 'Title is invalid' }),
  },
};

export type FaultKind = keyof typeof SINGLE | keyof typeof LASTING;

/** What a schedule draws from. */
export type MishapKind = FaultKind | keyof typeof FICKLE;
export const MISHAP_KINDS = [SINGLE, FICKLE, LASTING].flatMap(kinds => Object.keys(kinds)) as MishapKind[];

/** Whether a request changes something. A GraphQL query is a POST and changes nothing. */
export function isWrite({ method, path, body }: SampleRequest): boolean {
  if (path.endsWith('/api/graphql'))
    return /^\s*mutation/.test(String((body as { query?: string } | null)?.query));
  return method !== 'GET';
}

export const isGraphql = ({ path }: SampleRequest) => path.endsWith('/api/graphql');
const relationOf = (request: SampleRequest) =>
  isGraphql(request)
    ? String((request.body as { query?: string } | null)?.query)
    : request.path.replaceAll(/\/\d+/g, '/:id');
const signatureOf = ({ method, path, body }: SampleRequest) => `${method} ${path} ${JSON.stringify(body)}`;
