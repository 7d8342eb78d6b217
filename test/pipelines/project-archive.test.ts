import { readdir } from 'node:fs/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { archiveStore } from '../../lambdas/archives/archive-stores.ts';
import { removeArchive } from '../../lambdas/engine/remove-archive.ts';
import { type ArchiveRecord, deleteArchive } from '../../lambdas/store/archives.ts';
import { moveEntity } from '../../lambdas/store/entities.ts';
import type { Entity } from '../../lambdas/store/entity.ts';
import { setFault } from '../support/gitlab/gitlab-faults.ts';
import type { Bench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';
import { entityOfWebIn, requestsOf, startWeb, TO_THE_END } from './web-bench.ts';

let bench: Bench;
useTableInMemory();
beforeEach(async () => {
  bench = await startWeb();
});
const entityOfWeb = (attributes: Partial<Entity> = {}) => entityOfWebIn(bench, attributes);

describe('a project', () => {
  it('moves as an archive, with all that is in it', async () => {
    const web = await entityOfWeb();

    expect(await web.run()).toMatchObject({ status: 'finished', destinationFullPath: 'home/web' });

    const there = bench.destination.project('home/web');
    const here = bench.source.project('acme/web');
    for (const kind of ['issues', 'mergeRequests', 'releases', 'pipelines', 'branches', 'tags'] as const) {
      expect(there?.[kind], kind).toHaveLength(here?.[kind].length ?? 0);
    }
    expect(there?.lfsObjects).toEqual(here?.lfsObjects);
    expect((await web.entity()).projectId).toBe(there?.id);
    expect(web.lanes).toEqual(['projects', 'archives', 'projects']);
  });

  it('is archived and without its importer in the end, as it is at the source', async () => {
    Object.assign(bench.source.project('acme/web') ?? {}, { archived: true });
    const web = await entityOfWeb();

    expect(await web.run(TO_THE_END)).toMatchObject({ status: 'finished', hasFailures: true });

    expect(bench.destination.project('home/web')).toMatchObject({ archived: true, members: [] });
    expect(bench.destination.project('home/web')?.issues).toHaveLength(2);
    expect((await web.failures()).map(({ sourceTitle }) => sourceTitle)).toEqual(['authors']);
    expect(await web.archive()).toBeUndefined();
  });

  it('goes on where an export was asked for and its response was lost, and asks for no second one', async () => {
    const exports = requestsOf(bench.source, 'POST', /\/export$/);
    let lost = 0;
    bench.source.onRequest = ({ method, path }) =>
      method === 'POST' && path.endsWith('/export') && lost++ === 0 ? { kind: 'drop-after' } : undefined;
    const web = await entityOfWeb();

    expect(await web.run()).toMatchObject({ status: 'finished' });

    expect(exports()).toHaveLength(1);
  });

  it('asks for the export again when the request for it never arrived', async () => {
    let lost = 0;
    bench.source.onRequest = ({ method, path }) =>
      method === 'POST' && path.endsWith('/export') && lost++ === 0 ? { kind: 'drop-before' } : undefined;
    const web = await entityOfWeb();

    expect(await web.run()).toMatchObject({ status: 'finished' });

    expect(bench.destination.project('home/web')?.issues).toHaveLength(2);
  });

  it('makes one project when the response of its import is lost', async () => {
    let lost = 0;
    bench.destination.onRequest = ({ method, path }) =>
      method === 'POST' && path.endsWith('/projects/import') && lost++ === 0
        ? { kind: 'drop-after' }
        : undefined;
    const web = await entityOfWeb();

    expect(await web.run()).toMatchObject({ status: 'finished', destinationFullPath: 'home/web' });

    expect(bench.destination.group('home')?.projects.map(({ path }) => path)).toEqual(['web']);
  });

  it('goes on to the next name where each import has to wait for its turn', async () => {
    bench.destination.addProject('home', { name: 'Web', path: 'of-others' });
    let imports = 0;
    const busy = { status: 429, headers: { 'retry-after': '60' }, body: '{"message":{"error":"Too many."}}' };
    bench.destination.onRequest = ({ method, path }) =>
      method === 'POST' && path.endsWith('/projects/import') && ++imports % 2 === 0
        ? { kind: 'respond', ...busy }
        : undefined;
    const web = await entityOfWeb();

    expect(await web.run()).toMatchObject({ status: 'finished', destinationFullPath: 'home/web' });

    expect(bench.destination.project('home/web')?.name).toBe('Web_1');
  });

  it('tells each record that GitLab could not import, by its title and page', async () => {
    bench.destination.archives.behaviour.failedRelations = [{ relation: 'issues', lines: [1] }];
    const web = await entityOfWeb();

    expect(await web.run()).toMatchObject({ status: 'finished', hasFailures: true });

    expect(await web.failures()).toContainEqual(
      expect.objectContaining({
        relation: 'issues',
        pipelineClass: 'BulkImports::Projects::Pipelines::IssuesPipeline',
        sourceTitle: 'It is slow',
        sourceUrl: `${bench.source.url}/acme/web/-/issues/2`,
      }),
    );
  });

  it('fails when the source exports no projects, and says what an administrator has to switch on', async () => {
    bench.source.archives.behaviour.exportEnabled = false;
    const web = await entityOfWeb();

    expect(await web.run()).toMatchObject({ status: 'failed', projectId: null });

    expect((await web.failures()).map(({ exceptionMessage }) => exceptionMessage)).toContainEqual(
      expect.stringContaining("switch on 'Project export'"),
    );
  });

  it.each([
    [
      'is no archive',
      () => Object.assign(bench.source.archives.behaviour, { brokenArchives: true }),
      'is no archive of a project',
    ],
    [
      'is larger than any that can be stored',
      () =>
        setFault(
          bench.source,
          { method: 'GET', path: /\/export\/download$/ },
          {
            kind: 'respond',
            status: 206,
            headers: { 'Content-Type': 'application/gzip', 'Content-Range': 'bytes 0-1/999999999999' },
            body: '\x1f\x0b',
          },
        ),
      'an archive of more than 156 GiB',
    ],
  ])('fails when what the source has exported %s, and nothing of it is kept', async (_, prepare, says) => {
    prepare();
    const web = await entityOfWeb();

    expect(await web.run()).toMatchObject({ status: 'failed', projectId: null });

    expect((await web.failures()).map(({ exceptionMessage }) => exceptionMessage)).toContainEqual(
      expect.stringContaining(says),
    );
    expect(bench.destination.group('home')?.projects).toEqual([]);
  });

  it('fails when archives are no source of imports at the destination, and makes nothing', async () => {
    bench.destination.archives.behaviour.importSourceEnabled = false;
    const web = await entityOfWeb();

    expect(await web.run()).toMatchObject({ status: 'failed', projectId: null });

    expect((await web.failures()).map(({ exceptionMessage }) => exceptionMessage)).toContainEqual(
      expect.stringContaining("allow 'GitLab export'"),
    );
    expect(bench.destination.group('home')?.projects).toEqual([]);
  });

  it('is imported once more, after what a failed import has left is deleted, when the cause can pass', async () => {
    const { behaviour } = bench.destination.archives;
    behaviour.importError = 'Import timed out. Import took longer than 86400 seconds';
    bench.destination.onRequest = ({ method }) => {
      if (method === 'DELETE') behaviour.importError = undefined;
      return undefined;
    };
    const web = await entityOfWeb();

    expect(await web.run()).toMatchObject({ status: 'finished', destinationFullPath: 'home/web' });

    expect(bench.destination.project('home/web')?.issues).toHaveLength(2);
    expect((await web.entity()).projectId).toBe(bench.destination.project('home/web')?.id);
  });

  it('stays as a failed import has left it when the cause cannot pass', async () => {
    bench.destination.archives.behaviour.importError = 'Validation failed: Name is too long';
    const web = await entityOfWeb();

    expect(await web.run()).toMatchObject({ status: 'failed' });

    expect(requestsOf(bench.destination, 'DELETE', /projects/)()).toEqual([]);
    expect((await web.failures()).map(({ exceptionMessage }) => exceptionMessage)).toContainEqual(
      expect.stringContaining('Validation failed: Name is too long'),
    );
  });

  it('is counted at the source before its archive is ordered, and at the destination when it is there', async () => {
    const seen: number[] = [];
    bench.source.onRequest = ({ method, path }) => {
      if (method === 'POST' && path.endsWith('/export')) seen.push(countsOf(bench.source).length);
      return undefined;
    };
    const web = await entityOfWeb();

    const { stats } = await web.run();

    expect(seen).toEqual([1]);
    expect(countsOf(bench.source)).toHaveLength(1);
    expect(stats).toMatchObject({
      issues: { source: 2, fetched: 2, imported: 2, failed: 0 },
      branches: { source: 2, imported: 2 },
      labels: { source: 1, imported: 1 },
    });
  });

  it('misses nothing of which GitLab has said that it failed, and what it has not said is a failure', async () => {
    bench.destination.archives.behaviour.failedRelations = [{ relation: 'issues', lines: [1] }];
    bench.destination.onRequest = ({ path }) => {
      const web = bench.destination.project('home/web');
      if (path === '/api/graphql' && web !== undefined) web.releases = [];
      return undefined;
    };
    const web = await entityOfWeb();

    const { stats } = await web.run();

    expect(stats).toMatchObject({ issues: { imported: 1, failed: 1 }, releases: { imported: 0, failed: 1 } });
    const missing = (await web.failures()).filter(({ exceptionClass }) =>
      exceptionClass.endsWith('MissingError'),
    );
    expect(missing.map(({ relation }) => relation)).toEqual(['releases']);
  });

  it('is exported all the same when the source cannot count what is in it, and nobody says that all is there', async () => {
    setFault(bench.source, { path: /\/labels$/ }, { kind: 'respond', status: 502 });
    const web = await entityOfWeb();

    expect(await web.run()).toMatchObject({ status: 'finished', destinationFullPath: 'home/web' });

    expect((await web.failures()).map(({ exceptionMessage }) => exceptionMessage)).toContainEqual(
      expect.stringMatching(/^Whether all has arrived is not known of: issues, merge requests, .*The source/),
    );
  });

  it('is told once of an import who its authors will be', async () => {
    const web = await entityOfWeb();

    await web.run();
    const { importId } = await web.entity();
    const again = await entityOfWeb({ importId, destinationSlug: 'again' });
    await again.run();

    expect(await web.failures()).toMatchObject([
      { exceptionClass: 'BulkImports::AuthorsNotice', sourceTitle: 'authors' },
    ]);
    expect(await again.failures()).toEqual([]);
  });

  it('is not exported for a bot, who can import none, and neither is the next one of the import', async () => {
    setFault(
      bench.destination,
      { method: 'GET', path: '/user' },
      {
        kind: 'respond',
        status: 200,
        body: JSON.stringify({ id: bench.importerId, username: 'group_1_bot', bot: true }),
      },
    );
    const web = await entityOfWeb();
    const { importId } = await web.entity();
    const next = await entityOfWeb({ importId, destinationSlug: 'next' });

    for (const project of [web, next]) {
      expect(await project.run()).toMatchObject({ status: 'failed', projectId: null });
      expect(await project.failures()).toMatchObject([
        { exceptionMessage: expect.stringContaining('Use a personal access token of a user') },
      ]);
    }

    expect(requestsOf(bench.source, 'POST', /\/export$/)()).toEqual([]);
  });

  it.each(['begin', 'complete'] as const)(
    'leaves nothing of an archive that was removed with its canceled entity during "%s"',
    async step => {
      const web = await entityOfWeb();
      const store = archiveStore();
      const real = store[step].bind(store) as (...given: string[]) => Promise<never>;
      vi.spyOn(store, step).mockImplementationOnce(async (...given: string[]) => {
        const entity = await web.entity();
        await moveEntity(entity, 'canceled');
        // Whoever removes it just now sees nothing that is still to come.
        if (step === 'begin') await removeArchive(entity.importId, entity.id);
        const result = await real(...given);
        if (step === 'complete') await deleteArchive((await web.archive()) as ArchiveRecord);
        return result;
      });

      expect(await web.run()).toMatchObject({ status: 'canceled' });

      expect(await readdir(process.env.ARCHIVES_FOLDER as string)).toEqual([]);
      expect(await web.archive()).toBeUndefined();
    },
  );
});

/** The counts of what a project holds, so far. */
const countsOf = ({ requests }: Bench['source']) =>
  requests.filter(
    ({ path, body }) => path === '/api/graphql' && JSON.stringify(body).includes('pipelines { count }'),
  );
