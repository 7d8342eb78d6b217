import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../lambdas/domain/secret.ts';
import { findUsersByEmail } from '../../lambdas/gitlab/api/users.ts';
import { TemporaryError } from '../../lambdas/gitlab/errors.ts';
import type { SampleUser } from '../../lib/gitlab-simulator/model.ts';
import { SampleGitLab, type SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { clientFor, errorOf } from '../support/gitlab/gitlab-client.ts';
import { refused, requestsTo, setFault, throttled } from '../support/gitlab/gitlab-faults.ts';

let running: SampleGitLab | undefined;

afterEach(async () => {
  await running?.stop();
  running = undefined;
});

/** A GitLab with the user `ann`, and a client with her token. */
async function startGitLab(admin = false) {
  const gitlab = await new SampleGitLab().start();
  running = gitlab;
  gitlab.addUser({ username: 'ann', admin });
  gitlab.addToken('fake-ann-token', { username: 'ann', scopes: ['read_api'] });
  return { gitlab, client: clientFor(gitlab.url, { token: new Secret('fake-ann-token') }).client };
}

/** Makes the list of users like that of GitLab 16, which shows no address to those who are no administrators. */
function hideAddresses(gitlab: SampleGitLab, users: SampleUser[]): void {
  const matching = (text: string) =>
    users.filter(({ publicEmail, username, name }) => [publicEmail, username, name].includes(text));
  gitlab.onRequest = (request: SampleRequest) => {
    const respond = (body: unknown) =>
      ({ kind: 'respond', status: 200, body: JSON.stringify(body) }) as const;
    if (request.path === '/api/v4/users') {
      const hits = matching(request.query.get('search') ?? '');
      return respond(hits.map(({ id, username, name }) => ({ id, username, name, state: 'active' })));
    }
    const { variables } = request.body as { variables: { usernames: string[] } };
    const nodes = users
      .filter(({ username }) => variables.usernames.includes(username))
      .map(({ id, publicEmail }) => ({ id: `gid://gitlab/User/${id}`, publicEmail }));
    return respond({ data: { users: { nodes } } });
  };
}

describe('a user is found by an e-mail address', () => {
  it.each([
    { who: 'anybody', admin: false, user: { publicEmail: 'ben@example.COM' }, result: true },
    { who: 'anybody', admin: false, user: { email: 'ben@example.com' }, result: false },
    { who: 'an administrator', admin: true, user: { email: 'ben@example.com' }, result: true },
    {
      who: 'an administrator',
      admin: true,
      user: { email: 'ben@example.com', confirmed: false },
      result: false,
    },
  ])('by $who: $result for $user', async ({ admin, user, result }) => {
    const { gitlab, client } = await startGitLab(admin);
    const ben = gitlab.addUser({ username: 'ben', ...user });

    const found = findUsersByEmail(client, ['Ben@Example.com']);

    expect(await found.get('Ben@Example.com')).toBe(result ? ben.id : null);
  });
});

describe('where the list of users shows no addresses', () => {
  it('they are asked for in one document for all hits', async () => {
    const { gitlab, client } = await startGitLab();
    const people = Array.from({ length: 20 }, (_, index) =>
      gitlab.addUser({ username: `user-${index}`, publicEmail: `User-${index}@example.com` }),
    );
    const emails = people.map(({ publicEmail }) => publicEmail ?? '');
    hideAddresses(gitlab, people);

    const found = findUsersByEmail(client, [...emails, 'nobody@example.com']);

    expect(await Promise.all(found.values())).toEqual([...people.map(({ id }) => id), null]);
    expect(requestsTo(gitlab, { path: '/users' })).toHaveLength(21);
    expect(requestsTo(gitlab, { path: '/api/graphql' })).toHaveLength(1);
  });

  it('a hit by name is nobody, and so is one without a public address', async () => {
    const { gitlab, client } = await startGitLab();
    const impostors = [
      gitlab.addUser({ username: 'one', name: 'ada@example.com', publicEmail: 'one@example.com' }),
      gitlab.addUser({ username: 'two', name: 'ada@example.com' }),
    ];
    hideAddresses(gitlab, impostors);

    expect(await findUsersByEmail(client, ['ada@example.com']).get('ada@example.com')).toBeNull();
    expect(requestsTo(gitlab, { path: '/api/graphql' })).toHaveLength(1);
  });
});

describe('trouble with a look-up', () => {
  const EMAILS = Array.from({ length: 50 }, (_, index) => `user-${index}@example.com`);

  it('that passes lets no more begin', async () => {
    const { gitlab, client } = await startGitLab();
    setFault(
      gitlab,
      { path: '/users', where: ({ query }) => query.get('search') === EMAILS[0] },
      throttled(60),
    );

    const [first, ...others] = findUsersByEmail(client, EMAILS).values();

    expect(await errorOf(first ?? Promise.resolve())).toBeInstanceOf(TemporaryError);
    const results = await Promise.all(others);
    expect(results.filter(result => result === undefined).length).toBeGreaterThan(30);
    expect(requestsTo(gitlab, { path: '/users' }).length).toBeLessThan(15);
  });

  it('that is a refusal is the trouble of its address only', async () => {
    const { gitlab, client } = await startGitLab();
    const where = ({ query }: SampleRequest) => query.get('search') === EMAILS[0];
    setFault(gitlab, { path: '/users', where }, refused(403, '403 Forbidden'));

    const [first, ...others] = findUsersByEmail(client, EMAILS).values();

    expect(String(await errorOf(first ?? Promise.resolve()))).toContain('403 Forbidden');
    expect(new Set(await Promise.all(others))).toEqual(new Set([null]));
  });
});
