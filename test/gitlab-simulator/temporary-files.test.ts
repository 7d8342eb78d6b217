import { execFile } from 'node:child_process';
import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { type ClientRequest, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { call } from './api-client.ts';
import {
  at,
  download,
  exported,
  importEnd,
  startArchiveHost,
  startDestination,
  startHost,
  startSource,
  upload,
} from './archive-client.ts';

/** More than a request may have in memory. */
const PADDING = { paddingBytes: 2 * 1024 * 1024 };
/** More than a request for a status waits for. */
const LARGE = { paddingBytes: 33 * 1024 * 1024 };

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'temporary-files-')));
  for (const name of ['TMPDIR', 'TEMP']) vi.stubEnv(name, folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** Files of all GitLabs that have been started in this test. */
async function files(): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter(entry => entry.isFile()).map(({ name }) => name);
}

/** A large archive. Nothing is left of its source. */
async function largeArchive(): Promise<Buffer<ArrayBuffer>> {
  const source = await startSource({ archives: PADDING });
  const archive = await exported(source);
  await source.stop();
  return archive;
}

function importLink(gitlab: SampleGitLab, url: string) {
  return call(gitlab, 'olivia', 'POST', '/projects/remote-import', { url, path: 'app', namespace: 'target' });
}

function status(gitlab: SampleGitLab, fullPath: string, endpoint: 'export' | 'import') {
  return call(gitlab, 'olivia', 'GET', at(fullPath, endpoint));
}

