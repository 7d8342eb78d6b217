import { PROJECT_RELATIONS } from '../../lambdas/pipelines/stages.ts';
import { type FaultKind, LASTING, SINGLE } from './fault-kinds.ts';
import { HOSTILE } from './hostile-kinds.ts';
import { type OwnRequest, REQUESTS } from './pipeline-requests.ts';

/**
 * How an import ends. `whole`: everything is there and nothing failed. `fails`: the pipeline, or records of it, have
 * failures that say why; other pipelines are whole. `ends`: the import fails at once. `loses one record`: exactly one
 * failure, which names it. `fails with others`: as `fails`, but others meet the same.
 */
export type Ending = 'whole' | 'fails' | 'fails with others' | 'loses one record' | 'ends';

/** How many requests in a row meet a fault. A limit is waited for as long as it lasts, an outage for two hours. */
export type Times = 'once' | 'ten times' | 'forty times' | 'always';

interface Expectation {
  /** After one such request; for what lasts, from the first on. */
  once: Ending;
  /** When every such request meets it. */
  always: Ending;
  /** The request takes effect: a write that is tried again finds what it has written. */
  takesEffect?: true;
  /** What each failure says: why, and what to do next. */
  says: RegExp;
}

const AGAIN = 'Try again when it answers again\\.';
const passing = (why: string): Expectation => ({ once: 'whole', always: 'fails', says: new RegExp(why) });
const unreadable =
  /The answer of the \w+ GitLab cannot be read \(to [a-z -]+\): it is not (JSON|a file)\. Check that/;
const page = /could not .*: a web page came in place of its response \(200\)\. Check its base URL/;
/** An answer that no GitLab gives is no outage: what it was for fails at once. */
const hostile: Expectation = {
  once: 'fails',
  always: 'fails',
  says: /cannot be read \(to [a-z -]+\): (unexpected |it is not a file)|asked to [a-z -]+, sent too much: body of its response has more than 100 elements\. Check what/,
};
const nothing: Expectation = { once: 'whole', always: 'whole', says: /^$/ };

