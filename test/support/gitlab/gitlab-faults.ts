import type { Fault, SampleGitLab, SampleRequest } from '../../../lib/gitlab-simulator/sample-gitlab.ts';

export interface RequestPattern {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** The decoded path must end with this, or match it. */
  path: string | RegExp;
  /** Picks by anything else, e.g. the body. */
  where?: (request: SampleRequest) => boolean;
  /** Which of the requests that match meets the fault, from 1 on; every one without it. */
  nth?: number;
}

/** Lets requests that match meet a fault. Replaces the fault that was set before. */
export function setFault(gitlab: SampleGitLab, pattern: RequestPattern, fault: Fault): void {
  let seen = 0;
  gitlab.onRequest = request => {
    if (!matches(request, pattern)) return undefined;
    seen += 1;
    return pattern.nth === undefined || pattern.nth === seen ? fault : undefined;
  };
}

/** The requests so far that match. */
export function requestsTo(gitlab: SampleGitLab, pattern: RequestPattern): SampleRequest[] {
  return gitlab.requests.filter(request => matches(request, pattern));
}

/** GitLab's throttle, as it asks a client to come back later. */
export function throttled(seconds: number): Fault {
  return {
    kind: 'respond',
    status: 429,
    headers: { 'retry-after': String(seconds), 'content-type': 'text/plain' },
    body: 'Retry later\n',
  };
}

/** A refusal that no repetition changes. */
export function refused(status: number, message: unknown): Fault {
  return {
    kind: 'respond',
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message }),
  };
}

function matches(request: SampleRequest, { method, path, where }: RequestPattern): boolean {
  if (method !== undefined && request.method !== method) return false;
  const found = typeof path === 'string' ? request.path.endsWith(path) : path.test(request.path);
  return found && (where === undefined || where(request));
}
