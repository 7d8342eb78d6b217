import type { Fault, SampleGitLab, SampleRequest } from '../../../lib/gitlab-simulator/sample-gitlab.ts';

/** Whether a request makes labels: one by REST, or several by a document of mutations. */
export function isLabelWrite({ method, path, body }: SampleRequest): boolean {
  if (method !== 'POST') return false;
  return (
    path.endsWith('/labels') || (path === '/api/graphql' && JSON.stringify(body).includes('labelCreate'))
  );
}

/** Whether it makes, among others, a label of this name. */
export function makesLabel(name: string): (request: SampleRequest) => boolean {
  return request => isLabelWrite(request) && JSON.stringify(request.body).includes(JSON.stringify(name));
}

/** What a GitLab says that does not know the mutation. */
const UNKNOWN_MUTATION: Fault = {
  kind: 'respond',
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ errors: [{ message: "Field 'labelCreate' doesn't exist on type 'Mutation'" }] }),
};

/** Has a GitLab take labels one by one only, and otherwise do what the hook says. */
export function takeLabelsSingly(gitlab: SampleGitLab, hook: SampleGitLab['onRequest']): void {
  gitlab.onRequest = request =>
    isLabelWrite(request) && request.path === '/api/graphql' ? UNKNOWN_MUTATION : hook?.(request);
}
