import { readdir } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { StoredArchive } from '../../lambdas/archives/archive-store.ts';
import { archiveStore } from '../../lambdas/archives/archive-stores.ts';
import { StoreError } from '../../lambdas/domain/store-errors.ts';
import { removeArchive } from '../../lambdas/engine/remove-archive.ts';
import { rewriteMembers } from '../../lambdas/pipelines/archive-rewrite.ts';
import { finisher } from '../../lambdas/pipelines/finisher.ts';
import { members } from '../../lambdas/pipelines/members.ts';
import {
  type ArchiveRecord,
  changeArchive,
  deleteArchive,
  newArchive,
  putArchive,
} from '../../lambdas/store/archives.ts';
import { moveEntity } from '../../lambdas/store/entities.ts';
import type { Entity } from '../../lambdas/store/entity.ts';
import { keys } from '../../lambdas/store/keys.ts';
import { updateItem } from '../../lambdas/store/table-updates.ts';
import { requestsTo } from '../support/gitlab/gitlab-faults.ts';
import type { Bench } from '../support/service/pipeline-bench.ts';
import { entityOfWeb, MOVING, staged, startProjectBench } from '../support/service/project-runs.ts';
import { newId } from '../support/table/new-id.ts';
import { newEntity, newImport } from '../support/table/records.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';
import { newMapping } from '../support/table/user-mappings.ts';

const GIB = 1024 ** 3;
const PEOPLE = ['mia', 'nik', 'out', 'una'];

let bench: Bench;
useTableInMemory();
beforeEach(() => startAs({ isAdministrator: true }));

/**
 * The project `acme/web`, of which each of the people has written something. `mia` and `nik` show addresses that users of
 * the destination have, `mia` that of somebody else; `out` does so, too, and `una` shows none.
 */
async function startAs(options: { isAdministrator: boolean }): Promise<void> {
  bench = await startProjectBench({}, { name: 'Other', path: 'other' }, options);
  const { source, destination } = bench;
  for (const username of PEOPLE) {
    const publicEmail = `${username}@old.example`;
    source.addUser({ username, ...(username !== 'una' && { publicEmail }) });
    if (username !== 'una') destination.addUser({ username: `${username}-by-address`, email: publicEmail });
    destination.addUser({ username: `${username}-there` });
  }
  source.addProject('acme', {
    name: 'Web',
    path: 'web',
    branches: ['main'],
    members: PEOPLE.map(username => ({ username, accessLevel: 30 })),
    issues: PEOPLE.map(username => ({ title: `of ${username}`, author: username, notes: ['Indeed'] })),
  });
}

/** An entity of it, by whose import's mapping `mia` and `una` are somebody, and `out` is left out. */
async function web(attributes: Partial<Entity> = {}, hasMapping = true, relations = staged(MOVING)) {
  const { source } = bench;
  const project = await entityOfWeb(bench, attributes, relations);
  const { importId } = await project.entity();
  const id = (username: string) => source.userId(username) ?? 0;
  const mapping = {
    [id('mia')]: { username: 'mia-there' },
    [id('una')]: { username: 'una-there' },
    [id('out')]: 'nobody' as const,
  };
  if (hasMapping)
    await updateItem(keys.import(importId), { set: { userMappingId: await newMapping(bench, mapping) } });
  return project;
}

/** Who has which level in the project at the destination. */
function levels(): Record<string, number> {
  const { destination } = bench;
  const found = destination.project('home/web')?.members ?? [];
  return Object.fromEntries(
    found.map(({ userId, accessLevel }) => [destination.username(userId), accessLevel] as const),
  );
}

/** Whose the issues and their notes are there. */
function authors(): Record<string, string[]> {
  const { destination } = bench;
  const name = (id: number | undefined) => destination.username(id ?? 0) ?? '';
  const issues = destination.project('home/web')?.issues ?? [];
  return Object.fromEntries(
    issues.map(({ title, authorId, notes: [note] }) => [title, [name(authorId), name(note?.authorId)]]),
  );
}

