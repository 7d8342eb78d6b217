import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SampleProjectSeed } from '../../lib/gitlab-simulator/project-model.ts';
import type { SampleGitLab, SampleGitLabOptions } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { afterEveryFile } from '../support/test-run/hooks.ts';
import { type Answer, call, MEMBERS, startGitLab } from './api-client.ts';

/** Moves archives of projects as a client does that knows no more than the API. */

const servers: Server[] = [];

/** A project that has one of everything. */
export const FULL_PROJECT = {
  name: 'App',
  path: 'app',
  description: 'Does things',
  visibility: 'private',
  settings: {
    squashOption: 'always',
    buildTimeout: 1200,
    ciConfigPath: 'ci/all.yml',
    autoCancelPendingPipelines: 'disabled',
    wikiAccessLevel: 'private',
    snippetsAccessLevel: 'disabled',
    sharedRunnersEnabled: false,
    lfsEnabled: false,
    emailsEnabled: false,
  },
  avatar: { filename: 'face.png', contentType: 'image/png', bytes: Buffer.from('face') },
  members: [
    { username: 'gus', accessLevel: 30 },
    { username: 'sam', accessLevel: 50 },
  ],
  branches: ['main', 'topic'],
  tags: ['v1'],
  labels: [{ title: 'bug', color: '#ff0000', description: 'Bad' }],
  milestones: [{ title: '1.0', description: 'First', state: 'closed' }],
  issues: [
    {
      title: 'Broken',
      author: 'gus',
      labels: ['bug', 'shared'],
      milestone: '1.0',
      notes: ['Indeed'],
      state: 'closed',
      confidential: true,
    },
    { title: 'Planned', milestone: 'Q1' },
  ],
  mergeRequests: [{ title: 'Mend', sourceBranch: 'topic', state: 'merged', notes: ['Good'], author: 'sam' }],
  releases: [{ tag: 'v1', name: 'One', description: 'The first' }],
  pipelines: [{ ref: 'main', status: 'failed' }],
  snippets: [{ title: 'Snip', fileName: 'snip.rb', content: 'puts 1' }],
  protectedBranches: ['main'],
  protectedTags: ['v*'],
  wikiPages: [{ path: 'home.md', content: 'Welcome' }],
  lfsObjects: ['large'],
  uploads: [{ path: 'abc/picture.png', bytes: Buffer.from('png') }],
  variables: ['KEY'],
  hooks: ['https://hooks.example.com'],
} as const satisfies SampleProjectSeed;

/** Starts a GitLab that has a group `group` with a project `app`, at which the limits per minute are off. */
export async function startSource(
  options: SampleGitLabOptions = {},
  project: SampleProjectSeed = FULL_PROJECT as SampleProjectSeed,
): Promise<SampleGitLab> {
  const gitlab = await startGitLab({ endpointRateLimits: false, ...options });
  gitlab.addGroup({
    name: 'Group',
    path: 'group',
    members: [...MEMBERS],
    labels: [{ title: 'shared' }],
    milestones: [{ title: 'Q1' }],
    projects: [project],
  });
  return gitlab;
}

/** Starts a GitLab that has an empty group `target`, at which the limits per minute are off. */
export async function startDestination(options: SampleGitLabOptions = {}): Promise<SampleGitLab> {
  const gitlab = await startGitLab({ endpointRateLimits: false, ...options });
  gitlab.addGroup({ name: 'Target', path: 'target', members: [...MEMBERS] });
  return gitlab;
}

/** The path of a project's endpoint, by the project's full path. */
export const at = (fullPath: string, endpoint: string) =>
  `/projects/${encodeURIComponent(fullPath)}/${endpoint}`;

/** Asks for the archive of a user; redirects are not followed. */
export function download(
  gitlab: SampleGitLab,
  user: string,
  fullPath = 'group/app',
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${gitlab.url}/api/v4${at(fullPath, 'export/download')}`, {
    headers: { 'private-token': `sample-${user}-token`, ...headers },
    redirect: 'manual',
  });
}

/** Exports a project to the end and downloads its archive. */
export async function exported(
  gitlab: SampleGitLab,
  user = 'olivia',
  fullPath = 'group/app',
): Promise<Buffer<ArrayBuffer>> {
  await call(gitlab, user, 'POST', at(fullPath, 'export'));
  const states = gitlab.archives.behaviour.exportStates.length;
  for (let asked = 0; asked < states; asked += 1) await call(gitlab, user, 'GET', at(fullPath, 'export'));
  return Buffer.from(await (await download(gitlab, user, fullPath)).arrayBuffer());
}

/** Sends an archive; what is left out of the fields is `app` in `target`. */
export function upload(
  gitlab: SampleGitLab,
  user: string,
  archive: Buffer<ArrayBuffer>,
  fields: Record<string, string> = {},
  filename = 'archive.tar.gz',
): Promise<Answer> {
  const form = new FormData();
  const all = { path: 'app', name: 'App', namespace: 'target', ...fields };
  for (const [name, value] of Object.entries(all)) form.set(name, value);
  form.set('file', new Blob([archive], { type: 'application/gzip' }), filename);
  return call(gitlab, user, 'POST', '/projects/import', form);
}

/** Asks for the status of an import until it is over. */
export async function importEnd(gitlab: SampleGitLab, user = 'olivia', fullPath = 'target/app') {
  const states = gitlab.archives.behaviour.importStates.length;
  let answer = await call(gitlab, user, 'GET', at(fullPath, 'import'));
  for (let asked = 1; asked < states; asked += 1) {
    answer = await call(gitlab, user, 'GET', at(fullPath, 'import'));
  }
  return answer.body;
}

/** Another host, which is closed after the file. Tells its URL. */
export async function startHost(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A host that has an archive at every path. */
export function startArchiveHost(archive: Buffer, headers: Record<string, string> = {}): Promise<string> {
  return startHost((_, response) => {
    response.writeHead(200, {
      'content-type': 'application/gzip',
      'content-length': archive.length,
      ...headers,
    });
    response.end(archive);
  });
}

afterEveryFile(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  }
});
