import { beforeEach, describe, expect, it } from 'vitest';
import { BrokenArchiveError } from '../../lambdas/archives/archive-entries.ts';
import { Secret } from '../../lambdas/domain/secret.ts';
import type { MappingTarget } from '../../lambdas/domain/user-mapping.ts';
import { GitLabClient } from '../../lambdas/gitlab/client.ts';
import { TemporaryError } from '../../lambdas/gitlab/errors.ts';
import { mappedMembers } from '../../lambdas/pipelines/archived-members.ts';
import type { SampleUserSeed } from '../../lib/gitlab-simulator/seed.ts';
import { requestsTo, setFault } from '../support/gitlab/gitlab-faults.ts';
import { type Bench, DESTINATION_TOKEN, startBench } from '../support/service/pipeline-bench.ts';
import { newImport } from '../support/table/records.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';
import { newMapping, type Targets } from '../support/table/user-mappings.ts';

useTableInMemory();

let bench: Bench;
beforeEach(async () => {
  bench = await startBench({ isAdministrator: true });
});
const add = (seed: SampleUserSeed) => bench.destination.addUser(seed);

/** A run of an import with this mapping. */
async function contextWith(targets: Targets) {
  const { destination } = bench;
  const client = new GitLabClient({
    instance: 'destination',
    baseUrl: destination.url,
    token: new Secret(DESTINATION_TOKEN),
    policy: 'any',
  });
  return { bulkImport: newImport({ userMappingId: await newMapping(bench, targets) }), destination: client };
}

const rowOf = (id: number, user: object = {}, others: object = {}) => ({
  access_level: 30,
  user_id: id,
  expires_at: '2027-01-01',
  ...others,
  user: { id, username: `p-${id}`, public_email: '', ...user },
});
const linesOf = (rows: object[]) => rows.map(row => `${JSON.stringify(row)}\n`).join('');

/** What becomes of rows by a mapping. */
async function mapped(rows: object[], targets: Targets): Promise<unknown[]> {
  const result = (await mappedMembers(Buffer.from(linesOf(rows)), await contextWith(targets))).toString();
  expect(result === '' || result.endsWith('\n')).toBe(true);
  return result
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line));
}

describe('a row of whom the mapping names somebody', () => {
  beforeEach(() => {
    add({ username: 'ada', email: 'Ada.Own@new.example', publicEmail: 'ada@shown.example' });
  });

  it.each<[string, MappingTarget]>([
    ['by user name', { username: 'ada' }],
    ['by user name in capitals', { username: 'ADA' }],
    ['by the address that they show', { email: 'ada@shown.example' }],
    ['by their own address', { email: 'ada.own@new.example' }],
    ['by both', { username: 'ada', email: 'ada@shown.example' }],
  ])(
    '%s is theirs, by the address that GitLab looks for, with the level and end that it had',
    async (_, target) => {
      const row = rowOf(
        7,
        { public_email: 'seven@old.example' },
        { access_level: 50, note: [1, { a: null }] },
      );

      expect(await mapped([row], { 7: target })).toEqual([
        { ...row, user: { id: 7, username: 'ada', public_email: 'Ada.Own@new.example' } },
      ]);
    },
  );

  it('has the old field, too, where it had it, and no more fields than it had', async () => {
    const old = { ...rowOf(7), user: { id: 7, email: 'seven@old.example' } };

    expect(await mapped([old], { 7: { username: 'ada' } })).toEqual([
      { ...old, user: { id: 7, email: 'Ada.Own@new.example', public_email: 'Ada.Own@new.example' } },
    ]);
  });
});