const twice = (name: string) => [name, name];
const MAPPED = {
  levels: { importer: 40, 'mia-there': 30, 'nik-by-address': 30, 'una-there': 30 },
  authors: {
    'of mia': twice('mia-there'),
    'of nik': twice('nik-by-address'),
    'of out': twice('importer'),
    'of una': twice('una-there'),
  },
};
const files = async () => {
  const all = await readdir(process.env.ARCHIVES_FOLDER as string, { recursive: true, withFileTypes: true });
  return all.filter(entry => entry.isFile()).map(({ name }) => name);
};

describe('an archive that an administrator imports', () => {
  it('has the members that the mapping says, and so have their issues and notes', async () => {
    const project = await web();

    expect(await project.run()).toMatchObject({ status: 'finished' });

    expect({ levels: levels(), authors: authors() }).toEqual(MAPPED);
    const { archive, key, rewrite } = (await project.archive()) as ArchiveRecord;
    expect([archive?.key, rewrite?.key]).toEqual(twice(key.replace('.tar.gz', '.members.tar.gz')));
    // What was downloaded is not kept beside it.
    expect(await files()).toEqual([archive?.key.split('/').at(-1)]);
  });

  it('has none where memberships are not migrated, whatever the mapping says', async () => {
    const project = await web({ relations: { members: false } });

    expect(await project.run()).toMatchObject({ status: 'finished' });

    expect(levels()).toEqual({ importer: 40 });
    expect(new Set(Object.values(authors()).flat())).toEqual(new Set(['importer']));
  });

  it('has none there without a mapping either', async () => {
    const project = await web({ relations: { members: false } }, false);

    await project.run();

    expect(levels()).toEqual({ importer: 40 });
  });

  it('gives a membership that is not there by another way either, with a failure for a row in vain', async () => {
    const project = await web({}, true, staged([...MOVING, members, finisher]));
    const { importId } = await project.entity();
    const mia = bench.source.userId('mia') ?? 0;
    await updateItem(keys.import(importId), {
      set: { userMappingId: await newMapping(bench, { [mia]: { username: 'nowhere' } }) },
    });

    await project.run();

    expect(levels()).toEqual({ 'nik-by-address': 30, 'out-by-address': 30 });
    expect(await project.messages()).toEqual([
      expect.stringContaining("names 'nowhere', whom the destination"),
    ]);
  });
});

describe('who the authors of an import with projects will be is said', () => {
  const notices = async (project: Awaited<ReturnType<typeof web>>) =>
    (await project.failures())
      .filter(({ sourceTitle }) => sourceTitle === 'authors')
      .map(({ exceptionMessage }) => exceptionMessage);

  it('by the mapping, and for those apart whose memberships are not migrated', async () => {
    const first = await web();
    await first.run();
    const { importId } = await first.entity();
    const [second, third] = [await web({ importId, destinationSlug: 'second' }), await without(importId)];
    await second.run();
    await third.run();

    const [mapped, ...more] = await notices(first);
    expect(more).toEqual([]);
    expect(mapped).toMatch(/whom the user mapping names, else .* same e-mail address/);
    expect(await notices(second)).toEqual([]);
    const [leftOut = ''] = await notices(third);
    expect(leftOut).toMatch(/memberships are not migrated.* importing user/);
    for (const message of [mapped, leftOut]) expect(message?.length).toBeLessThanOrEqual(255);
  });

  const without = (importId: number) =>
    web({ importId, destinationSlug: 'third', relations: { members: false } });

  it('and without a mapping by their addresses', async () => {
    const project = await web({}, false);
    await project.run();

    expect(await notices(project)).toEqual([expect.not.stringContaining('mapping')]);
  });
});

describe('an archive is as it came', () => {
  const untouched = async (project: Awaited<ReturnType<typeof web>>) => {
    const begin = vi.spyOn(archiveStore(), 'begin').mockClear();
    expect(await project.run()).toMatchObject({ status: 'finished' });
    const record = (await project.archive()) as ArchiveRecord;
    expect(begin.mock.calls).toEqual([[record.key]]);
    expect(record).toMatchObject({ rewrite: null, archive: { key: record.key } });
  };

  it('where there is nothing to change by, and nobody asks whose token it is for that', async () => {
    const read = vi.spyOn(archiveStore(), 'read');
    const project = await web({}, false);

    await untouched(project);

    expect(levels()).toMatchObject({ 'mia-by-address': 30, 'out-by-address': 30 });
    // It is read to be sent.
    expect(read).toHaveBeenCalledTimes(1);
    expect(requestsTo(bench.destination, { path: '/api/v4/user' })).toHaveLength(1);
  });

  it('where no administrator imports it: GitLab passes over its members', async () => {
    await startAs({ isAdministrator: false });
    await untouched(await web());
    await untouched(await web({ relations: { members: false }, destinationSlug: 'second' }));

    expect(levels()).toEqual({ importer: 40 });
  });

  it('where the mapping says nothing of its members', async () => {
    const project = await web();
    const { importId } = await project.entity();
    const userMappingId = await newMapping(bench, { 4711: 'nobody' });
    await updateItem(keys.import(importId), { set: { userMappingId } });

    await untouched(project);
  });
});

