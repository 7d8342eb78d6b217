import { readdir } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { archiveStore } from '../../lambdas/archives/archive-stores.ts';
import { StoreBusyError, StoreError } from '../../lambdas/domain/store-errors.ts';
import { createLink, findLinked } from '../../lambdas/store/archive-links.ts';
import { changeArchive, findArchive, newArchive, putArchive } from '../../lambdas/store/archives.ts';
import { keys } from '../../lambdas/store/keys.ts';
import { updateItem } from '../../lambdas/store/table-updates.ts';
import type { Fault } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { requestsTo, setFault } from '../support/gitlab/gitlab-faults.ts';
import { FINISHED, type Migration } from '../support/service/pipeline-bench.ts';
import { projectMigration } from '../support/service/project-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';
import {
  changed,
  handler,
  imported,
  isMember,
  MAINTAINER,
  messages,
  useArchivesFolder,
} from './finisher-bench.ts';

const table = useTableInMemory();
useArchivesFolder();

const ARCHIVING = { method: 'POST', path: /\/projects\/\d+\/archive$/ } as const;

async function noteOf({ importId, entityId }: Migration, isArchived: boolean): Promise<void> {
  await updateItem(keys.entity(importId, entityId), { set: { awaitsArchiving: isArchived } });
}

describe('a project that is archived at the source', () => {
  const ARCHIVED = { here: { archived: true } } as const;

  it('is archived, after the membership was removed', async () => {
    const { bench, project, migration } = await imported({ ...ARCHIVED, there: { members: [MAINTAINER] } });

    await migration.run(handler);

    expect(project.archived).toBe(true);
    const writes = bench.destination.requests.filter(({ method }) => method !== 'GET');
    expect(writes.map(({ method }) => method)).toEqual(['DELETE', 'POST']);
  });

  it('is archived as it came, also when it is unarchived at the source by now', async () => {
    const { bench, project, migration } = await imported();
    await noteOf(migration, true);

    await migration.run(handler);

    expect(project.archived).toBe(true);
    expect(requestsTo(bench.source, { method: 'GET', path: /\/projects\/\d+$/ })).toEqual([]);
    expect((await migration.entity()).awaitsArchiving).toBe(false);
  });

  it('takes no request where it is archived already', async () => {
    const { bench, migration } = await imported({ ...ARCHIVED, there: { archived: true } });
    await noteOf(migration, true);

    await migration.run(handler);

    expect(requestsTo(bench.destination, ARCHIVING)).toEqual([]);
    expect((await migration.entity()).awaitsArchiving).toBe(false);
  });

  it('is a failure where only an Owner may archive it, and the entity goes on', async () => {
    const { group, project, migration } = await imported({ ...ARCHIVED, there: {} });
    for (const member of group.members) member.accessLevel = 40;
    await noteOf(migration, true);

    await migration.run(handler);

    expect(project.archived).toBe(false);
    expect(await messages(migration)).toEqual([
      'The project is archived at the source, and the destination refused to archive it: 403 Forbidden. Have an Owner of its group archive it there: Settings, General, Advanced, Archive project.',
    ]);
    expect(await migration.entity()).toMatchObject({ status: 'finished', hasFailures: true });
  });

  it('is a failure where the destination ignores the request', async () => {
    const { bench, migration } = await imported({ ...ARCHIVED, there: {} });
    setFault(bench.destination, ARCHIVING, changed({ archived: false }));

    await migration.run(handler);

    expect(await messages(migration)).toEqual([expect.stringContaining('to archive it and did not')]);
  });

  it('is archived after a destination that was in trouble', async () => {
    const { bench, project, migration } = await imported({ ...ARCHIVED, there: {} });
    setFault(bench.destination, ARCHIVING, { kind: 'respond', status: 503 });
    expect((await migration.run(handler)).status).toBe('wait');
    bench.destination.onRequest = undefined;

    await migration.run(handler);

    expect(project.archived).toBe(true);
    expect(await migration.failures()).toEqual([]);
  });
});

it('leaves a project alone that is not archived at the source', async () => {
  const { bench, project, migration } = await imported({ there: {} });
  const before = structuredClone(project);

  await migration.run(handler);

  expect(project).toEqual(before);
  expect(bench.destination.requests.every(({ method }) => method === 'GET')).toBe(true);
});

