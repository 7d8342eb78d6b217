import { beforeAll, describe, expect, it } from 'vitest';
import type { SampleGitLabOptions } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { call } from './api-client.ts';
import {
  at,
  exported,
  importEnd,
  startArchiveHost,
  startDestination,
  startHost,
  startSource,
  upload,
} from './archive-client.ts';

const TOO_MANY = {
  message: { error: 'This endpoint has been requested too many times. Try again later.' },
};
const LINK = { url: 'https://127.0.0.1:1/x', path: 'app', namespace: 'target' };

let archive: Buffer<ArrayBuffer>;
beforeAll(async () => {
  archive = await exported(await startSource());
});

/** Starts a GitLab that takes archives over http, which no GitLab does. */
function startOpen({ archives, ...options }: SampleGitLabOptions = {}) {
  return startDestination({ ...options, archives: { httpAllowed: true, ...archives } });
}

describe('the import of a project', () => {
  it('answers with its status, and goes a step further with each request for it', async () => {
    const gitlab = await startDestination();

    const begun = await upload(gitlab, 'olivia', archive);

    expect(begun.status).toBe(201);
    expect(begun.body).toEqual({
      id: gitlab.project('target/app')?.id,
      description: '',
      name: 'App',
      name_with_namespace: 'Target / App',
      path: 'app',
      path_with_namespace: 'target/app',
      created_at: expect.any(String),
      import_status: 'scheduled',
      import_type: 'gitlab_project',
      correlation_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      failed_relations: [],
      import_error: null,
      stats: null,
    });
    const states = [];
    for (let asked = 0; asked < 4; asked += 1) {
      const { body } = await call(gitlab, 'gus', 'GET', at('target/app', 'import'));
      states.push([body.import_status, gitlab.project('target/app')?.issues.length]);
    }
    expect(states).toEqual([
      ['scheduled', 0],
      ['started', 0],
      ['finished', 2],
      ['finished', 2],
    ]);
  });

  it('fills the project once, however many ask at the same time', async () => {
    const gitlab = await startDestination({ archives: { importStates: ['finished'] } });
    await upload(gitlab, 'olivia', archive);

    await Promise.all([1, 2, 3, 4].map(() => call(gitlab, 'olivia', 'GET', at('target/app', 'import'))));

    expect(gitlab.project('target/app')?.milestones).toHaveLength(2);
    expect(gitlab.project('target/app')?.members).toHaveLength(1);
  });

  it('takes as long as it is told to', async () => {
    const gitlab = await startDestination({ archives: { importStates: ['finished'], jobMs: 3_600_000 } });
    await upload(gitlab, 'olivia', archive);
    const status = async () => (await call(gitlab, 'olivia', 'GET', at('target/app', 'import'))).body;
    expect(await status()).toMatchObject({ import_status: 'started' });

    gitlab.archives.behaviour.jobMs = 0;

    expect(await status()).toMatchObject({ import_status: 'finished' });
  });

  it('of a project that nobody has imported is none', async () => {
    const gitlab = await startSource();

    const { body } = await call(gitlab, 'gus', 'GET', at('group/app', 'import'));

    expect(body).toMatchObject({ import_status: 'none', import_type: null, failed_relations: [] });
    expect((await call(gitlab, 'sam', 'GET', at('group/app', 'import'))).status).toBe(200);
  });

  it('leaves out what fails, and lists it, newest first and 100 at most', async () => {
    const labels = Array.from({ length: 120 }, (_, index) => ({ title: `label ${index}` }));
    const source = await startSource({}, { name: 'App', path: 'app', labels, issues: [{ title: 'Kept' }] });
    const gitlab = await startDestination();
    gitlab.archives.behaviour.failedRelations = [
      { relation: 'issues', lines: [7] },
      { relation: 'labels', lines: labels.map((_, index) => index).slice(10) },
    ];
    await upload(gitlab, 'olivia', await exported(source));

    const { failed_relations: failed, ...end } = await importEnd(gitlab);

    expect(end).toMatchObject({ import_status: 'finished', import_error: null });
    expect(failed).toHaveLength(100);
    expect(failed[0]).toEqual({
      id: expect.any(Number),
      created_at: expect.any(String),
      exception_class: 'ActiveRecord::RecordInvalid',
      exception_message: null,
      source: 'process_relation_item!',
      relation_name: 'labels',
      line_number: 119,
    });
    const project = gitlab.project('target/app');
    expect(project?.labels.map(({ title }) => title)).toEqual(labels.slice(0, 10).map(({ title }) => title));
    expect(project?.issues).toHaveLength(1);
  });

  it('fails with what it is told, which only Maintainers read', async () => {
    const gitlab = await startDestination({ archives: { importError: 'No space left on device' } });
    await upload(gitlab, 'olivia', archive);

    expect(await importEnd(gitlab)).toMatchObject({
      import_status: 'failed',
      import_error: 'No space left on device',
    });
    expect(await importEnd(gitlab, 'gus')).toMatchObject({
      import_error: 'Ask a maintainer to check the import status for more details.',
    });
    expect(gitlab.project('target/app')?.issues).toEqual([]);
  });

  it('fails for bots', async () => {
    const gitlab = await startDestination();
    const bot = gitlab.addUser({ username: 'group_1_bot', bot: true });
    gitlab.addToken('sample-bot-token', { username: 'group_1_bot' });
    gitlab.group('target')?.members.push({
      id: 1,
      userId: bot.id,
      accessLevel: 50,
      expiresAt: null,
      createdById: null,
      createdAt: bot.createdAt,
      updatedAt: bot.createdAt,
    });
    expect((await call(gitlab, 'bot', 'GET', '/user')).body.bot).toBe(true);
    expect((await call(gitlab, 'olivia', 'GET', '/user')).body.bot).toBe(false);
    expect((await upload(gitlab, 'bot', archive)).status).toBe(201);

    expect(await importEnd(gitlab, 'bot')).toMatchObject({
      import_status: 'failed',
      import_error:
        'Error adding importer user to Project members.\n' +
        'Validation failed: User project bots cannot be added to other groups / projects',
    });
  });

  it('fails as a whole where the group forbids the runners that the archive has on', async () => {
    const gitlab = await startDestination({ archives: { instanceRunnersForbidden: true } });
    const withRunners = await exported(await startSource({}, { name: 'App', path: 'app' }));
    const off = { 'override_params[shared_runners_enabled]': 'false' };
    await upload(gitlab, 'olivia', withRunners);
    await upload(gitlab, 'olivia', withRunners, { name: 'Off', path: 'off', ...off });

    const failed = await importEnd(gitlab);

    expect(failed.import_status).toBe('failed');
    expect(failed.import_error).toMatch(/Shared runners enabled/);
    expect((await importEnd(gitlab, 'olivia', 'target/off')).import_status).toBe('finished');
  });

  it('fails with what is wrong with the archive', async () => {
    const gitlab = await startDestination();
    const old = await exported(await startSource({ archives: { archiveVersion: '0.1.0' } }));
    const broken = await exported(await startSource({ archives: { brokenArchives: true } }));
    await upload(gitlab, 'olivia', old);
    await upload(gitlab, 'olivia', broken, { name: 'Broken', path: 'broken' });

    expect(await importEnd(gitlab)).toMatchObject({
      import_status: 'failed',
      import_error: 'Import version mismatch: Required 0.2.4 but was 0.1.0',
    });
    expect(await importEnd(gitlab, 'olivia', 'target/broken')).toMatchObject({
      import_status: 'failed',
      import_error: expect.stringContaining('tar: Error is not recoverable'),
    });
  });
});