describe('a run that is killed as it changes the members', () => {
  const STEPS = ['begin', 'append', 'complete', 'read', 'remove'] as const;

  it.each(STEPS.flatMap(step => ['before', 'after'].map(when => [when, step] as const)))(
    '%s "%s" leaves one whole archive, and the next run goes on',
    async (when, step) => {
      const project = await web({}, true, staged([...MOVING, finisher]));
      const store = archiveStore();
      const real = store[step].bind(store) as (...given: unknown[]) => Promise<never>;
      let kills = 0;
      vi.spyOn(store, step).mockImplementation(async (...given: unknown[]) => {
        const [of] = given as [string | StoredArchive];
        const key = typeof of === 'string' ? of : of.key;
        // Of the archive that is made; what was downloaded is read and removed for it.
        const isOfPass = key.endsWith('.members.tar.gz') || step === 'read' || step === 'remove';
        if (!isOfPass || kills > 0) return real(...given);
        kills += 1;
        if (when === 'after') await real(...given);
        throw new StoreError('It was killed.');
      });

      for (let run = 0; run < 40; run++) {
        const isOver = await project.step().catch(error => {
          expect(error).toBeInstanceOf(StoreError);
          return false;
        });
        if (isOver) break;
        if (kills === 1) {
          kills += 1;
          const { archive } = (await project.archive()) as ArchiveRecord;
          expect(await store.find(archive?.key ?? '')).toEqual(archive);
        }
      }

      expect(kills).toBe(2);
      expect(await project.entity()).toMatchObject({ status: 'finished' });
      expect(authors()).toEqual(MAPPED.authors);
      expect(await files()).toEqual([]);
    },
  );

  it('when it had stored all of it does not do it again', async () => {
    const project = await web();
    const store = archiveStore();
    const begin = vi.spyOn(store, 'begin');
    const real = store.complete.bind(store);
    vi.spyOn(store, 'complete').mockImplementation(async (key, upload) => {
      const complete = await real(key, upload);
      if (key.endsWith('.members.tar.gz')) throw new StoreError('It was killed.');
      return complete;
    });
    for (let run = 0; run < 20; run++) if (await project.step().catch(() => false)) break;

    expect(begin.mock.calls.filter(([key]) => key.endsWith('.members.tar.gz'))).toHaveLength(1);
    expect({ levels: levels(), authors: authors() }).toEqual(MAPPED);
  });

  it.each(['begin', 'append', 'complete'] as const)(
    'by the end of its entity during "%s" leaves nothing',
    async step => {
      const project = await web();
      const store = archiveStore();
      const real = store[step].bind(store) as (...given: unknown[]) => Promise<never>;
      let times = 0;
      vi.spyOn(store, step).mockImplementation(async (...given: unknown[]) => {
        if (String(given[0]).endsWith('.members.tar.gz') && times++ === 0) {
          const entity = await project.entity();
          await moveEntity(entity, 'canceled');
          await removeArchive(entity.importId, entity.id);
        }
        return real(...given);
      });

      for (let run = 0; run < 10; run++) if (await project.step().catch(() => false)) break;

      expect(times).toBeGreaterThan(0);
      expect(await project.entity()).toMatchObject({ status: 'canceled' });
      expect(await files()).toEqual([]);
      expect(await project.archive()).toBeUndefined();
    },
  );
});

