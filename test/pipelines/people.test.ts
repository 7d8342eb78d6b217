import { describe, expect, it } from 'vitest';
import { Secret } from '../../lambdas/domain/secret.ts';
import { GitLabClient } from '../../lambdas/gitlab/client.ts';
import { TemporaryError } from '../../lambdas/gitlab/errors.ts';
import { findPeople, findPerson } from '../../lambdas/pipelines/people.ts';
import { getPeople } from '../../lambdas/store/people.ts';
import type { SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { requestsTo, setFault, throttled } from '../support/gitlab/gitlab-faults.ts';
import { type Bench, DESTINATION_TOKEN, startBench } from '../support/service/pipeline-bench.ts';
import { newId } from '../support/table/new-id.ts';
import { newImport } from '../support/table/records.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();

const EMAILS = ['ada@public.example', 'ben@public.example', 'cy@public.example'];

async function start() {
  const bench = await startBench();
  const ids = EMAILS.map(publicEmail => {
    const [username = ''] = publicEmail.split('@');
    return bench.destination.addUser({ username, publicEmail }).id;
  });
  return { bench, ids, context: contextOf(bench) };
}

/** An import of its own; `createdAt` makes another process of the same import. */
function contextOf({ destination }: Bench, id = newId(), createdAt = new Date().toISOString()) {
  const client = new GitLabClient({
    instance: 'destination',
    baseUrl: destination.url,
    token: new Secret(DESTINATION_TOKEN),
    policy: 'any',
  });
  return { bulkImport: newImport({ id, createdAt }), destination: client };
}

const lookUps = ({ destination }: Bench) => requestsTo(destination, { path: '/users' }).length;

describe('a person', () => {
  it('is looked up once per import, also when several groups ask at the same time', async () => {
    const { bench, ids, context } = await start();

    const found = await Promise.all([
      findPeople(context, EMAILS),
      findPeople(
        context,
        EMAILS.map(email => email.toUpperCase()),
      ),
      findPerson(context, 'Ada@Public.example'),
    ]);

    const expected = new Map(EMAILS.map((email, index) => [email, { userId: ids[index] }]));
    expect(found).toEqual([expected, expected, ids[0]]);
    expect(lookUps(bench)).toBe(3);
  });

  it('is known to another process of the import', async () => {
    const { bench, ids, context } = await start();
    await findPeople(context, EMAILS);
    const other = contextOf(bench, context.bulkImport.id, '2026-01-01T00:00:00.000Z');

    expect(await findPerson(other, 'ada@public.example')).toBe(ids[0]);
    expect(lookUps(bench)).toBe(3);
  });

  it('who is missing stays so for the import, and is looked up anew by the next one', async () => {
    const { bench, context } = await start();
    expect(await findPerson(context, 'new@public.example')).toBeNull();
    const { id } = bench.destination.addUser({ username: 'new', publicEmail: 'new@public.example' });

    expect(await findPerson(context, 'new@public.example')).toBeNull();
    expect(lookUps(bench)).toBe(1);
    expect(await findPerson(contextOf(bench), 'new@public.example')).toBe(id);
  });
});

describe('trouble with a look-up', () => {
  const ofAda = ({ query }: SampleRequest) => query.get('search') === EMAILS[0];

  it('is not remembered, and what was found beside it is', async () => {
    const { bench, ids, context } = await start();
    setFault(bench.destination, { path: '/users', where: ofAda, nth: 1 }, throttled(60));

    const people = await findPeople(context, EMAILS);

    expect(people.get('ada@public.example')).toEqual({ error: expect.any(TemporaryError) });
    expect(await getPeople(context.bulkImport, EMAILS)).toEqual(
      new Map([
        [EMAILS[1], ids[1]],
        [EMAILS[2], ids[2]],
      ]),
    );
    expect(await findPeople(context, EMAILS)).toEqual(
      new Map(EMAILS.map((email, index) => [email, { userId: ids[index] }])),
    );
    expect(lookUps(bench)).toBe(4);
  });

  it('leaves those out who were not looked up because of it', async () => {
    const { bench, context } = await start();
    const many = [...EMAILS, ...Array.from({ length: 50 }, (_, index) => `user-${index}@public.example`)];
    setFault(bench.destination, { path: '/users', where: ofAda }, throttled(60));

    const people = await findPeople(context, many);

    expect(people.has(many.at(-1) ?? '')).toBe(false);
    expect(await findPerson(context, many.at(-1) ?? '')).toBeNull();
  });
});