describe('an import is refused', () => {
  const refusal = ({ status, body }: Awaited<ReturnType<typeof call>>) => [status, body.message ?? body];
  const both = [
    ['a file', (gitlab: Gitlab, user: string, fields = {}) => upload(gitlab, user, archive, fields)],
    [
      'a link',
      (gitlab: Gitlab, user: string, fields = {}) =>
        call(gitlab, user, 'POST', '/projects/remote-import', { ...LINK, url: host, ...fields }),
    ],
  ] as const;
  type Gitlab = Awaited<ReturnType<typeof startOpen>>;
  let host: string;
  beforeAll(async () => {
    host = await startArchiveHost(archive);
  });

  describe.each(both)('of %s', (_, send) => {
    it('where archives are no source, before its limit is touched', async () => {
      const gitlab = await startOpen({ endpointRateLimits: true, archives: { importSourceEnabled: false } });
      for (let sent = 0; sent < 8; sent += 1) {
        expect(refusal(await send(gitlab, 'olivia'))).toEqual([403, '403 Forbidden']);
      }
      gitlab.archives.behaviour.importSourceEnabled = true;

      expect((await send(gitlab, 'olivia')).status).toBe(201);
    });

    it('into what is not there, or not seen', async () => {
      const gitlab = await startOpen();
      gitlab.addGroup({ name: 'Hidden', path: 'hidden' });
      const missing = [404, '404 Namespace Not Found'];

      expect(refusal(await send(gitlab, 'olivia', { namespace: '1' }))).toEqual(missing);
      expect(refusal(await send(gitlab, 'olivia', { namespace: 'hidden' }))).toEqual(missing);
    });

    it('without the role, or where the group lets nobody make projects', async () => {
      const gitlab = await startOpen({ version: '17.11.2-ee' });
      const developer = { username: 'rachel', accessLevel: 30 } as const;
      gitlab.addGroup({ name: 'Dev', path: 'dev', members: [developer] });
      gitlab.addGroup({
        name: 'Closed',
        path: 'closed',
        members: [{ username: 'olivia', accessLevel: 50 }],
        settings: { projectCreationLevel: 'noone' },
      });
      const invalid = [400, 'Namespace is not valid'];

      expect(refusal(await send(gitlab, 'gus'))).toEqual(invalid);
      expect(refusal(await send(gitlab, 'olivia', { namespace: 'closed' }))).toEqual(invalid);
      expect(refusal(await send(gitlab, 'rachel', { namespace: 'dev' }))).toEqual([
        400,
        'User is not allowed to import projects',
      ]);
    });

    it('under a name or path that is taken', async () => {
      const gitlab = await startOpen({ version: '15.11.0-ee' });
      expect((await send(gitlab, 'olivia', { name: 'App' })).status).toBe(201);

      expect(refusal(await send(gitlab, 'olivia', { name: 'App', path: 'other' }))).toEqual([
        400,
        'Name has already been taken',
      ]);
      expect(refusal(await send(gitlab, 'olivia', { name: 'Other' }))).toEqual([
        400,
        'Path has already been taken',
      ]);
      expect(gitlab.group('target')?.projects).toHaveLength(1);
    });

    it('with overrides that no project has', async () => {
      const gitlab = await startOpen();
      const fields =
        send === both[0][1]
          ? { 'override_params[visibility]': 'secret', 'override_params[stars]': '5' }
          : { override_params: { visibility: 'secret', stars: 5 } };

      const { status, body } = await send(gitlab, 'olivia', fields);

      expect([status, body]).toEqual([
        400,
        { error: 'override_params[visibility] does not have a valid value' },
      ]);
      expect(gitlab.takeUndeclared()).toHaveLength(2);
    });
  });

  it('for a file whose name does not end as it should', async () => {
    const gitlab = await startDestination();

    expect(refusal(await upload(gitlab, 'olivia', archive, {}, 'archive.tar'))).toEqual([
      422,
      { error: 'You need to upload a GitLab project export archive (ending in .gz).' },
    ]);
  });

  it('by more than six a minute, of both kinds together', async () => {
    const gitlab = await startOpen({ endpointRateLimits: true });
    for (let sent = 0; sent < 3; sent += 1) {
      await upload(gitlab, 'olivia', archive, { namespace: '1' });
      await call(gitlab, 'olivia', 'POST', '/projects/remote-import', { ...LINK, namespace: '1' });
    }

    const refused = await upload(gitlab, 'olivia', archive);

    expect([refused.status, refused.body]).toEqual([429, TOO_MANY]);
    expect(refused.headers.get('retry-after')).toBe('60');
    expect((await call(gitlab, 'olivia', 'POST', '/projects/remote-import', LINK)).status).toBe(429);
    expect((await upload(gitlab, 'admin', archive)).status).toBe(201);
  });
});

