import { describe, expect, it } from 'vitest';
import { members } from '../../lambdas/pipelines/members.ts';
import type { AccessLevel, SampleGroup, SampleMember, SampleUser } from '../../lib/gitlab-simulator/model.ts';
import { requestsTo } from '../support/gitlab/gitlab-faults.ts';
import { ACME, type Bench, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(members);

useTableInMemory();

/** A user at both GitLabs with the same public address; returns the membership's seed and the user over there. */
function addPerson(bench: Bench, username: string, accessLevel: AccessLevel = 30) {
  const publicEmail = `${username}@public.example`;
  bench.source.addUser({ username, publicEmail });
  return {
    seed: { username, accessLevel },
    there: bench.destination.addUser({ username: `${username}-there`, publicEmail }),
  };
}

function membershipOf(group: SampleGroup, user: SampleUser): SampleMember | undefined {
  return group.members.find(({ userId }) => userId === user.id);
}

describe('the members pipeline', () => {
  it('skips members without a public address, and without a user at the destination', async () => {
    const bench = await startBench();
    bench.source.addUser({ username: 'private', email: 'private@example.com' });
    bench.destination.addUser({ username: 'private', publicEmail: 'private@example.com' });
    bench.source.addUser({ username: 'absent', publicEmail: 'absent@public.example' });
    const group = bench.addPair({
      members: [
        { username: 'private', accessLevel: 30 },
        { username: 'absent', accessLevel: 30 },
      ],
    });
    const migration = await bench.migration('members', ACME);

    await migration.run(handler);

    expect(group.members).toHaveLength(1);
    expect((await migration.tracker()).counts).toMatchObject({
      source: 2,
      imported: 0,
      skipped: 2,
      skips: { no_public_email: 1, no_user: 1 },
      failed: 0,
    });
    expect(await migration.failures()).toEqual([]);
    expect(requestsTo(bench.destination, { path: '/users' })).toHaveLength(1);
  });

  it('skips invitations that nobody has accepted, and memberships without access, unasked', async () => {
    const bench = await startBench();
    const [ada, ben] = [addPerson(bench, 'ada'), addPerson(bench, 'ben')];
    bench.addPair({ members: [ada.seed, ben.seed] });
    const [invitation, withoutAccess] = bench.source.group('acme')?.members ?? [];
    if (invitation) Object.assign(invitation, { userId: 4711 });
    if (withoutAccess) withoutAccess.accessLevel = 0;
    const migration = await bench.migration('members', ACME);

    await migration.run(handler);

    expect((await migration.tracker()).counts).toMatchObject({
      source: 2,
      skips: { invitation: 1, no_access: 1 },
    });
    expect(requestsTo(bench.destination, { path: '/users' })).toEqual([]);
  });

  it('reads pages of invitations, which all look the same, to their end', async () => {
    const bench = await startBench();
    const ada = addPerson(bench, 'ada');
    const invitations = Array.from({ length: 350 }, (_, index) => ({
      email: `guest-${index}@public.example`,
      accessLevel: 10 as const,
    }));
    const group = bench.addPair({ members: [ada.seed] });
    bench.source.group('acme')?.invitations.push(
      ...invitations.map((invitation, index) => ({
        ...invitation,
        id: 900_000_000 + index,
        expiresAt: null,
        createdAt: group.createdAt,
        updatedAt: group.createdAt,
      })),
    );
    const migration = await bench.migration('members', ACME);

    await migration.run(handler);

    expect((await migration.tracker()).counts).toMatchObject({
      source: 351,
      imported: 1,
      skips: { invitation: 350 },
    });
    expect(await migration.failures()).toEqual([]);
  });

  it.each(['name', 'username'] as const)(
    'does not fall for a %s that is an address of somebody',
    async field => {
      const bench = await startBench();
      bench.source.addUser({ username: 'ada', publicEmail: 'ada@public.example' });
      const impostor = bench.destination.addUser({ username: 'impostor' });
      impostor[field] = 'ada@public.example';
      const group = bench.addPair({ members: [{ username: 'ada', accessLevel: 50 }] });
      const migration = await bench.migration('members', ACME);

      await migration.run(handler);

      expect(requestsTo(bench.destination, { path: '/users' })).toHaveLength(1);
      expect(membershipOf(group, impostor)).toBeUndefined();
      expect((await migration.tracker()).counts).toMatchObject({ source: 1, skipped: 1 });
    },
  );

  it('leaves the importing user as they are', async () => {
    const bench = await startBench();
    bench.source.addUser({ username: 'me', publicEmail: 'importer@public.example' });
    bench.source.addGroup({ name: 'Acme', path: 'acme', members: [{ username: 'me', accessLevel: 50 }] });
    const members = [{ username: 'importer', accessLevel: 40 } as const];
    const group = bench.destination.addGroup({ name: 'Acme', path: 'acme', members });
    const migration = await bench.migration('members', ACME);

    await migration.run(handler);

    expect(group.members).toEqual([expect.objectContaining({ userId: bench.importerId, accessLevel: 40 })]);
    expect(requestsTo(bench.destination, { method: 'POST', path: '/members' })).toEqual([]);
    expect((await migration.tracker()).counts).toMatchObject({ source: 1, skips: { importing_user: 1 } });
  });

  it.each([
    { there: 40, source: 30, result: 40, counted: 'skipped' },
    { there: 30, source: 30, result: 30, counted: 'imported' },
    { there: 20, source: 30, result: 30, counted: 'imported' },
  ] as const)('gives level $result to a member with $there there and $source at the source', async c => {
    const bench = await startBench();
    const ada = addPerson(bench, 'ada', c.source);
    bench.source.addGroup({ name: 'Acme', path: 'acme', members: [ada.seed] });
    const group = bench.addDestinationGroup({
      name: 'Acme',
      path: 'acme',
      members: [{ username: ada.there.username, accessLevel: c.there }],
    });
    const migration = await bench.migration('members', ACME);

    await migration.run(handler);

    expect(group.members.filter(({ userId }) => userId === ada.there.id)).toHaveLength(1);
    expect(membershipOf(group, ada.there)?.accessLevel).toBe(c.result);
    expect((await migration.tracker()).counts).toMatchObject({ source: 1, [c.counted]: 1, failed: 0 });
    expect(await migration.failures()).toEqual([]);
  });

  it('skips a member who inherits a higher level from the parent at the destination', async () => {
    const bench = await startBench();
    const ada = addPerson(bench, 'ada', 30);
    bench.source.addGroup({ name: 'Acme', path: 'acme', members: [ada.seed] });
    bench.addDestinationGroup({
      name: 'Home',
      path: 'home',
      members: [{ username: ada.there.username, accessLevel: 40 }],
    });
    const group = bench.addDestinationGroup({ name: 'Acme', path: 'acme', parent: 'home' });
    const migration = await bench.migration('members', { from: 'acme', to: 'home/acme' });

    await migration.run(handler);

    expect(membershipOf(group, ada.there)).toBeUndefined();
    expect((await migration.tracker()).counts).toMatchObject({
      source: 1,
      skips: { has_access: 1 },
      failed: 0,
    });
  });

  it('does not lower a level that was given while the pipeline ran', async () => {
    const bench = await startBench();
    const ada = addPerson(bench, 'ada', 20);
    const group = bench.addPair({ members: [ada.seed] });
    bench.destination.onRequest = ({ method, path }) => {
      if (method === 'POST' && path.endsWith('/members')) {
        const createdAt = new Date().toISOString();
        const membership = {
          id: 1,
          userId: ada.there.id,
          accessLevel: 40,
          expiresAt: null,
          createdById: null,
        };
        group.members.push({ ...membership, accessLevel: 40, createdAt, updatedAt: createdAt });
      }
      return undefined;
    };
    const migration = await bench.migration('members', ACME);

    await migration.run(handler);

    expect(membershipOf(group, ada.there)?.accessLevel).toBe(40);
    expect((await migration.tracker()).counts).toMatchObject({ source: 1, failed: 0 });
  });
});
