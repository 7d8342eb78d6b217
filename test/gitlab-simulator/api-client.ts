import { SampleGitLab, type SampleGitLabOptions } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { afterEveryFile } from '../support/test-run/hooks.ts';

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into bodies of every shape
  body: any;
}

const running: SampleGitLab[] = [];

/** Starts a GitLab with an admin, an owner, a reporter, a guest and a stranger; each has `sample-<name>-token`. */
export async function startGitLab(options: SampleGitLabOptions = {}): Promise<SampleGitLab> {
  const gitlab = await new SampleGitLab(options).start();
  running.push(gitlab);
  gitlab.addUser({ username: 'admin', admin: true });
  gitlab.addUser({ username: 'olivia', name: 'Olivia Owner', publicEmail: 'olivia@public.example' });
  gitlab.addUser({ username: 'rachel', name: 'Rachel Reporter' });
  gitlab.addUser({ username: 'gus', name: 'Gus Guest' });
  gitlab.addUser({ username: 'sam', name: 'Sam Stranger', canCreateGroup: false });
  for (const username of ['admin', 'olivia', 'rachel', 'gus', 'sam']) {
    gitlab.addToken(`sample-${username}-token`, { username });
  }
  return gitlab;
}

/** Members of the seeds below. */
export const MEMBERS = [
  { username: 'olivia', accessLevel: 50 },
  { username: 'rachel', accessLevel: 20 },
  { username: 'gus', accessLevel: 10 },
] as const;

/** Calls the REST API as a user; `body` is sent as JSON unless it is a form. */
export async function call(
  gitlab: SampleGitLab,
  user: string | undefined,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const isForm = body instanceof FormData || body instanceof URLSearchParams;
  const response = await fetch(gitlab.url + (path.startsWith('/oauth') ? '' : '/api/v4') + path, {
    method,
    headers: {
      ...(user !== undefined && { 'private-token': `sample-${user}-token` }),
      ...(body !== undefined && !isForm && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
  });
  return answerOf(response);
}

export async function graphql(
  gitlab: SampleGitLab,
  user: string | undefined,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Answer> {
  const response = await fetch(`${gitlab.url}/api/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(user !== undefined && { authorization: `Bearer sample-${user}-token` }),
    },
    body: JSON.stringify({ query, variables }),
  });
  return answerOf(response);
}

export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json';
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

afterEveryFile(async () => {
  await Promise.all(running.splice(0).map(gitlab => gitlab.stop()));
});
