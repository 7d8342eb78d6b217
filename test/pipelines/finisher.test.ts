import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { archiveStore } from '../../lambdas/archives/archive-stores.ts';
import { StoreBusyError, StoreError } from '../../lambdas/domain/store-errors.ts';
import { finisher } from '../../lambdas/pipelines/finisher.ts';
import { createLink, findLinked } from '../../lambdas/store/archive-links.ts';
import { changeArchive, findArchive, newArchive, putArchive } from '../../lambdas/store/archives.ts';
import { keys } from '../../lambdas/store/keys.ts';
import { updateItem } from '../../lambdas/store/table-updates.ts';
import type { SampleMember } from '../../lib/gitlab-simulator/model.ts';
import type { SampleProject, SampleProjectSeed } from '../../lib/gitlab-simulator/project-model.ts';
import type { Fault, SampleGitLabOptions } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { refused, requestsTo, setFault } from '../support/gitlab/gitlab-faults.ts';
import {
  type Bench,
  FINISHED,
  handlerOf,
  type Migration,
  startBench,
} from '../support/service/pipeline-bench.ts';
import { addProjects, projectMigration } from '../support/service/project-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(finisher, 'projects');

const table = useTableInMemory();
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'archives-'));
  process.env.ARCHIVES_FOLDER = folder;
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

const REMOVAL = { method: 'DELETE', path: /\/projects\/\d+\/members\/\d+$/ } as const;
const ARCHIVING = { method: 'POST', path: /\/projects\/\d+\/archive$/ } as const;
/** What GitLab's import makes the importing user. */
const MAINTAINER = { username: 'importer', accessLevel: 40 } as const;

interface Seeds {
  here?: Partial<SampleProjectSeed>;
  there?: Partial<SampleProjectSeed>;
  gitlabs?: SampleGitLabOptions;
}

/** A project that GitLab has imported, of which the importing user has become a member. */
async function imported({ here = {}, there = { members: [MAINTAINER] }, gitlabs = {} }: Seeds = {}) {
  const bench = await startBench({ source: gitlabs, destination: gitlabs });
  const { destination, group } = addProjects(bench, { project: here }, { project: there });
  const { version } = gitlabs;
  const options = version === undefined ? {} : { sourceVersion: version };
  const migration = await projectMigration(bench, 'finisher', options);
  return { bench, group, project: destination, migration };
}

const isMember = ({ importerId }: Bench, { members }: SampleProject) =>
  members.some(({ userId }) => userId === importerId);

/** Makes the importing user's membership another than GitLab's import gives. */
function changeMembership({ importerId }: Bench, { members }: SampleProject, change: Partial<SampleMember>) {
  for (const [index, member] of members.entries())
    if (member.userId === importerId) members[index] = { ...member, ...change };
}

/** Normal handling, but the answer says this as well. */
const changed = (more: object): Fault => ({
  kind: 'change',
  change: answer => ({ ...answer, body: JSON.stringify({ ...JSON.parse(String(answer.body)), ...more }) }),
});
const messages = async (migration: Migration) =>
  (await migration.failures()).map(({ exceptionMessage }) => exceptionMessage);

async function noteOf({ importId, entityId }: Migration, isArchived: boolean): Promise<void> {
  await updateItem(keys.entity(importId, entityId), { set: { awaitsArchiving: isArchived } });
}

