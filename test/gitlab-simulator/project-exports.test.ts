import { describe, expect, it } from 'vitest';
import { call } from './api-client.ts';
import { at, download, exported, startSource } from './archive-client.ts';

const EXPORT = at('group/app', 'export');
const TOO_MANY = {
  message: { error: 'This endpoint has been requested too many times. Try again later.' },
};

describe('the export of a project', () => {
  it('goes a step further with each request for its status', async () => {
    const gitlab = await startSource();
    const { id } = gitlab.project('group/app') ?? {};

    expect((await call(gitlab, 'olivia', 'GET', EXPORT)).body.export_status).toBe('none');
    const begun = await call(gitlab, 'olivia', 'POST', EXPORT);
    expect([begun.status, begun.body]).toEqual([202, { message: '202 Accepted' }]);
    const answers = [];
    for (let asked = 0; asked < 4; asked += 1) answers.push(await call(gitlab, 'olivia', 'GET', EXPORT));

    expect(answers.map(({ body }) => body.export_status)).toEqual([
      'none',
      'started',
      'finished',
      'finished',
    ]);
    expect(answers[1]?.body).toEqual({
      id,
      description: 'Does things',
      name: 'App',
      name_with_namespace: 'Group / App',
      path: 'app',
      path_with_namespace: 'group/app',
      created_at: expect.any(String),
      export_status: 'started',
    });
    expect(answers[2]?.body._links).toEqual({
      api_url: `${gitlab.url}/api/v4/projects/${id}/export/download`,
      web_url: `${gitlab.url}/group/app/download_export`,
    });
  });

  it('is stuck or fails as it is told to, also while it runs', async () => {
    const gitlab = await startSource({ archives: { exportStates: ['none', 'started'] } });
    await call(gitlab, 'olivia', 'POST', EXPORT);
    for (let asked = 0; asked < 5; asked += 1) await call(gitlab, 'olivia', 'GET', EXPORT);
    expect((await call(gitlab, 'olivia', 'GET', EXPORT)).body.export_status).toBe('started');

    gitlab.archives.behaviour.exportStates = ['failed'];

    expect((await call(gitlab, 'olivia', 'GET', EXPORT)).body.export_status).toBe('failed');
    expect((await download(gitlab, 'olivia')).status).toBe(404);
  });

  it('takes as long as it is told to', async () => {
    const gitlab = await startSource({ archives: { exportStates: ['finished'], jobMs: 3_600_000 } });
    await call(gitlab, 'olivia', 'POST', EXPORT);
    expect((await call(gitlab, 'olivia', 'GET', EXPORT)).body.export_status).toBe('started');

    gitlab.archives.behaviour.jobMs = 0;

    expect((await call(gitlab, 'olivia', 'GET', EXPORT)).body.export_status).toBe('finished');
  });

  it('is that of its user', async () => {
    const gitlab = await startSource();
    await exported(gitlab, 'olivia');

    expect((await call(gitlab, 'admin', 'GET', EXPORT)).body.export_status).toBe('none');
    expect((await download(gitlab, 'admin')).status).toBe(404);
    expect((await download(gitlab, 'olivia')).status).toBe(200);
  });

  it('is gone as soon as the user asks for another', async () => {
    const gitlab = await startSource();
    await exported(gitlab);

    await call(gitlab, 'olivia', 'POST', EXPORT);

    expect((await download(gitlab, 'olivia')).status).toBe(404);
    expect((await call(gitlab, 'olivia', 'GET', EXPORT)).body.export_status).toBe('none');
  });

  it('is refused for its size, after the earlier one is gone', async () => {
    const gitlab = await startSource();
    await exported(gitlab);
    gitlab.archives.behaviour.exportTooLarge = true;

    const { status, body } = await call(gitlab, 'olivia', 'POST', EXPORT);

    expect([status, body]).toEqual([400, { message: 'The project size exceeds the export limit.' }]);
    expect((await download(gitlab, 'olivia')).status).toBe(404);
  });

  it.each([
    ['POST', ''],
    ['GET', ''],
    ['GET', '/download'],
  ] as const)('is a 404 where it is off, and a 403 without the role (%s export%s)', async (method, end) => {
    const gitlab = await startSource();
    const answerTo = async (user: string, path = EXPORT) => {
      const { status, body } = await call(gitlab, user, method, path + end);
      return [status, body];
    };

    expect(await answerTo('rachel')).toEqual([403, { message: '403 Forbidden' }]);
    expect(await answerTo('olivia', '/projects/1/export')).toEqual([
      404,
      { message: '404 Project Not Found' },
    ]);
    gitlab.archives.behaviour.exportEnabled = false;
    expect(await answerTo('rachel')).toEqual([404, { message: '404 Not Found' }]);
    expect(await answerTo('olivia')).toEqual([404, { message: '404 Not Found' }]);
  });
});