/** One line per fault. */
export const EXPECTED: Record<FaultKind, Expectation> = {
  'throttled, seconds': passing(`could not .*: 429 Retry later\\. ${AGAIN}`),
  'throttled, date': passing(`could not .*: 429 Retry later\\. ${AGAIN}`),
  'throttled, quota': passing(`could not .*: 429 Retry later\\. ${AGAIN}`),
  'quota going down': nothing,
  '500': passing(`could not .*: 500 Internal Server Error\\. ${AGAIN}`),
  '502': passing(`could not .*: 502\\. ${AGAIN}`),
  '503': passing(`could not .*: 503\\. ${AGAIN}`),
  '504': passing(`could not .*: 504\\. ${AGAIN}`),
  '502 after it took effect': { ...passing(`could not .*: 502\\. ${AGAIN}`), takesEffect: true },
  '524': passing(`could not .*: 524 error code: 524\\. ${AGAIN}`),
  '520 after it took effect': {
    ...passing(`could not .*: 520: Web server .* error\\. ${AGAIN}`),
    takesEffect: true,
  },
  '408': passing(`could not .*: 408 Request Timeout\\. ${AGAIN}`),
  'challenge page': passing(
    'could not .*: a web page came in place of its response \\(403 Just a moment\\.\\.\\.\\)\\. Check its base URL, and that firewalls',
  ),
  'GraphQL timeout': passing(`could not .*: Timeout on Query\\.group\\. ${AGAIN}`),
  'GraphQL internal error': {
    ...passing(`could not .*: Internal server error\\. ${AGAIN}`),
    takesEffect: true,
  },
  'replica lag': {
    once: 'whole',
    always: 'fails',
    says: /does not show yet the group .* Try again when it does|refused to .*404 Group Not Found\. It does not exist, or|does not exist (any more|or you)|Group exists: .* Start an import with another/,
  },
  'stripped headers': nothing,
  'all paging headers stripped': nothing,
  slow: nothing,
  hung: passing(`did not answer in time when asked to .*\\. ${AGAIN}`),
  'hung after': { ...passing(`did not answer in time when asked to .*\\. ${AGAIN}`), takesEffect: true },
  'dropped before': passing(`failed on the way to .*: [A-Z]+\\. ${AGAIN}`),
  'dropped after': { ...passing(`failed on the way to .*: [A-Z]+\\. ${AGAIN}`), takesEffect: true },
  'cut off': { once: 'whole', always: 'fails', takesEffect: true, says: unreadable },
  'cut short': { ...passing(`failed on the way to .*: [A-Z]+\\. ${AGAIN}`), takesEffect: true },
  'cut in the headers': { ...passing(`failed on the way to .*: [A-Z_]+\\. ${AGAIN}`), takesEffect: true },
  'half an answer': { ...passing(`did not answer in time when asked to .*\\. ${AGAIN}`), takesEffect: true },
  'ended before': passing(`failed on the way to .*: [A-Z]+\\. ${AGAIN}`),
  'another part': {
    once: 'whole',
    always: 'fails',
    says: /cannot be read \(to [a-z -]+\): it is not the part of the file that was asked for\. Check that/,
  },
  upgraded: passing(`(failed on the way to .*: [A-Z]+|did not answer in time when asked to .*)\\. ${AGAIN}`),
  'empty objects': hostile,
  'a text in place of all': hostile,
  'another shape': hostile,
  'not JSON': { once: 'whole', always: 'fails', takesEffect: true, says: page },
  'redirected to a private address': {
    once: 'fails',
    always: 'fails',
    says: /(URL is blocked: Only allowed ports are [\d, ]+|: 302)\..* Check .*base URL/,
  },
  'token revoked': {
    once: 'ends',
    always: 'ends',
    says: /does not accept the (\w+) token any more \(401 Token was revoked\.\)\. Start a new import/,
  },
  'permission lost for a relation': {
    once: 'fails',
    always: 'fails',
    says: /403 Forbidden\b.* (check the role of the \w+ token's user|choose a group that exists there)|takes no project archives\. Let an administrator/i,
  },
  'group deleted': {
    once: 'fails with others',
    always: 'fails with others',
    says: /404 Group Not Found\. It does not exist, or|does not exist (at the source )?any more, or|does not exist or you don't have permission to perform this action\. Check what|does not show yet the group/,
  },
  'stuck page': {
    once: 'fails',
    always: 'fails',
    says: /its list has no end\. Check the proxies before the \w+ GitLab/,
  },
  'record rejected': {
    once: 'loses one record',
    always: 'loses one record',
    says: /refused.*(400 )?Title is invalid.*(by hand|import it again)/,
  },
};

/** Those who work with what another pipeline has brought, and fail with it. */
const DEPENDENTS: Record<string, string[]> = {
  labels: ['boards'],
  // The group at the source is read once for all of these.
  namespace_settings: ['uploads', 'wikis', 'group_attributes'],
  group_attributes: ['namespace_settings', 'uploads', 'wikis'],
};
export const dependentsOf = (pipeline: string): string[] => DEPENDENTS[pipeline] ?? afterIts(pipeline);

/** All that comes after one without which there is no project. */
function afterIts(pipeline: string): string[] {
  const own = PROJECT_RELATIONS.find(({ name }) => name === pipeline);
  if (own?.abortOnFailure !== true) return [];
  return PROJECT_RELATIONS.filter(({ stage }) => stage > own.stage).map(({ name }) => name);
}

/**
 * What only the client tells apart: to a pipeline it is the same outage, or the same limit, as another one. One request
 * per role and pipeline meets it, and not each, which leaves out a third of the cells.
 */
const OF_THE_CLIENT: FaultKind[] = [
  'throttled, date',
  'throttled, quota',
  'quota going down',
  '500',
  '503',
  '504',
  '524',
  '520 after it took effect',
  '408',
  'challenge page',
  'GraphQL timeout',
  'GraphQL internal error',
  'slow',
  'cut short',
  'cut in the headers',
  'half an answer',
  'ended before',
  'upgraded',
];
/** What a request that is sent only after others can meet: one of each class that the client knows. */
const OF_THE_RARE: FaultKind[] = [
  'throttled, seconds',
  '502',
  'dropped before',
  'not JSON',
  'GraphQL timeout',
  'replica lag',
  'token revoked',
];

/** Which faults a request can meet, and how often. */
export function cellsOf(own: OwnRequest): { kind: FaultKind; times: Times }[] {
  if (own.isAside === true) return [{ kind: '502', times: 'once' }];
  const kinds = [SINGLE, HOSTILE, LASTING].flatMap(one => Object.keys(one)) as FaultKind[];
  const { of, pipeline, role } = own;
  const isFirst =
    REQUESTS.find(one => one.of === of && one.pipeline === pipeline && one.role === role) === own;
  const met = kinds
    .filter(kind => canMeet(own, kind))
    .filter(kind => isFirst || !OF_THE_CLIENT.includes(kind) || OF_THE_RARE.includes(kind))
    .filter(kind => !isRare(own) || OF_THE_RARE.includes(kind));
  return [
    ...met.flatMap(kind => timesOf(kind).map(times => ({ kind, times }))),
    ...(isRare(own) ? [] : [{ kind: '502' as const, times: 'ten times' as const }]),
  ];
}

/** A limit that never ends is never given up, and what lasts is met once for all. */
function timesOf(kind: FaultKind): Times[] {
  if (kind in LASTING) return ['once'];
  if (kind === 'stripped headers' || kind === 'all paging headers stripped') return ['always'];
  return kind.startsWith('throttled') ? ['once', 'forty times'] : ['once', 'always'];
}

/** What refuses the document about a group, and not the smaller requests after it. */
const OF_THE_DOCUMENT: FaultKind[] = ['redirected to a private address', 'permission lost for a relation'];

/** Also those of projects that are like requests of groups: what faults do to these holds for them. */
const isRare = ({ after, version, of, isStream }: OwnRequest) =>
  after !== undefined || version !== undefined || (of === 'project' && isStream !== true);

function canMeet({ pipeline, role, request, page, version, of }: OwnRequest, kind: FaultKind): boolean {
  // Their lists are as long as they are.
  if (pipeline === 'wikis' && kind === 'empty objects') return false;
  switch (kind) {
    case 'record rejected':
      return role === 'write';
    case 'group deleted':
      return of === 'group' && /:id|graphql/.test(request);
    case 'another part':
      return request.endsWith('/download');
    case 'GraphQL timeout':
    case 'GraphQL internal error':
      return request.endsWith('/graphql');
    // Elsewhere, as where people are looked up, no group is asked for that was made a moment ago.
    case 'replica lag':
      return of === 'group' && version === undefined && role !== 'read' && /:id|graphql/.test(request);
    // Of the other lists there is one page, after which nobody asks for another.
    case 'stripped headers':
    case 'all paging headers stripped':
      return page === '1';
    case 'stuck page':
      return page === '1' && role === 'read';
    default:
      return true;
  }
}

/** How an import ends whose requests of this kind meet the fault. */
export function endingOf(own: OwnRequest, kind: FaultKind, times: Times): Ending {
  const expected = EXPECTED[kind];
  // The avatar cannot be looked up, so it is sent again each time.
  if (kind in HOSTILE) {
    // A group or project that was made is looked for, whatever the answer was, and the avatar's file is of any shape.
    if (own.request === 'POST /groups' || own.request === 'POST /projects/import') return 'whole';
    // What comes in place of an archive may be an archive the next time.
    if (own.pipeline === 'archive' && times === 'once') return 'whole';
    if (own.pipeline === 'uploads' && own.role === 'read' && times === 'once') return 'whole';
  }
  // What one document does not tell is read by itself.
  const isDocument = own.pipeline === 'group' && own.role === 'read';
  if (isDocument && times === 'once' && (kind in HOSTILE || OF_THE_DOCUMENT.includes(kind))) return 'whole';
  const isFound =
    (own.role === 'write' || own.role === 'order') && expected.takesEffect && own.pipeline !== 'uploads';
  return isFound ? 'whole' : expected[times === 'always' ? 'always' : 'once'];
}