describe('no file is left', () => {
  it.each([
    ['finished', {}],
    ['failed', { importError: 'No space left on device' }],
  ] as const)('of an import that has %s', async (end, archives) => {
    const archive = await largeArchive();
    const gitlab = await startDestination({ archives: { httpAllowed: true, ...archives } });
    await upload(gitlab, 'olivia', archive, { name: 'Sent', path: 'sent' });
    await importLink(gitlab, await startArchiveHost(archive));
    expect(await files()).toHaveLength(1);

    expect((await importEnd(gitlab, 'olivia', 'target/sent')).import_status).toBe(end);
    expect((await importEnd(gitlab)).import_status).toBe(end);

    expect(await files()).toEqual([]);
  });

  it('of an import that is refused', async () => {
    const archive = await largeArchive();
    const gitlab = await startDestination();
    gitlab.addGroup({ name: 'Taken', path: 'app', parent: 'target' });

    const answers = [
      await upload(gitlab, 'olivia', archive, { namespace: '1' }),
      await upload(gitlab, 'gus', archive, { path: 'other' }),
      await upload(gitlab, 'olivia', archive),
      await upload(gitlab, 'olivia', archive, { path: 'other' }, 'archive.tar'),
    ];

    expect(answers.map(answer => answer.status)).toEqual([404, 400, 400, 422]);
    expect(await files()).toEqual([]);
  });

  it('of an import whose file is cut off on its way', async () => {
    const archive = await largeArchive();
    const gitlab = await startDestination();
    const sending = await sendingPart(gitlab, archive);
    await untilThereAre(1);

    sending.destroy();

    await untilThereAre(0);
    expect(gitlab.group('target')?.projects).toEqual([]);
  });

  it('of an import whose link is cut off on its way', async () => {
    const archive = await largeArchive();
    const gitlab = await startDestination({ archives: { httpAllowed: true } });
    const host = await startHost(({ method }, response) => {
      response.writeHead(200, { 'content-type': 'application/gzip', 'content-length': archive.length });
      if (method === 'HEAD') response.end();
      else response.write(archive.subarray(0, 500_000), () => response.destroy());
    });
    await importLink(gitlab, host);

    expect((await importEnd(gitlab)).import_status).toBe('failed');

    expect(await files()).toEqual([]);
  });

  it.each(['/projects/target%2Fapp', '/groups/target'])('of %s once it is deleted', async path => {
    const archive = await largeArchive();
    const gitlab = await startDestination({ version: '14.0.0-ce' });
    await upload(gitlab, 'olivia', archive);
    await exported(gitlab, 'olivia', 'target/app');
    await exported(gitlab, 'admin', 'target/app');
    expect(await files()).toHaveLength(3);

    expect((await call(gitlab, 'olivia', 'DELETE', path)).status).toBe(202);

    expect(await files()).toEqual([]);
  });

  it('of what is under way when the GitLab stops, which can begin anew', async () => {
    const archive = await largeArchive();
    const gitlab = await startDestination({ archives: { httpAllowed: true, ...LARGE } });
    let asked = 0;
    const host = await startHost(({ method }, response) => {
      response.writeHead(200, { 'content-type': 'application/gzip', 'content-length': archive.length });
      if (method === 'HEAD') response.end();
      else if (asked++ > 0) response.end(archive);
      else response.write(archive.subarray(0, 500_000));
    });
    await importLink(gitlab, host);
    await status(gitlab, 'target/app', 'import');
    const lost = [status(gitlab, 'target/app', 'import')];
    await call(gitlab, 'olivia', 'POST', at('target/app', 'export'));
    for (let sent = 0; sent < 3; sent += 1) await status(gitlab, 'target/app', 'export');
    const sending = await sendingPart(gitlab, archive);
    await untilThereAre(3);

    const [, ...outcomes] = await Promise.all([
      gitlab.stop(),
      ...lost.map(request => request.catch(() => 'lost')),
    ]);

    expect(outcomes).toEqual(['lost']);
    expect(await readdir(folder)).toEqual([]);
    sending.destroy();
    await gitlab.start();
    expect((await status(gitlab, 'target/app', 'export')).body.export_status).toBe('none');
    expect((await importEnd(gitlab)).import_status).toBe('finished');
    expect(await files()).toEqual([]);
  });

  it('of a process that ends without stopping its GitLab', async () => {
    const module = new URL('../../lib/gitlab-simulator/temporary-files.ts', import.meta.url);
    const script = `
      import { writeFileSync } from 'node:fs';
      import { TemporaryFiles } from ${JSON.stringify(module.href)};
      const path = await new TemporaryFiles().newFile();
      writeFileSync(path, 'content');
      console.log(path);
      process.exit();`;

    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);

    expect(stdout.startsWith(folder)).toBe(true);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a large archive', () => {
  it('is written and read while those who ask for its status are answered', async () => {
    const source = await startSource({ archives: { exportStates: ['finished'], ...LARGE } });
    const destination = await startDestination({ archives: { importStates: ['finished'] } });
    await call(source, 'olivia', 'POST', at('group/app', 'export'));

    expect((await status(source, 'group/app', 'export')).body.export_status).toBe('started');
    await untilFinished(source, 'group/app', 'export');
    const archive = Buffer.from(await (await download(source, 'olivia')).arrayBuffer());
    await upload(destination, 'olivia', archive);

    expect((await status(destination, 'target/app', 'import')).body.import_status).not.toBe('finished');
    await untilFinished(destination, 'target/app', 'import');
    expect(destination.project('target/app')?.issues).toHaveLength(2);
  });
});

/** Asks for a status until there is nothing left to do. */
async function untilFinished(gitlab: SampleGitLab, fullPath: string, endpoint: 'export' | 'import') {
  await vi.waitUntil(
    async () => (await status(gitlab, fullPath, endpoint)).body[`${endpoint}_status`] === 'finished',
    { timeout: 30_000, interval: 50 },
  );
}

/** Waits until there are so many files. */
async function untilThereAre(count: number): Promise<void> {
  await vi.waitUntil(async () => (await files()).length === count, { timeout: 30_000, interval: 20 });
}

/** Sends a form with two thirds of an archive and no more. */
async function sendingPart(gitlab: SampleGitLab, archive: Buffer): Promise<ClientRequest> {
  const head = '--line\r\ncontent-disposition: form-data; name="file"; filename="a.tar.gz"\r\n\r\n';
  const sending = request(`${gitlab.url}/api/v4/projects/import`, {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=line', 'content-length': archive.length },
  });
  sending.on('error', () => {});
  sending.write(head);
  await new Promise<void>(resolve => {
    sending.write(archive.subarray(0, (archive.length / 3) * 2), () => resolve());
  });
  return sending;
}