describe('the download of an export', () => {
  it('tells what is not there yet from what is not there', async () => {
    const gitlab = await startSource();
    const refusal = async () => {
      const response = await download(gitlab, 'olivia');
      return [response.status, await response.json()];
    };

    expect(await refusal()).toEqual([404, { message: '404 Not found or has expired' }]);
    await call(gitlab, 'olivia', 'POST', EXPORT);
    expect(await refusal()).toEqual([404, { message: 'The project export file is not available yet' }]);
  });

  it('is there while the file is uploaded elsewhere', async () => {
    const gitlab = await startSource({ archives: { exportStates: ['regeneration_in_progress'] } });

    expect((await exported(gitlab)).length).toBeGreaterThan(500);
  });

  it('gives the part that is asked for', async () => {
    const gitlab = await startSource();
    const whole = await exported(gitlab);
    const size = whole.length;
    const part = async (range: string) => {
      const response = await download(gitlab, 'olivia', 'group/app', { range });
      const bytes = Buffer.from(await response.arrayBuffer());
      return { status: response.status, range: response.headers.get('content-range'), bytes };
    };

    expect(await part('bytes=100-')).toEqual({
      status: 206,
      range: `bytes 100-${size - 1}/${size}`,
      bytes: whole.subarray(100),
    });
    expect(await part('bytes=10-19')).toEqual({
      status: 206,
      range: `bytes 10-19/${size}`,
      bytes: whole.subarray(10, 20),
    });
    expect(await part('bytes=-7')).toMatchObject({ status: 206, bytes: whole.subarray(-7) });
    expect(await part(`bytes=${size}-`)).toEqual({
      status: 416,
      range: `bytes */${size}`,
      bytes: Buffer.alloc(0),
    });
    expect(await part('lines=1-2')).toEqual({ status: 200, range: null, bytes: whole });
  });

  it('gives the whole file where ranges are not honoured', async () => {
    const gitlab = await startSource({ archives: { rangesHonoured: false } });
    const whole = await exported(gitlab);

    const response = await download(gitlab, 'olivia', 'group/app', { range: 'bytes=100-' });

    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(String(whole.length));
  });

  it('redirects to another host, which takes no token and honours ranges', async () => {
    const gitlab = await startSource({ archives: { exportStates: ['finished'] } });
    const whole = await exported(gitlab);
    gitlab.archives.behaviour.downloadRedirected = true;

    const response = await download(gitlab, 'olivia');
    const location = response.headers.get('location') ?? '';

    expect(response.status).toBe(302);
    expect(new URL(location).host).not.toBe(new URL(gitlab.url).host);
    expect(Buffer.from(await (await fetch(location)).arrayBuffer())).toEqual(whole);
    const part = await fetch(location, { headers: { range: 'bytes=5-' } });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(whole.subarray(5));
    expect((await fetch(location, { headers: { 'private-token': 'x' } })).status).toBe(400);
    expect(gitlab.takeUndeclared()).toHaveLength(1);
  });

  it('is cut where it is told to, at either host', async () => {
    const gitlab = await startSource({ archives: { paddingBytes: 900_000 } });
    await exported(gitlab);
    gitlab.archives.behaviour.cutDownloadAfter = 600_000;

    for (const downloadRedirected of [false, true]) {
      gitlab.archives.behaviour.downloadRedirected = downloadRedirected;
      const first = await download(gitlab, 'olivia');
      const response = downloadRedirected ? await fetch(first.headers.get('location') ?? '') : first;
      let received = 0;
      const reading = (async () => {
        for await (const chunk of response.body ?? []) received += chunk.length;
      })();

      await expect(reading).rejects.toThrow();
      expect(received).toBe(600_000);
    }
  });

  it('is a broken archive of 42 bytes where exports break down', async () => {
    const gitlab = await startSource({ archives: { brokenArchives: true } });

    expect(await exported(gitlab)).toHaveLength(42);
  });
});

describe('the limits of exports', () => {
  it('let six begin in a minute for each user, and say when to come back', async () => {
    const gitlab = await startSource({ endpointRateLimits: true });
    for (let sent = 0; sent < 6; sent += 1) {
      expect((await call(gitlab, 'olivia', 'POST', EXPORT)).status).toBe(202);
    }

    const { status, body, headers } = await call(gitlab, 'olivia', 'POST', EXPORT);

    expect([status, body]).toEqual([429, TOO_MANY]);
    expect(headers.get('retry-after')).toBe('60');
    expect(headers.get('ratelimit-limit')).toBeNull();
    expect((await call(gitlab, 'admin', 'POST', EXPORT)).status).toBe(202);
    expect((await call(gitlab, 'rachel', 'POST', EXPORT)).status).toBe(403);
  });

  it('let a user download once a minute in each namespace, also what is not there', async () => {
    const gitlab = await startSource({ endpointRateLimits: true });
    gitlab.addGroup({
      name: 'Other',
      path: 'other',
      members: [{ username: 'olivia', accessLevel: 50 }],
      projects: [{ name: 'App', path: 'app' }],
    });

    expect((await download(gitlab, 'olivia')).status).toBe(404);
    expect((await download(gitlab, 'olivia')).status).toBe(429);
    expect((await download(gitlab, 'olivia', 'other/app')).status).toBe(404);
    expect((await download(gitlab, 'admin')).status).toBe(404);
  });

  it('are off with 0', async () => {
    const gitlab = await startSource({
      endpointRateLimits: true,
      archives: { exportsPerMinute: 0, downloadsPerMinute: 0 },
    });
    for (let sent = 0; sent < 8; sent += 1) {
      expect((await call(gitlab, 'olivia', 'POST', EXPORT)).status).toBe(202);
      expect((await download(gitlab, 'olivia')).status).toBe(404);
    }
  });
});