/** The archive of a project, and a link to it. */
async function withArchive({ importId, entityId }: Migration) {
  const noted = await putArchive(newArchive(importId, entityId));
  const store = archiveStore();
  const upload = await store.begin(noted.key);
  await store.append(noted.key, upload, 1, Buffer.from('bytes'));
  await changeArchive(noted, { upload, archive: await store.complete(noted.key, upload) });
  return (await createLink(noted)) as string;
}

describe('the archive', () => {
  it('is removed with its link, after all else', async () => {
    const { bench, migration } = await imported({ here: { archived: true } });
    const token = await withArchive(migration);
    const seen: boolean[] = [];
    bench.destination.onRequest = ({ method, path }) => {
      if (method === 'POST' && path.endsWith('/archive')) seen.push(true);
      return undefined;
    };
    const remove = vi.spyOn(archiveStore(), 'remove').mockImplementationOnce(async key => {
      expect(seen).toEqual([true]);
      remove.mockRestore();
      await archiveStore().remove(key);
    });

    await migration.run(handler);

    expect(await readdir(process.env.ARCHIVES_FOLDER as string)).toEqual([]);
    expect(await findArchive(migration.importId, migration.entityId)).toBeUndefined();
    expect(await findLinked(token)).toBeUndefined();
  });

  it('is left to the end of the entity by a store that is in trouble', async () => {
    const { migration } = await imported();
    await withArchive(migration);
    vi.spyOn(archiveStore(), 'remove').mockRejectedValueOnce(new StoreBusyError('busy'));

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(await migration.failures()).toEqual([]);
    expect(await findArchive(migration.importId, migration.entityId)).toBeDefined();
  });
});

describe('a run that dies', () => {
  async function untouched() {
    const all = await imported({ here: { archived: true } });
    await withArchive(all.migration);
    await noteOf(all.migration, true);
    return all;
  }

  /** The requests of a run that nothing happens to. */
  async function requestsOfWhole(): Promise<number> {
    const { bench, migration } = await untouched();
    await migration.run(handler);
    return bench.destination.requests.length;
  }

  it.each(['drop-before', 'drop-after'] as const)(
    'at any request (%s) leaves nothing undone, and nothing is done twice',
    async kind => {
      const count = await requestsOfWhole();
      expect(count).toBeGreaterThan(5);

      for (let fatal = 1; fatal <= count; fatal++) {
        const { bench, project, migration } = await untouched();
        let sent = 0;
        let isDead = false;
        const done: string[] = [];
        bench.destination.onRequest = ({ method }): Fault | undefined => {
          sent += 1;
          isDead ||= sent === fatal;
          if (method !== 'GET' && (sent < fatal || (sent === fatal && kind === 'drop-after')))
            done.push(method);
          if (sent < fatal) return undefined;
          return sent === fatal ? { kind } : { kind: 'drop-before' };
        };
        table().throttles = ({ kind: what }) => isDead && what === 'write';
        await expect(migration.run(handler)).rejects.toThrow(StoreError);
        table().throttles = () => false;
        bench.destination.onRequest = ({ method }) => {
          if (method !== 'GET') done.push(method);
          return undefined;
        };

        expect(await migration.run(handler), `request ${fatal}`).toEqual(FINISHED);

        expect(done, `request ${fatal}`).toEqual(['DELETE', 'POST']);
        expect(isMember(bench, project)).toBe(false);
        expect(project.archived).toBe(true);
        expect(await findArchive(migration.importId, migration.entityId)).toBeUndefined();
        expect(await migration.failures()).toEqual([]);
        expect((await migration.tracker()).counts).toMatchObject({ source: 3, imported: 3, failed: 0 });
      }
    },
  );
});

it('changes nothing when it runs again', async () => {
  const { bench, project, migration } = await imported({ here: { archived: true } });
  await migration.run(handler);
  const before = structuredClone(project);
  const again = await projectMigration(bench, 'finisher');
  const writes = () => bench.destination.requests.filter(({ method }) => method !== 'GET').length;
  const earlier = writes();

  await again.run(handler);

  expect(project).toEqual(before);
  expect(writes()).toBe(earlier);
  expect(await again.failures()).toEqual([]);
});
