import { describe, expect, it } from 'vitest';
import { members } from '../../lambdas/pipelines/members.ts';
import type { AccessLevel } from '../../lib/gitlab-simulator/model.ts';
import { refused, requestsTo, setFault } from '../support/gitlab/gitlab-faults.ts';
import { ACME, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(members);

useTableInMemory();

const POST_MEMBER = { method: 'POST', path: '/members' } as const;

/** Ada is a member at the source and a user at the destination. */
async function startWithAda(accessLevel: number, expiresAt?: string) {
  const bench = await startBench();
  bench.source.addUser({ username: 'ada', publicEmail: 'ada@public.example' });
  const ada = bench.destination.addUser({ username: 'ada', publicEmail: 'ada@public.example' });
  const group = bench.addPair({
    members: [{ username: 'ada', accessLevel: 30, ...(expiresAt && { expiresAt }) }],
  });
  // The level of a GitLab that is newer than the simulated one.
  const [member] = bench.source.group('acme')?.members ?? [];
  if (member) member.accessLevel = accessLevel as AccessLevel;
  return { ...bench, ada, group, migration: await bench.migration('members', ACME) };
}

const created = (member: object) =>
  ({ kind: 'respond-after', status: 201, body: JSON.stringify(member) }) as const;

describe('a level that the destination does not know', () => {
  const NO_VALUE = 'does not have a valid value';
  const NOT_LISTED = 'is not included in the list';

  it.each([
    [25, '25 (Security Manager)', NO_VALUE, { error: `access_level ${NO_VALUE}` }],
    [25, '25 (Security Manager)', NOT_LISTED, { message: { access_level: [NOT_LISTED] } }],
    [27, '27', NOT_LISTED, { message: { access_level: [NOT_LISTED] } }],
    [5, '5 (Minimal Access)', NOT_LISTED, { message: { access_level: [NOT_LISTED] } }],
  ])('such as %i is a failure that names it: %s %s', async (level, named, reason, body) => {
    const { destination, migration } = await startWithAda(level);
    setFault(destination, POST_MEMBER, { kind: 'respond', status: 400, body: JSON.stringify(body) });

    await migration.run(handler);

    expect(requestsTo(destination, POST_MEMBER)[0]?.body).toMatchObject({ access_level: level });
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        exceptionClass: 'BulkImports::UnsupportedByDestinationError',
        exceptionMessage: `The destination GitLab does not know access level ${named}: access_level ${reason}. Give 'ada' another level there by hand.`,
      }),
    ]);
    expect((await migration.tracker()).counts).toMatchObject({ source: 1, failed: 1, skipped: 0 });
  });
});

it('gives a level that only a newer GitLab has where the destination takes it', async () => {
  const { ada, destination, migration } = await startWithAda(25);
  const member = { id: ada.id, access_level: 25, expires_at: null };
  setFault(destination, POST_MEMBER, { kind: 'respond', status: 201, body: JSON.stringify(member) });

  await migration.run(handler);

  expect((await migration.tracker()).counts).toMatchObject({ imported: 1, failed: 0 });
});

describe('a success that is none', () => {
  const QUEUED = 'Request queued for administrator approval.';

  it.each([
    [201, { message: { ada: QUEUED } }],
    [202, { message: { ada: QUEUED } }],
    [201, { status: 'queued', message: { ada: 'Pending' } }],
    [201, { status: 'success', queued_users: { ada: QUEUED } }],
  ])('of status %i with %o says that an administrator must approve', async (status, body) => {
    const { destination, migration } = await startWithAda(40);
    setFault(destination, POST_MEMBER, { kind: 'respond', status, body: JSON.stringify(body) });

    await migration.run(handler);

    const [failure] = await migration.failures();
    expect(failure?.exceptionClass).toBe('BulkImports::UnsupportedByDestinationError');
    expect(failure?.exceptionMessage).toMatch(
      /only after an administrator has approved it .+ Ask one to approve it/,
    );
    expect(failure?.exceptionMessage.length).toBeLessThanOrEqual(255);
    expect((await migration.tracker()).counts).toMatchObject({ imported: 0, failed: 1 });
  });

  it('because of an error is a refusal with its words', async () => {
    const { destination, migration } = await startWithAda(40);
    const body = JSON.stringify({ status: 'error', message: { ada: 'Seats are used up.' } });
    setFault(destination, POST_MEMBER, { kind: 'respond', status: 201, body });

    await migration.run(handler);

    const [failure] = await migration.failures();
    expect(failure).toMatchObject({
      exceptionClass: 'BulkImports::NetworkError',
      exceptionMessage: expect.stringContaining('did not add the member: Seats are used up. Correct it'),
    });
  });
});

describe('a member who is not shown as asked for', () => {
  it.each([
    [{ access_level: 20, expires_at: '2099-12-31' }, "access_level is '20' instead of '40'"],
    [{ access_level: 40, expires_at: null }, "expires_at is empty instead of '2099-12-31'"],
    [{ access_level: 40 }, "expires_at is empty instead of '2099-12-31'"],
  ])('but as %o is a failure', async (shown, said) => {
    const { ada, destination, group, migration } = await startWithAda(40, '2099-12-31');
    setFault(destination, POST_MEMBER, created({ id: ada.id, ...shown }));

    await migration.run(handler);

    expect(group.members.some(({ userId }) => userId === ada.id)).toBe(true);
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        exceptionClass: 'BulkImports::IncompleteRecordError',
        exceptionMessage: `The member is at the destination, but not as asked: ${said}. Correct it there by hand.`,
      }),
    ]);
    expect((await migration.tracker()).counts).toMatchObject({ imported: 0, failed: 1 });
  });
});

it('writes down a look-up that is refused, and adds the others', async () => {
  const { source, destination, group, migration } = await startWithAda(30);
  const { id } = source.addUser({ username: 'ben', publicEmail: 'ben@public.example' });
  const ben = destination.addUser({ username: 'ben', publicEmail: 'ben@public.example' });
  const { members = [] } = source.group('acme') ?? {};
  for (const member of [...members]) members.push({ ...member, id: member.id + 1, userId: id });
  setFault(
    destination,
    { path: '/users', where: ({ query }) => query.get('search') === 'ada@public.example' },
    refused(403, '403 Forbidden'),
  );

  await migration.run(handler);

  expect(group.members.map(({ userId }) => userId)).toContain(ben.id);
  expect((await migration.tracker()).counts).toMatchObject({ source: 2, imported: 1, failed: 1 });
  expect(await migration.failures()).toEqual([
    expect.objectContaining({
      step: 'loader',
      sourceTitle: 'ada',
      exceptionMessage: expect.stringContaining('look up a user by e-mail address: 403 Forbidden'),
    }),
  ]);
});