describe('the membership that an import gives the importing user', () => {
  it.each(['14.0.0-ee', '17.11.2-ee', '18.6.0-ee'])('is removed at GitLab %s', async version => {
    const { bench, project, migration } = await imported({ gitlabs: { version } });

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(isMember(bench, project)).toBe(false);
    expect(await migration.failures()).toEqual([]);
  });

  it('is removed also where memberships are not migrated', async () => {
    const { bench, project, migration } = await imported();
    const { importId, entityId } = migration;
    await updateItem(keys.entity(importId, entityId), { set: { relations: { members: false } } });

    await migration.run(handler);

    expect(isMember(bench, project)).toBe(false);
  });

  it('is removed where the user of the source token, who is another person, is a member there', async () => {
    const { bench, project, migration } = await imported({
      here: { members: [{ username: 'source-admin', accessLevel: 40 }] },
    });

    await migration.run(handler);

    expect(isMember(bench, project)).toBe(false);
  });

  it('is removed where the user is a member of the group only, at the source too', async () => {
    const bench = await startBench();
    bench.source.addUser({ username: 'importer', publicEmail: 'importer@public.example' });
    const { destination } = addProjects(
      bench,
      { group: { members: [{ username: 'importer', accessLevel: 50 }] } },
      { project: { members: [MAINTAINER] } },
    );

    await (await projectMigration(bench, 'finisher')).run(handler);

    expect(isMember(bench, destination)).toBe(false);
  });

  describe('stays where the source has it', () => {
    /** Somebody at the source who is a member of the project, behind a page of others. */
    async function withMember(attributes: { username: string; publicEmail?: string }, relations = {}) {
      const bench = await startBench();
      const others = Array.from({ length: 101 }, (_, index) => `other-${index}`);
      for (const username of others) bench.source.addUser({ username });
      bench.source.addUser(attributes);
      const { destination: project } = addProjects(
        bench,
        {
          project: {
            members: [...others, attributes.username].map(username => ({ username, accessLevel: 30 })),
          },
        },
        { project: { members: [MAINTAINER] } },
      );
      const migration = await projectMigration(bench, 'finisher');
      const { importId, entityId } = migration;
      await updateItem(keys.entity(importId, entityId), { set: { relations } });
      await migration.run(handler);
      expect(await migration.failures()).toEqual([]);
      return { bench, project };
    }

    it('under the same address', async () => {
      const somebody = { username: 'somebody', publicEmail: 'Importer@public.example' };
      const { bench, project } = await withMember(somebody);

      expect(isMember(bench, project)).toBe(true);
    });

    it('under the same address where memberships are not migrated', async () => {
      const somebody = { username: 'somebody', publicEmail: 'importer@public.example' };
      const { bench, project } = await withMember(somebody, { members: false });

      expect(isMember(bench, project)).toBe(true);
    });

    it('under the same name, of one who shows no address', async () => {
      const { bench, project } = await withMember({ username: 'importer' });

      expect(isMember(bench, project)).toBe(true);
    });

    it('under the address that GitLab shows only to its owner, of the user of the source token', async () => {
      const { bench, project, migration } = await imported({
        here: { members: [{ username: 'source-admin', accessLevel: 30 }] },
      });
      setFault(bench.source, { path: '/user' }, changed({ email: 'importer@example.com' }));

      await migration.run(handler);

      expect(isMember(bench, project)).toBe(true);
    });

    it('and goes where that is somebody else of the same name', async () => {
      const { bench, project } = await withMember({
        username: 'importer',
        publicEmail: 'somebody@public.example',
      });

      expect(isMember(bench, project)).toBe(false);
    });
  });

  it.each<[string, (bench: Bench) => Partial<SampleMember>]>([
    ['is older than the import', () => ({ createdAt: '2020-01-01T00:00:00.000Z' })],
    ['is higher than an import gives', () => ({ accessLevel: 50 })],
    ['ends on a day', () => ({ expiresAt: '2099-12-31' })],
    [
      'was given by somebody else',
      bench => ({ createdById: bench.destination.addUser({ username: 'owner' }).id }),
    ],
  ])('stays where it is none of the import: one that %s', async (_, change) => {
    const { bench, project, migration } = await imported();
    changeMembership(bench, project, change(bench));

    await migration.run(handler);

    expect(isMember(bench, project)).toBe(true);
    expect(await migration.failures()).toEqual([]);
  });

  describe('where the group does not give its user Maintainer', () => {
    it('stays, and the reason is told', async () => {
      const { bench, group, project, migration } = await imported();
      for (const member of group.members) member.accessLevel = 30;

      await migration.run(handler);

      expect(isMember(bench, project)).toBe(true);
      expect(await migration.failures()).toEqual([
        expect.objectContaining({
          relation: 'finisher',
          pipelineClass: 'BulkImports::Common::Pipelines::EntityFinisher',
          sourceTitle: 'acme/shop',
          exceptionMessage:
            "GitLab's import has made the importing user a member of the project, whom the source does not have. That was left: the group gives them the level Developer, less than Maintainer. Give them that in the group, or remove them by hand when all is done.",
        }),
      ]);
    });

    it('stays where they have no access but by it', async () => {
      const { bench, group, project, migration } = await imported();
      group.members.length = 0;

      await migration.run(handler);

      expect(isMember(bench, project)).toBe(true);
      expect(await messages(migration)).toEqual([expect.stringContaining('the group gives them no access')]);
    });

    it('goes for an administrator', async () => {
      const { bench, group, project, migration } = await imported();
      group.members.length = 0;
      setFault(bench.destination, { path: '/user' }, changed({ is_admin: true }));

      await migration.run(handler);

      expect(isMember(bench, project)).toBe(false);
    });
  });

  it('is left with a failure when the destination refuses, and the rest is done', async () => {
    const { bench, project, migration } = await imported({ here: { archived: true } });
    setFault(bench.destination, REMOVAL, refused(403, '403 Forbidden'));

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(project.archived).toBe(true);
    expect(await messages(migration)).toEqual([
      "GitLab's import has made the importing user a member of the project, whom the source does not have, and the destination refused to remove them: 403 Forbidden. Remove them by hand: Manage, Members.",
    ]);
    expect(await migration.entity()).toMatchObject({ status: 'finished', hasFailures: true });
  });

  it('is left with a failure when the members of the source cannot be seen', async () => {
    const { bench, project, migration } = await imported();
    setFault(bench.source, { path: '/graphql' }, refused(403, '403 Forbidden'));

    await migration.run(handler);

    expect(isMember(bench, project)).toBe(true);
    expect(await messages(migration)).toEqual([expect.stringContaining('list the members of the project')]);
  });
});

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
