import type { Fault, SampleGitLab, SampleRequest } from '../../../lib/gitlab-simulator/sample-gitlab.ts';

const HELD = /\b(groupMembers|labels|milestones|boards|projects)\(/g;

/** Whether a request asks for several things that a group holds, in one document. */
export function isDocument({ path, body }: Pick<SampleRequest, 'path' | 'body'>): boolean {
  const query = String((body as { query?: string } | undefined)?.query ?? '');
  return path === '/api/graphql' && query.startsWith('query') && (query.match(HELD) ?? []).length > 1;
}

/** Says nothing of why, so that other groups are asked for their documents all the same. */
const REFUSED: Fault = {
  kind: 'respond',
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ errors: [{ message: 'Not today' }] }),
};

/**
 * Has a source refuse documents, so that what is in them is read relation by relation. What the hook that is set
 * already does to requests stays.
 */
export function refuseDocuments(gitlab: SampleGitLab, fault: Fault = REFUSED): void {
  const { onRequest } = gitlab;
  gitlab.onRequest = request => onRequest?.(request) ?? (isDocument(request) ? fault : undefined);
}
