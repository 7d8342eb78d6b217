import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { forgetTokens } from '../../lambdas/api/request/token-checks.ts';
import { PROJECT_ADVICE } from '../../lambdas/gitlab/project-refusals.ts';
import { DEFAULT_BEHAVIOUR } from '../../lib/gitlab-simulator/archives/behaviour.ts';
import type { Fault } from '../../lib/gitlab-simulator/fault.ts';
import type { SampleGitLab, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import type { WantedEntity } from '../support/service/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service/service.ts';
import { scanTable } from '../support/table/stored-records.ts';

const APP = { source_type: 'project_entity', source_full_path: 'team/app', destination_slug: 'app' };
const OLD = { ...APP, source_full_path: 'team/old', destination_slug: 'old' };
const GROUP = { source_full_path: 'acme', destination_slug: 'acme' };
const [OWNER, MAINTAINER, DEVELOPER] = [50, 40, 30] as const;

let service: TestService;
let source: SampleGitLab;
let destination: SampleGitLab;
let posts = 0;
beforeAll(async () => {
  // Its turns are ten seconds apart; a group of tests below is about them.
  service = await startService({ projectImportsPerMinute: 0 });
  ({ source, destination } = service);
  // What is started does not run, so that nothing but the checks asks the GitLabs.
  vi.spyOn(service.local.engine, 'start').mockResolvedValue(true);
  source.addUser({ username: 'mara' });
  source.addToken('sample-mara-token', { username: 'mara' });
  source.addUser({ username: 'project_1_bot', bot: true });
  source.addToken('sample-source-bot-token', { username: 'project_1_bot' });
  source.addGroup({
    name: 'Team',
    path: 'team',
    members: [
      { username: 'sofia', accessLevel: OWNER },
      { username: 'mara', accessLevel: MAINTAINER },
      { username: 'project_1_bot', accessLevel: MAINTAINER },
      { username: 'rita', accessLevel: DEVELOPER },
    ],
    projects: [
      { name: 'App', path: 'app' },
      { name: 'Old', path: 'old', archived: true },
    ],
  });
  source.addGroup({ name: 'Hidden', path: 'hidden', projects: [{ name: 'App', path: 'app' }] });
  destination.addUser({ username: 'group_1_bot', bot: true });
  destination.addToken('sample-bot-token', { username: 'group_1_bot' });
  destination.addUser({ username: 'mark' });
  destination.addToken('sample-mark-token', { username: 'mark' });
  const members = [
    { username: 'dora', accessLevel: OWNER },
    { username: 'mark', accessLevel: MAINTAINER },
    { username: 'otto', accessLevel: DEVELOPER },
    { username: 'group_1_bot', accessLevel: OWNER },
  ];
  for (const projectCreationLevel of ['noone', 'owner', 'administrator', 'developer'] as const) {
    destination.addGroup({
      name: `For ${projectCreationLevel}`,
      path: `for-${projectCreationLevel}`,
      settings: { projectCreationLevel },
      members,
    });
  }
  destination.addGroup({
    name: 'Sub',
    path: 'sub',
    parent: 'for-developer',
    projects: [{ name: 'Web', path: 'web' }],
  });
});
beforeEach(() => {
  forgetTokens();
  for (const gitlab of [source, destination]) {
    Object.assign(gitlab.archives.behaviour, DEFAULT_BEHAVIOUR, { importsPerMinute: 0 });
    gitlab.requests.length = 0;
  }
});
afterEach(() => {
  source.onRequest = undefined;
  destination.onRequest = undefined;
  vi.unstubAllEnvs();
});

/** Sends a POST for these. @returns its status, or the message of a 422 */
async function post(entities: WantedEntity[], token = 'sample-dora-token', sourceToken?: string) {
  posts += 1;
  const json = service.api.request(
    entities.map(entity => ({
      destination_namespace: 'for-developer',
      ...entity,
      destination_slug: `${entity.destination_slug}-${posts}`,
    })),
    sourceToken === undefined ? {} : { access_token: sourceToken },
  );
  return answerOf(json, token);
}

async function answerOf(json: unknown, token: string) {
  const { status, body } = await service.api.call('POST', '/bulk_imports', { json, token });
  return status === 422 ? (body as { message: string }).message : status;
}

const badNamespace = (path: string) => `Import failed. '${path}' is invalid, or you do not have permission.`;
const closed = (path: string) =>
  `Import failed. '${path}' takes no project of this user: the destination token's user needs the role Maintainer or Owner in it, and it must let them create projects. Change that, and import again.`;
const taken = (path: string) =>
  `Import failed. '${path}' already exists. Change the destination and try again.`;

const isExportLook = ({ method, path }: SampleRequest) => method === 'GET' && path.endsWith('/export');
const isProbe = ({ method, path }: SampleRequest) =>
  method === 'POST' && path === '/api/v4/projects/remote-import';
const writesTo = (gitlab: SampleGitLab) =>
  gitlab.requests.filter(({ method, path }) => method !== 'GET' && path !== '/api/graphql');
const looks = () => [
  source.requests.filter(isExportLook).length,
  destination.requests.filter(isProbe).length,
];

/** All that a POST could leave: what is in the table, but for how often somebody has asked, and the projects of both. */
async function traces() {
  const items = (await scanTable()).filter(({ pk }) => !/RATE/.test(String(pk)));
  const projectsOf = (gitlab: SampleGitLab) => gitlab.groups().flatMap(({ projects }) => projects).length;
  return { items, projects: [projectsOf(source), projectsOf(destination)] };
}

describe('a project is accepted', () => {
  it('when its token maintains it and the caller may create projects there', async () => {
    expect(await post([APP, OLD], 'sample-mark-token', 'sample-mara-token')).toBe(201);
  });

  it('for a group that lets only owners create projects, from an owner', async () => {
    expect(await post([{ ...APP, destination_namespace: 'for-owner' }])).toBe(201);
  });

  it('for a group that lets only administrators create projects, from one', async () => {
    const entity = { ...APP, destination_namespace: 'for-administrator' };

    expect(await post([entity], 'sample-admin-token')).toBe(201);
  });

  it('from a bot, which may export', async () => {
    expect(await post([APP], 'sample-dora-token', 'sample-source-bot-token')).toBe(201);
  });

  it('where archives are sent as files only', async () => {
    destination.archives.behaviour.remoteImportEnabled = false;

    expect(await post([APP])).toBe(201);
  });
});

describe('a project is refused, nothing is written and no GitLab changed,', () => {
  const into = (destination_namespace: string, more: WantedEntity = {}) => ({
    ...APP,
    destination_namespace,
    ...more,
  });

  it.each<[string, WantedEntity, string, { token?: string; sourceToken?: string }]>([
    ['when its namespace is empty', into(''), badNamespace(''), {}],
    ['when its namespace belongs to a user', into('dora'), badNamespace('dora'), {}],
    ['when its namespace does not exist', into('nowhere'), badNamespace('nowhere'), {}],
    [
      'when the caller is a developer there',
      into('for-developer'),
      badNamespace('for-developer'),
      { token: 'sample-otto-token' },
    ],
    [
      'when only owners create projects there, and the caller is a maintainer',
      into('for-owner'),
      badNamespace('for-owner'),
      { token: 'sample-mark-token' },
    ],
    ['when nobody creates projects there', into('for-noone'), closed('for-noone'), {}],
    [
      'when nobody creates projects there, an administrator included',
      into('for-noone'),
      closed('for-noone'),
      { token: 'sample-admin-token' },
    ],
    [
      'when only administrators create projects there',
      into('for-administrator'),
      closed('for-administrator'),
      {},
    ],
    [
      'when the source has none of it',
      into('for-developer', { source_full_path: 'team/none' }),
      "Import failed. 'team/none' not found.",
      {},
    ],
    [
      'when its token does not see it',
      into('for-developer', { source_full_path: 'hidden/app' }),
      "Import failed. 'hidden/app' not found.",
      {},
    ],
    [
      'when its token is a developer of it',
      into('for-developer'),
      "Import failed. You do not have permission to export 'team/app'.",
      { sourceToken: 'sample-source-reporter-token' },
    ],
    ['when the caller is a bot', into('for-developer'), PROJECT_ADVICE.bot, { token: 'sample-bot-token' }],
  ])('%s', async (_, entity, message, { token, sourceToken }) => {
    const before = await traces();

    expect(await post([entity], token, sourceToken)).toBe(message);

    expect(await traces()).toEqual(before);
    expect([...writesTo(source), ...writesTo(destination)]).toEqual([]);
  });

  it.each([
    ['a project', 'for-developer/sub', 'web'],
    ['a project in other letters', 'For-Developer/Sub', 'WEB'],
    ['a group', 'for-developer', 'sub'],
  ])('when its path is that of %s', async (_, destination_namespace, destination_slug) => {
    const before = await traces();
    const json = service.api.request([{ ...APP, destination_namespace, destination_slug }]);

    expect(await answerOf(json, 'sample-dora-token')).toBe(
      taken(`${destination_namespace}/${destination_slug}`),
    );

    expect(await traces()).toEqual(before);
    expect([...writesTo(source), ...writesTo(destination)]).toEqual([]);
  });

  it('when the source exports no projects', async () => {
    source.archives.behaviour.exportEnabled = false;
    const before = await traces();

    expect(await post([GROUP, APP])).toBe(PROJECT_ADVICE.exportsOff);

    expect(await traces()).toEqual(before);
    expect([...writesTo(source), ...writesTo(destination)]).toEqual([]);
  });

  it('when the destination takes no archives', async () => {
    destination.archives.behaviour.importSourceEnabled = false;
    const before = await traces();

    expect(await post([GROUP, APP])).toBe(PROJECT_ADVICE.importsOff);

    expect(await traces()).toEqual(before);
    expect(writesTo(source)).toEqual([]);
    expect(writesTo(destination).every(isProbe)).toBe(true);
  });

  it('when the destination refuses its group only as it is asked for an import', async () => {
    const body = '{"message":"User is not allowed to import projects"}';
    destination.onRequest = request =>
      isProbe(request) ? { kind: 'respond', status: 400, body } : undefined;

    expect(await post([APP])).toBe(PROJECT_ADVICE.group);
  });
});

describe('each GitLab is asked once whether it moves projects,', () => {
  it('however many projects there are', async () => {
    expect(await post([APP, OLD, { ...APP, destination_slug: 'again' }])).toBe(201);
    expect(looks()).toEqual([1, 1]);
  });

  it('and not at all for groups', async () => {
    source.archives.behaviour.exportEnabled = false;
    destination.archives.behaviour.importSourceEnabled = false;

    expect(await post([GROUP])).toBe(201);
    expect(looks()).toEqual([0, 0]);
  });

  it.each<[string, Fault]>([
    ['fails', { kind: 'respond', status: 502 }],
    ['limits it', { kind: 'respond', status: 429, body: '{"message":{"error":"Try again later."}}' }],
    ['sends a web page', { kind: 'respond', status: 404, body: '<html><title>Gone</title></html>' }],
    ['refuses the user', { kind: 'respond', status: 403, body: '{"message":"Your account is blocked."}' }],
    ['cuts the connection', { kind: 'drop-before' }],
    ['does not come back', { kind: 'hang' }],
  ])('and gone on without when it %s', async (_, fault) => {
    source.onRequest = request => (isExportLook(request) ? fault : undefined);
    destination.onRequest = request => (isProbe(request) ? fault : undefined);

    expect(await post([APP])).toBe(201);
    expect(looks().every(count => count > 0)).toBe(true);
  });

  it('but not when a token is not accepted any more', async () => {
    const refused: Fault = { kind: 'respond', status: 401, body: '{"message":"401 Unauthorized"}' };
    source.onRequest = request => (isExportLook(request) ? refused : undefined);

    expect(await post([APP])).toMatch(/^The source GitLab does not accept the source token any more/);
  });
});

describe('what it costs of the imports that a user may begin in a minute', () => {
  it('is shared with the imports that run, so that what has no turn is not asked', async () => {
    vi.stubEnv('PROJECT_IMPORTS_PER_MINUTE', '6');

    expect(await post([APP])).toBe(201);
    expect(await post([APP])).toBe(201);

    expect(looks()).toEqual([2, 1]);
  });

  it('does not keep anybody from the advice about the source', async () => {
    vi.stubEnv('PROJECT_IMPORTS_PER_MINUTE', '6');
    source.archives.behaviour.exportEnabled = false;

    expect(await post([APP])).toBe(PROJECT_ADVICE.exportsOff);
  });
});
