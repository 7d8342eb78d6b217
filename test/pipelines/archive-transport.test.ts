import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ArchiveStore } from '../../lambdas/archives/archive-store.ts';
import { ProjectCreationError } from '../../lambdas/domain/errors.ts';
import type { PipelineContext } from '../../lambdas/engine/relation.ts';
import { ArchiveTransport } from '../../lambdas/pipelines/archive-transport.ts';
import { changeArchive, newArchive, putArchive } from '../../lambdas/store/archives.ts';
import { createEntity } from '../../lambdas/store/entities.ts';
import type { SampleGroup } from '../../lib/gitlab-simulator/model.ts';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { clientOf, startedGitLab } from '../support/gitlab/started-gitlab.ts';
import { newId } from '../support/table/new-id.ts';
import { newEntity } from '../support/table/records.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9';
const ARCHIVE = Buffer.from([0x1f, 0x8b, 1, 2, 3]);

const table = useTableInMemory();
let gitlab: SampleGitLab;
let home: SampleGroup;
let read: string[];
beforeEach(async () => {
  vi.stubEnv('PROJECT_IMPORTS_PER_MINUTE', '0');
  gitlab = await startedGitLab(['olivia'], { archives: { httpAllowed: true, importsPerMinute: 0 } });
  home = gitlab.addGroup({ name: 'Home', path: 'home', members: [{ username: 'olivia', accessLevel: 50 }] });
  read = [];
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** A server of links, whose answer to HEAD is what S3 says of an archive. */
async function startLinks(): Promise<string> {
  const headers = { 'content-type': 'application/gzip', 'content-length': ARCHIVE.length };
  const server = createServer((_, response) => response.writeHead(200, headers).end(ARCHIVE));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A run that has an archive in a store, with what it remembers between two tries. */
async function transport({ isPublic = true, isComplete = true, importId = newId(), id = 3 } = {}) {
  const entity = newEntity({ importId, id, sourceType: 'project_entity' });
  await createEntity(entity);
  const record = await putArchive(newArchive(importId, id));
  const archive = { key: record.key, version: null, bytes: ARCHIVE.length };
  if (isComplete) await changeArchive(record, { archive });
  let remembered = {};
  const context = {
    entity,
    destination: clientOf('olivia', gitlab.url),
    state: {
      get: () => remembered,
      set(state: object) {
        remembered = state;
      },
    },
  } as unknown as PipelineContext;
  const store = {
    read: async ({ key }) => {
      read.push(key);
      return Readable.from([ARCHIVE]);
    },
    ...(isPublic && { signedUrl: async () => 'https://s3.example.com' }),
  } as Partial<ArchiveStore> as ArchiveStore;
  return { importId, send: () => new ArchiveTransport(context, store).send(WANTED()) };
}

const WANTED = () => ({ name: 'Web', path: 'web', namespaceId: home.id, overrides: {} });
/** What the destination was asked for, in order: `remote-import` or `import`. */
const asked = () =>
  gitlab.requests
    .filter(({ method }) => method === 'POST')
    .map(({ path }) => path.slice(path.lastIndexOf('/') + 1));

describe('an archive', () => {
  it('is fetched by the destination, by a link of our own that nobody can guess', async () => {
    vi.stubEnv('ARCHIVE_LINKS_URL', await startLinks());
    const { send } = await transport();

    expect(await send()).toMatchObject({ path_with_namespace: 'home/web' });

    expect(asked()).toEqual(['remote-import']);
    const [request] = gitlab.requests.filter(({ path }) => path.endsWith('/remote-import'));
    const url = (request?.body as { url?: string } | undefined)?.url;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/archives\/[\w-]{43}$/);
    expect(read).toEqual([]);
  });

  it('is sent when the destination could not reach its link three times, and never offered by link again', async () => {
    vi.stubEnv('ARCHIVE_LINKS_URL', NOWHERE);
    const { send } = await transport();

    expect(await send()).toMatchObject({ path_with_namespace: 'home/web' });
    expect(asked()).toEqual(['remote-import', 'remote-import', 'remote-import', 'import']);

    await expect(send()).rejects.toThrow(/taken/);
    expect(asked().slice(4)).toEqual(['import']);
  });

  it.each([
    ['takes no such URLs', { httpAllowed: false }],
    ['has no imports by link', { remoteImportEnabled: false }],
  ])('is sent at once when the destination %s', async (_, behaviour) => {
    Object.assign(gitlab.archives.behaviour, behaviour);
    vi.stubEnv('ARCHIVE_LINKS_URL', NOWHERE);
    const { send } = await transport();

    expect(await send()).toMatchObject({ path_with_namespace: 'home/web' });

    expect(asked()).toEqual(['remote-import', 'import']);
    expect(read).toHaveLength(1);
  });

  it('is sent, and no link is tried, when another project of the import has found that they are refused', async () => {
    Object.assign(gitlab.archives.behaviour, { remoteImportEnabled: false });
    vi.stubEnv('ARCHIVE_LINKS_URL', NOWHERE);
    const first = await transport();
    await first.send();
    gitlab.requests.length = 0;

    const next = await transport({ importId: first.importId, id: 4 });
    await expect(next.send()).rejects.toThrow(/taken/);

    expect(asked()).toEqual(['import']);
  });

  it('is sent where the store cannot be reached from outside', async () => {
    vi.stubEnv('ARCHIVE_LINKS_URL', NOWHERE);
    const { send } = await transport({ isPublic: false });

    await send();

    expect(asked()).toEqual(['import']);
  });

  it('is not sent another way when the destination refuses it for another reason', async () => {
    Object.assign(gitlab.archives.behaviour, { importSourceEnabled: false });
    vi.stubEnv('ARCHIVE_LINKS_URL', NOWHERE);
    const { send } = await transport();

    await expect(send()).rejects.toThrow(/403/);

    expect(asked()).toEqual(['remote-import']);
  });

  it('that is not there any more fails the project, and nothing is asked for', async () => {
    vi.stubEnv('ARCHIVE_LINKS_URL', NOWHERE);
    const { send } = await transport({ isComplete: false });

    await expect(send()).rejects.toThrow(ProjectCreationError);

    expect(asked()).toEqual([]);
  });

  it('that is removed while its link is made fails the project, and nothing is asked for', async () => {
    vi.stubEnv('ARCHIVE_LINKS_URL', NOWHERE);
    const { send } = await transport();
    const put = table().put.bind(table());
    vi.spyOn(table(), 'put').mockImplementation((item, expressions) => {
      put(item, expressions);
      for (const id of table().items.keys()) if (id.includes('ARCHIVE#')) table().items.delete(id);
    });
    onTestFinished(() => void vi.restoreAllMocks());

    await expect(send()).rejects.toThrow(ProjectCreationError);

    expect(asked()).toEqual([]);
  });
});
