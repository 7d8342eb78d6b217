import type { Fault, SampleGitLab, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import {
  canMeet,
  FICKLE,
  isGraphql,
  isWrite,
  LASTING,
  type Met,
  type MishapKind,
  SINGLE,
} from './fault-kinds.ts';
import { HOSTILE } from './hostile-kinds.ts';

/** Something that goes wrong at a GitLab, from the nth of its requests on. */
export interface Mishap {
  gitlab: 'source' | 'destination';
  requests: 'reads' | 'writes' | 'all' | keyof typeof OF_PROJECTS | ((request: SampleRequest) => boolean);
  nth: number;
  /** How many requests in a row it happens to; those that change the GitLab for good take no notice. */
  times: number;
  kind: MishapKind;
}

/** Those about projects: there are few among all. */
export const OF_PROJECTS = {
  exports: /\/projects\/\d+\/export$/,
  downloads: /\/export\/download$/,
  imports: /\/projects\/import(-relation)?$/,
  projects: /\/projects\//,
} as const;

/** Whether a mishap passes by itself and leaves a request that can be sent again. */
export function passes({ kind, gitlab, times }: Mishap): boolean {
  // A source has no replica that lags behind what we have made; at the destination a group may be hidden for a while.
  if (kind === 'replica lag') return gitlab === 'destination' && times < LONGEST_LAG;
  return kind in SINGLE && kind !== 'redirected to a private address';
}

/** So many requests in a row may not know a group that was just made: the pipelines wait for it for five minutes. */
const LONGEST_LAG = 3;

/** Lets the mishaps happen to a GitLab. */
export function plan(gitlab: SampleGitLab, mishaps: readonly Mishap[]): void {
  const seen = new Map<Mishap, number>();
  const lasting: ((met: Met) => Fault | undefined)[] = [];
  gitlab.onRequest = request => {
    const met = { request, groupId: groupOf(gitlab, request) };
    for (const fault of lasting.map(rule => rule(met))) if (fault !== undefined) return fault;
    for (const mishap of mishaps) {
      if (!concerns(mishap, request)) continue;
      const number = (seen.get(mishap) ?? 0) + 1;
      seen.set(mishap, number);
      if (number < mishap.nth) continue;
      if (isPassing(mishap.kind)) {
        if (number < mishap.nth + mishap.times) return PASSING[mishap.kind](met);
      } else if (number === mishap.nth) {
        const { applies, isSelective, answer } = LASTING[mishap.kind];
        const isMeant = (later: Met) => isSelective !== true || concerns(mishap, later.request);
        lasting.push(later => (isMeant(later) && applies(met, later) ? answer(later, met) : undefined));
        if (applies(met, met)) return answer(met, met);
      }
    }
    return undefined;
  };
}

const PASSING: Record<keyof typeof SINGLE | keyof typeof HOSTILE | keyof typeof FICKLE, (met: Met) => Fault> =
  {
    ...SINGLE,
    ...HOSTILE,
    ...FICKLE,
  };
const isPassing = (kind: MishapKind): kind is keyof typeof PASSING => kind in PASSING;

function concerns({ requests, kind, gitlab }: Mishap, request: SampleRequest): boolean {
  if (!canMeet(kind, request)) return false;
  // A destination whose lists never change shows nothing that was written: no natural key is found there.
  if (kind === 'stuck page' && gitlab === 'destination') return false;
  if (typeof requests === 'function') return requests(request);
  if (requests in OF_PROJECTS) return OF_PROJECTS[requests as keyof typeof OF_PROJECTS].test(request.path);
  return requests === 'all' || isWrite(request) === (requests === 'writes');
}

/** Id of the group that a request is for, which GraphQL calls by its path. */
function groupOf(gitlab: SampleGitLab, request: SampleRequest): number | undefined {
  if (!isGraphql(request)) {
    const id = /\/groups\/(\d+)/.exec(request.path)?.[1];
    return id === undefined ? undefined : Number(id);
  }
  const { fullPath, groupPath } =
    (request.body as { variables?: Record<string, string> } | null)?.variables ?? {};
  return gitlab.group(fullPath ?? groupPath ?? '')?.id;
}