it('an archive whose record is gone when its members are changed is begun anew', async () => {
  const project = await web();
  const store = archiveStore();
  const real = store.complete.bind(store);
  let times = 0;
  vi.spyOn(store, 'complete').mockImplementation(async (key, upload) => {
    const complete = await real(key, upload);
    if (key.endsWith('.members.tar.gz') && times++ === 0)
      await deleteArchive((await project.archive()) as ArchiveRecord);
    return complete;
  });

  expect(await project.run()).toMatchObject({ status: 'finished' });

  expect(times).toBe(2);
  expect({ levels: levels(), authors: authors() }).toEqual(MAPPED);
});

describe('before anything is made a project fails', () => {
  /** Lets an archive seem to be so large. */
  function enlarge(bytes: number): void {
    const store = archiveStore();
    const real = store.complete.bind(store);
    vi.spyOn(store, 'complete').mockImplementation(async (key, upload) => ({
      ...(await real(key, upload)),
      bytes,
    }));
  }
  const failed = async (project: Awaited<ReturnType<typeof web>>, says: RegExp) => {
    expect(await project.run()).toMatchObject({ status: 'failed', projectId: null });
    const [message = ''] = await project.messages();
    expect(message).toMatch(says);
    expect(message.length).toBeLessThanOrEqual(255);
    expect(bench.destination.group('home')?.projects).toEqual([]);
  };

  it('whose archive is larger than what can be changed in a run', async () => {
    enlarge(Math.round(5.2 * GIB));

    await failed(
      await web(),
      /has 5\.2 GiB, and the members in an archive can be changed up to 5\.0 GiB\. Import .* token of no administrator/,
    );
  });

  it('whose archive cannot be read', async () => {
    const store = archiveStore();
    const real = store.append.bind(store);
    vi.spyOn(store, 'append').mockImplementation((key, upload, number) =>
      real(key, upload, number, gzipSync('x'.repeat(2000))),
    );

    await failed(
      await web(),
      /no archive of a project that can be read: it is no tar file, or a damaged one\. Import/,
    );
  });

  it('whose archive expands for longer than the run has', async () => {
    const project = await web();
    const { importId, id } = await project.entity();
    const store = archiveStore();
    const real = store.read.bind(store);
    const now = vi.spyOn(Date, 'now');
    vi.spyOn(store, 'read').mockImplementationOnce(async archive => {
      const at = Date.now();
      now.mockImplementation(() => at + 890_000);
      return real(archive);
    });

    while ((await project.archive())?.archive == null) await project.step();
    await project.step();
    now.mockRestore();

    expect(await project.entity()).toMatchObject({ importId, id, status: 'failed', projectId: null });
    expect(await project.messages()).toEqual([expect.stringMatching(/takes longer than the minutes/)]);
  });
});

it('a large archive is changed in a run that has the time for it', async () => {
  const project = await web();
  const store = archiveStore();
  const real = store.complete.bind(store);
  vi.spyOn(store, 'complete').mockImplementationOnce(async (key, upload) => ({
    ...(await real(key, upload)),
    bytes: 4 * GIB,
  }));
  const read = vi.spyOn(store, 'read');
  while ((await project.archive())?.archive == null) await project.step({ remainingMs: 300_000 });

  const { trackers } = await project.entity();
  expect(trackers.archive).toMatchObject({ status: 'started', state: { hasWaited: true } });
  expect(read).not.toHaveBeenCalled();
  await project.run();

  expect({ levels: levels(), authors: authors() }).toEqual(MAPPED);
});

it('an archive with the members of another mapping, or of an earlier attempt, is removed and asked for again', async () => {
  const [importId, id] = [newId(), newId()];
  const store = archiveStore();
  const record = await putArchive(newArchive(importId, id));
  const key = `${record.key}.old`;
  const upload = await store.begin(key);
  await store.append(key, upload, 1, Buffer.from('old'));
  const rewrite = { by: 'mapping 1, attempt 1', key };
  const old = await changeArchive(record, { rewrite, archive: await store.complete(key, upload) });
  const context = {
    bulkImport: newImport({ id: importId, userMappingId: 1, attempt: 2 }),
    entity: newEntity({ importId, id }),
    save: async () => undefined,
  } as unknown as Parameters<typeof rewriteMembers>[0];

  await expect(rewriteMembers(context, store, old as ArchiveRecord)).rejects.toThrow(/of an earlier attempt/);

  expect(await store.find(key)).toBeUndefined();
});
