import { describe, expect, it } from 'vitest';
import { keys } from '../../lambdas/store/keys.ts';
import { updateItem } from '../../lambdas/store/table-updates.ts';
import type { SampleMember } from '../../lib/gitlab-simulator/model.ts';
import type { SampleProject } from '../../lib/gitlab-simulator/project-model.ts';
import { refused, setFault } from '../support/gitlab/gitlab-faults.ts';
import { type Bench, FINISHED, startBench } from '../support/service/pipeline-bench.ts';
import { addProjects, projectMigration } from '../support/service/project-bench.ts';
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

useTableInMemory();
useArchivesFolder();

const REMOVAL = { method: 'DELETE', path: /\/projects\/\d+\/members\/\d+$/ } as const;

/** Makes the importing user's membership another than GitLab's import gives. */
function changeMembership({ importerId }: Bench, { members }: SampleProject, change: Partial<SampleMember>) {
  for (const [index, member] of members.entries())
    if (member.userId === importerId) members[index] = { ...member, ...change };
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
