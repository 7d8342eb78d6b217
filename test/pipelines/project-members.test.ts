import { expect, it } from 'vitest';
import { members } from '../../lambdas/pipelines/members.ts';
import type { AccessLevel } from '../../lib/gitlab-simulator/model.ts';
import type { SampleProject } from '../../lib/gitlab-simulator/project-model.ts';
import { requestsTo } from '../support/gitlab/gitlab-faults.ts';
import { type Bench, FINISHED, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { addProjects, projectMigration } from '../support/service/project-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(members, 'projects');

useTableInMemory();

const OLD = { version: '14.0.0-ee' };

/** Users at both GitLabs with the same public addresses; returns their ids over there, by name. */
function addPeople(bench: Bench, ...names: string[]): Map<string, number> {
  return new Map(
    names.map(username => {
      const publicEmail = `${username}@public.example`;
      bench.source.addUser({ username, publicEmail });
      return [username, bench.destination.addUser({ username, publicEmail }).id];
    }),
  );
}

const levelOf = (project: SampleProject, userId: number | undefined) =>
  project.members.find(member => member.userId === userId)?.accessLevel;

const member = (username: string, accessLevel: AccessLevel) => ({ username, accessLevel });

it.each(['14.0.0-ee', '17.11.2-ee'])('moves the members of a project at GitLab %s', async version => {
  const bench = await startBench({ source: { version }, destination: { version } });
  const people = addPeople(bench, 'ada', 'ben', 'cleo');
  const { destination } = addProjects(bench, {
    project: {
      members: [member('ada', 40), { ...member('ben', 20), expiresAt: '2099-12-31' }, member('cleo', 30)],
    },
  });
  const migration = await projectMigration(bench, 'members', { sourceVersion: version });

  expect(await migration.run(handler)).toEqual(FINISHED);

  expect(levelOf(destination, people.get('ada'))).toBe(40);
  expect(levelOf(destination, people.get('cleo'))).toBe(30);
  expect(destination.members.find(({ userId }) => userId === people.get('ben'))).toMatchObject({
    accessLevel: 20,
    expiresAt: '2099-12-31',
  });
  expect((await migration.entity()).stats.members).toMatchObject({ source: 3, imported: 3, failed: 0 });
});

it('skips who has as much access from the group of the project', async () => {
  const bench = await startBench();
  const people = addPeople(bench, 'ada', 'ben');
  const { destination } = addProjects(
    bench,
    { project: { members: [member('ada', 30), member('ben', 40)] } },
    { group: { members: [member('ada', 30), member('ben', 30)] } },
  );
  const migration = await projectMigration(bench, 'members');

  await migration.run(handler);

  expect(levelOf(destination, people.get('ada'))).toBeUndefined();
  expect(levelOf(destination, people.get('ben'))).toBe(40);
  expect((await migration.tracker()).counts).toMatchObject({ imported: 1, skips: { has_access: 1 } });
});

it('makes who is a member above the project at the source one of the project', async () => {
  const bench = await startBench();
  const people = addPeople(bench, 'ada');
  const { destination } = addProjects(bench, { group: { members: [member('ada', 30)] } });

  await (await projectMigration(bench, 'members')).run(handler);

  expect(levelOf(destination, people.get('ada'))).toBe(30);
});

it('says which level a destination does not give on projects, and what to do', async () => {
  const bench = await startBench({ destination: OLD });
  addPeople(bench, 'ada');
  addProjects(bench, { project: { members: [member('ada', 50)] } });
  const migration = await projectMigration(bench, 'members');

  await migration.run(handler);

  expect(await migration.failures()).toEqual([
    expect.objectContaining({
      exceptionClass: 'BulkImports::UnsupportedByDestinationError',
      exceptionMessage:
        "The destination GitLab does not give projects access level 50 (Owner): access_level is not included in the list. Give 'ada' another level there by hand.",
    }),
  ]);
});

it('unarchives a project that came archived, before it adds members', async () => {
  const bench = await startBench();
  const people = addPeople(bench, 'ada');
  const { destination } = addProjects(
    bench,
    { project: { archived: true, members: [member('ada', 30)] } },
    { project: { archived: true } },
  );
  const migration = await projectMigration(bench, 'members');

  await migration.run(handler);

  expect(levelOf(destination, people.get('ada'))).toBe(30);
  expect(destination.archived).toBe(false);
  expect(await migration.failures()).toEqual([]);
});

it('says what to do when the project cannot be unarchived', async () => {
  const bench = await startBench();
  addPeople(bench, 'ada');
  const { group } = addProjects(
    bench,
    { project: { members: [member('ada', 30)] } },
    { project: { archived: true } },
  );
  for (const one of group.members) one.accessLevel = 40;
  const migration = await projectMigration(bench, 'members');

  await migration.run(handler);

  expect(await migration.failures()).toEqual([
    expect.objectContaining({
      exceptionMessage:
        'The project came archived, and the destination refused to unarchive it, so that nothing more can be written into it: 403 Forbidden. Import it again with a token of an Owner of its group.',
    }),
  ]);
});

it('changes nothing when it runs again', async () => {
  const bench = await startBench();
  addPeople(bench, 'ada', 'ben', 'cleo');
  const people = [member('ada', 30), member('ben', 30), member('cleo', 20)];
  const { destination } = addProjects(bench, { project: { members: people } });
  await (await projectMigration(bench, 'members')).run(handler);
  const before = structuredClone(destination);
  const writes = requestsTo(bench.destination, { method: 'POST', path: '/members' }).length;
  const again = await projectMigration(bench, 'members');

  await again.run(handler);

  expect(destination).toEqual(before);
  expect(requestsTo(bench.destination, { method: 'POST', path: '/members' })).toHaveLength(writes);
  expect((await again.tracker()).counts).toMatchObject({ imported: 3, failed: 0 });
});