describe('a row is left out', () => {
  beforeEach(() => {
    add({ username: 'ada', email: 'ada@new.example', publicEmail: 'ada@new.example' });
    add({ username: 'ben', publicEmail: 'ben@new.example' });
    add({ username: 'blocked', state: 'blocked' });
    add({ username: 'bot', bot: true });
  });
  const shown = { public_email: 'ada@new.example' };

  it.each<[string, MappingTarget]>([
    ['to nobody, although somebody has its address', 'nobody'],
    ['to a name that nobody has', { username: 'nowhere' }],
    ['to an address that nobody has', { email: 'nowhere@new.example' }],
    ['to two people', { username: 'ada', email: 'ben@new.example' }],
    ['to somebody who is blocked', { username: 'blocked' }],
    ['to a bot', { username: 'bot' }],
  ])('that is mapped %s', async (_, target) => {
    expect(await mapped([rowOf(7, shown), rowOf(8, shown)], { 7: target })).toEqual([rowOf(8, shown)]);
  });

  it.each([
    ['of whom is found by an address that they do not show', rowOf(7, { email: 'ada@new.example' })],
    [
      'of whom is found so since there is no field for one',
      { ...rowOf(7), user: { id: 7, email: 'ada@new.example' } },
    ],
    ['of an invitation', { access_level: 30, invite_email: 'ada@new.example', user: null }],
    ['that names no user', { access_level: 30, user_id: 7 }],
    ['whose user has no id', { access_level: 30, user: { public_email: 'ada@new.example' } }],
    ['that is no object', [1]],
  ])('%s', async (_, row) => {
    expect(await mapped([row, rowOf(8, shown)], { 9: 'nobody' })).toEqual([rowOf(8, shown)]);
  });
});

describe('a row of whom the mapping says nothing', () => {
  it.each<[string, Targets]>([
    ['at all', { 9: 'nobody' }],
    ['yet', { 7: 'open' }],
  ])('%s stays, letter by letter', async (_, targets) => {
    const lines =
      ' {"user": {"id":7, "public_email":"x@old.example"},  "access_level":30}\n{"user":{"id":7}}\n';

    expect((await mappedMembers(Buffer.from(lines), await contextWith(targets))).toString()).toBe(lines);
  });

  it('is found by the address that it shows alone', async () => {
    const both = rowOf(7, { public_email: 'x@shown.example', email: 'x@hidden.example' });

    expect(await mapped([both], { 9: 'nobody' })).toEqual([
      rowOf(7, { public_email: 'x@shown.example', email: 'x@shown.example' }),
    ]);
  });
});

describe('the look-ups', () => {
  it('are one for all names, and one for each account, in all projects of an import', async () => {
    const people = Array.from({ length: 20 }, (_, index) => add({ username: `there-${index}` }));
    const targets = Object.fromEntries(people.map(({ username }, index) => [index + 1, { username }]));
    const context = await contextWith(targets);
    const rows = Buffer.from(linesOf(people.map((_, index) => rowOf(index + 1))));

    const results = await Promise.all([mappedMembers(rows, context), mappedMembers(rows, context)]);

    const shown = results.map(result => result.toString().match(/there-\d+@example\.com/g)?.length);
    expect(shown).toEqual([20, 20]);
    expect(requestsTo(bench.destination, { path: '/api/graphql' })).toHaveLength(1);
    expect(requestsTo(bench.destination, { path: /\/users\/\d+$/ })).toHaveLength(20);
  });

  it.each([
    ['names', { path: '/api/graphql' }],
    ['accounts', { path: /\/users\/\d+$/ }],
  ])('that meet trouble are no reason to leave anybody out: %s', async (_, where) => {
    add({ username: 'ada' });
    const context = await contextWith({ 7: { username: 'ada' } });
    const file = Buffer.from(linesOf([rowOf(7)]));
    setFault(bench.destination, where, { kind: 'respond', status: 502 });

    await expect(mappedMembers(file, context)).rejects.toThrow(TemporaryError);
    bench.destination.onRequest = undefined;

    expect((await mappedMembers(file, context)).toString()).toContain('ada@example.com');
  });

  it('of an account that is gone since leave its row out', async () => {
    add({ username: 'ada' });
    setFault(
      bench.destination,
      { path: /\/users\/\d+$/ },
      { kind: 'respond', status: 404, body: '{"message":"404 User Not Found"}' },
    );

    expect(await mapped([rowOf(7)], { 7: { username: 'ada' } })).toEqual([]);
  });

  it('of a token that sees no addresses end with advice', async () => {
    bench = await startBench();
    add({ username: 'ada' });

    await expect(mapped([rowOf(7)], { 7: { username: 'ada' } })).rejects.toThrow(/scope admin_mode/);
  });
});

it('a file with a line that is no record is none of GitLab', async () => {
  const context = await contextWith({ 7: 'nobody' });

  await expect(mappedMembers(Buffer.from('{"user":\n'), context)).rejects.toThrow(BrokenArchiveError);
});
