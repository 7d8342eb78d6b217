import type { Fault, SampleGitLab, SampleRequest } from '../../lib/demo/gitlab/sample-gitlab.ts';

/** Something that goes wrong at a GitLab, from the nth of its requests on. */
export interface Mishap {
  gitlab: 'source' | 'destination';
  requests: 'reads' | 'writes' | 'all';
  nth: number;
  /** How many requests in a row it happens to; those that change the GitLab for good take no notice. */
  times: number;
  kind: MishapKind;
}

const html = '<html><body>502 Bad Gateway</body></html>';
const text = { 'content-type': 'text/plain' };
const json = { 'content-type': 'application/json' };
const throttled = (headers: Record<string, string>): Fault => ({
  kind: 'respond',
  status: 429,
  headers: { ...text, ...headers },
  body: 'Retry later\n',
});

/** Faults of single requests. */
const PASSING = {
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
  'refused now and not later': () => ({
    kind: 'respond',
    status: 400,
    headers: json,
    body: '{"message":"Try something else"}',
  }),
  slow: () => ({ kind: 'delay', ms: 2 }),
  hung: () => ({ kind: 'hang' }),
  'hung after': () => ({ kind: 'hang-after' }),
  'dropped before': () => ({ kind: 'drop-before' }),
  'dropped after': () => ({ kind: 'drop-after' }),
  'cut off': () => ({ kind: 'respond-after', status: 200, headers: json, body: '[{"id": 1, "na' }),
  'not JSON': () => ({
    kind: 'respond-after',
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: html,
  }),
  'redirected to nowhere': () => ({
    kind: 'respond',
    status: 302,
    headers: { location: 'http://127.0.0.1:1/' },
    body: '',
  }),
} satisfies Record<string, () => Fault>;

/** What stays as it is from then on. Each says whether a later request is concerned. */
const LASTING = {
  'token revoked': {
    applies: () => true,
    fault: { status: 401, message: { error: 'invalid_token', error_description: 'Token was revoked.' } },
  },
  'permission lost for a relation': {
    applies: (first: SampleRequest, later: SampleRequest) => relationOf(first) === relationOf(later),
    fault: { status: 403, message: { message: '403 Forbidden' } },
  },
  'group deleted': {
    applies: (first: SampleRequest, later: SampleRequest) =>
      groupOf(first) !== undefined && groupOf(first) === groupOf(later),
    fault: { status: 404, message: { message: '404 Group Not Found' } },
  },
  'record rejected': {
    applies: (first: SampleRequest, later: SampleRequest) =>
      isWrite(first) && signatureOf(first) === signatureOf(later),
    fault: { status: 400, message: { message: 'Title is invalid' } },
  },
} as const;

export type MishapKind = keyof typeof PASSING | keyof typeof LASTING;

export const MISHAP_KINDS = [...Object.keys(PASSING), ...Object.keys(LASTING)] as MishapKind[];

/** Whether a mishap passes by itself and leaves a request that can be sent again. */
export function passes({ kind }: Mishap): boolean {
  return kind in PASSING && kind !== 'redirected to nowhere' && kind !== 'refused now and not later';
}

/** Whether a request changes something. A GraphQL query is a POST and changes nothing. */
export function isWrite({ method, path, body }: SampleRequest): boolean {
  if (path.endsWith('/api/graphql'))
    return /^\s*mutation/.test(String((body as { query?: string } | null)?.query));
  return method !== 'GET';
}

const relationOf = ({ path }: SampleRequest) => path.replaceAll(/\/\d+/g, '/:id');
const groupOf = ({ path }: SampleRequest) => /\/groups\/(\d+)/.exec(path)?.[1];
const signatureOf = ({ method, path, body }: SampleRequest) => `${method} ${path} ${JSON.stringify(body)}`;

/** Lets the mishaps happen to a GitLab. */
export function plan(gitlab: SampleGitLab, mishaps: readonly Mishap[]): void {
  const seen = new Map<Mishap, number>();
  const lasting: ((request: SampleRequest) => Fault | undefined)[] = [];
  gitlab.onRequest = request => {
    for (const fault of lasting.map(rule => rule(request))) if (fault !== undefined) return fault;
    for (const mishap of mishaps) {
      if (mishap.requests !== 'all' && isWrite(request) !== (mishap.requests === 'writes')) continue;
      const number = (seen.get(mishap) ?? 0) + 1;
      seen.set(mishap, number);
      if (number < mishap.nth) continue;
      if (mishap.kind in PASSING) {
        if (number < mishap.nth + mishap.times) return PASSING[mishap.kind as keyof typeof PASSING]();
      } else if (number === mishap.nth) {
        const { applies, fault } = LASTING[mishap.kind as keyof typeof LASTING];
        const answer: Fault = {
          kind: 'respond',
          status: fault.status,
          headers: json,
          body: JSON.stringify(fault.message),
        };
        lasting.push(later => (applies(request, later) ? answer : undefined));
        if (applies(request, request)) return answer;
      }
    }
    return undefined;
  };
}