describe('a link to an archive', () => {
  async function refusalOf(gitlab: Awaited<ReturnType<typeof startOpen>>, url: string) {
    const { status, body } = await call(gitlab, 'olivia', 'POST', '/projects/remote-import', {
      ...LINK,
      url,
    });
    return [status, body.message];
  }

  it('is a 404 where GitLab takes none', async () => {
    const gitlab = await startOpen({ archives: { remoteImportEnabled: false } });

    expect(await refusalOf(gitlab, LINK.url)).toEqual([404, '404 Not Found']);
  });

  it('must be https', async () => {
    const gitlab = await startDestination();

    expect(await refusalOf(gitlab, 'http://invalid.example/x')).toEqual([
      400,
      'File url is blocked: Only allowed schemes are https',
    ]);
  });

  it('must answer a HEAD in time', async () => {
    const gitlab = await startOpen({ archives: { headTimeoutMs: 50 } });
    const silent = await startHost(() => {});

    expect(await refusalOf(gitlab, silent)).toEqual([400, 'Failed to retrive headers: execution expired']);
    expect(await refusalOf(gitlab, 'http://127.0.0.1:1/')).toEqual([
      400,
      expect.stringMatching(/^Failed to retrive headers: .+/),
    ]);
  });

  it('must say a size and a type that fit, unless S3 answers', async () => {
    const gitlab = await startOpen();
    const hostOf = (headers: Record<string, string>) =>
      startHost((_, response) => {
        response.writeHead(200, headers);
        response.end();
      });
    const size = { 'content-length': '5' };

    expect(await refusalOf(gitlab, await hostOf({ 'content-type': 'application/gzip' }))).toEqual([
      400,
      'Content length is too small (should be at least 1 B)',
    ]);
    expect(await refusalOf(gitlab, await hostOf({ 'content-length': '10737418241' }))).toEqual([
      400,
      'Content length is too big (should be at most 10 GiB)',
    ]);
    expect(await refusalOf(gitlab, await hostOf({ ...size, 'content-type': 'text/html' }))).toEqual([
      400,
      "Content type 'text/html' not allowed. (Allowed: application/gzip, application/x-tar, application/x-gzip)",
    ]);
    const s3 = await startHost((_, response) => {
      response.writeHead(403, { server: 'AmazonS3', 'x-amz-request-id': 'A1' });
      response.end();
    });
    expect((await refusalOf(gitlab, s3))[0]).toBe(201);
  });

  it.each([301, 302, 303, 307])(
    'may redirect by %i, by the same method and without a token',
    async status => {
      const gitlab = await startOpen();
      const seen: unknown[][] = [];
      const host = await startHost((request, response) => {
        seen.push([request.method, request.url, request.headers['private-token']]);
        if (request.url === '/archive') {
          response.writeHead(200, { 'content-type': 'application/gzip', 'content-length': archive.length });
          response.end(archive);
        } else {
          response.writeHead(status, { location: '/archive' });
          response.end();
        }
      });

      expect((await refusalOf(gitlab, `${host}/link`))[0]).toBe(201);
      expect(seen).toEqual([
        ['HEAD', '/link', undefined],
        ['HEAD', '/archive', undefined],
      ]);
      expect((await importEnd(gitlab)).import_status).toBe('finished');
      expect(seen.slice(2).map(([method]) => method)).toEqual(['GET', 'GET']);
    },
  );

  it('may not lead in a circle', async () => {
    const gitlab = await startOpen();
    const host = await startHost((_, response) => {
      response.writeHead(302, { location: '/' });
      response.end();
    });

    expect(await refusalOf(gitlab, host)).toEqual([
      400,
      'Failed to retrive headers: HTTP redirects too deep',
    ]);
  });

  it.each([
    ['17.11.2-ee', 2048],
    ['14.9.0-ee', 512],
  ])('of more characters than the column of %s is in the way', async (version, longest) => {
    const gitlab = await startOpen({ version });
    const host = await startArchiveHost(archive);
    const url = `${host}/`.padEnd(longest, 'x');

    expect(await refusalOf(gitlab, `${url}x`)).toEqual([400, expect.stringContaining('PG::CheckViolation')]);
    expect((await refusalOf(gitlab, url))[0]).toBe(201);
  });

  it('is followed when the import starts: what has expired by then fails', async () => {
    const gitlab = await startOpen();
    let expired = false;
    const host = await startHost((_, response) => {
      response.writeHead(expired ? 403 : 200, { 'content-type': 'application/gzip', 'content-length': 5 });
      response.end('hello');
    });
    expect((await refusalOf(gitlab, host))[0]).toBe(201);
    const status = async () => (await call(gitlab, 'olivia', 'GET', at('target/app', 'import'))).body;
    expect(await status()).toMatchObject({ import_status: 'scheduled' });
    expired = true;

    expect(await status()).toMatchObject({
      import_status: 'failed',
      import_error: 'unsupported response downloading fragment 403',
    });
  });
});
