import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { keys } from '../../lambdas/store/keys.ts';
import { getItem } from '../../lambdas/store/table.ts';
import { ACCESS_LEVELS, type AccessLevel } from '../../lib/gitlab-simulator/model.ts';
import { requestsTo } from '../support/gitlab/gitlab-faults.ts';
import { until } from '../support/service/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service/service.ts';

const ROLES = ['guest', 'planner', 'reporter', 'developer', 'maintainer', 'owner'] as const;
/** Groups at the destination, by who may create groups in them. */
const LEVELS = ['maintainer', 'owner'] as const;
const tokenOf = (username: string) => `sample-${username}-token`;

let service: TestService;
beforeAll(async () => {
  service = await startService();
  const { destination } = service;
  for (const username of [...ROLES, 'outsider', 'heiress', 'newcomer']) {
    destination.addUser({ username, canCreateGroup: username !== 'newcomer' });
    destination.addToken(tokenOf(username), { username });
  }
  destination.addToken('sample-owner-read-token', { username: 'owner', scopes: ['read_api'] });
  const members = ROLES.map(username => ({ username, accessLevel: ACCESS_LEVELS[username] }));
  destination.addGroup({
    name: 'Above',
    path: 'above',
    visibility: 'public',
    members: [{ username: 'heiress', accessLevel: ACCESS_LEVELS.owner }],
  });
  for (const subgroupCreationLevel of LEVELS) {
    const path = `for-${subgroupCreationLevel}s`;
    const settings = { subgroupCreationLevel };
    destination.addGroup({ name: path, path, parent: 'above', visibility: 'public', settings, members });
  }
  destination.addGroup({ name: 'Hidden', path: 'hidden', members });
});
afterEach(() => {
  service.destination.onRequest = undefined;
});

/** Creates a group at the destination itself, without this service. @returns GitLab's status */
async function createThere(token: string, namespace: string, path: string): Promise<number> {
  const parent_id = service.destination.group(namespace)?.id;
  const response = await fetch(`${service.destination.url}/api/v4/groups`, {
    method: 'POST',
    headers: { 'private-token': token, 'content-type': 'application/json' },
    body: JSON.stringify({ name: path, path, ...(namespace !== '' && { parent_id }) }),
  });
  return response.status;
}

const everything = () => service.destination.groups().map(({ fullPath }) => fullPath);
/** Whoever stores an import takes an id for it first. */
const idsTaken = () => getItem(keys.counter('IMPORT'));

async function expectRefusal(token: string, namespace: string, status: number, body: unknown): Promise<void> {
  const { destination, api } = service;
  const [groups, stored, requests] = [everything(), await idsTaken(), destination.requests.length];

  const answer = await api.post([{ destination_slug: 'refused', destination_namespace: namespace }], token);

  expect([answer.status, answer.body]).toEqual([status, body]);
  const writes = destination.requests
    .slice(requests)
    .filter(({ method, path }) => method !== 'GET' && path !== '/api/graphql');
  expect(writes).toEqual([]);
  expect(everything()).toEqual(groups);
  expect(await idsTaken()).toEqual(stored);
}

const noRight = (namespace: string) => ({
  message: `Import failed. '${namespace}' is invalid, or you do not have permission.`,
});
const tooSmall = {
  error: 'insufficient_scope',
  error_description: 'The request requires higher privileges than provided by the access token.',
  scope: 'api',
};

describe('who may create the group at the destination may have it imported, with their own token:', () => {
  it.each([
    ['maintainer', 'above/for-maintainers'],
    ['owner', 'above/for-maintainers'],
    ['owner', 'above/for-owners'],
    ['owner', 'hidden'],
    ['heiress', 'above/for-owners'],
    ['admin', 'above/for-owners'],
    ['admin', 'hidden'],
    ['owner', ''],
    ['outsider', ''],
    ['admin', ''],
  ])('%s in "%s"', async (user, namespace) => {
    const { destination, api } = service;
    const slug = `by-${user}${namespace.replaceAll('/', '-')}`;

    const importId = await api.start(
      [{ destination_slug: slug, destination_namespace: namespace }],
      tokenOf(user),
    );

    const created = await until('the group', () =>
      destination.group(namespace === '' ? slug : `${namespace}/${slug}`),
    );
    await api.call('POST', `/bulk_imports/${importId}/cancel`, { token: tokenOf(user) });
    expect(created.path).toBe(slug);
    const writers = requestsTo(destination, { method: 'POST', path: '/groups' })
      .filter(({ body, status }) => (body as { path: string }).path === slug && status === 201)
      .map(request => request.user);
    expect(writers).toEqual([user]);
    expect(await createThere(tokenOf(user), namespace, `${slug}-there`)).toBe(201);
  });
});

describe('who may not create it there may not here, and nothing is written:', () => {
  it.each([
    ...ROLES.slice(0, 4).map(role => [role, 'above/for-maintainers']),
    ...ROLES.slice(0, 5).map(role => [role, 'above/for-owners']),
    ['maintainer', 'above'],
    ['outsider', 'above/for-maintainers'],
    ['outsider', 'hidden'],
    ['newcomer', 'above/for-maintainers'],
    ['newcomer', ''],
    ['nina', ''],
  ])('%s in "%s"', async (user = '', namespace = '') => {
    await expectRefusal(tokenOf(user), namespace, 422, noRight(namespace));

    expect(await createThere(tokenOf(user), namespace, 'there')).toBeGreaterThanOrEqual(403);
  });

  it.each([
    ['the scope read_api', 'sample-owner-read-token', 403, tooSmall],
    ['no account', 'sample-unknown-token', 401, { message: '401 Unauthorized' }],
  ])('a token with %s', async (_, token, status, body) => {
    await expectRefusal(token, 'above/for-owners', status, body);

    expect(await createThere(token, 'above/for-owners', 'there')).toBe(status);
  });
});

it('a right that is lost after the POST is missing at the write: the import fails and nothing is created', async () => {
  const { destination, api } = service;
  const member = destination
    .group('above/for-owners')
    ?.members.find(({ accessLevel }) => accessLevel === ACCESS_LEVELS.owner);
  const setLevel = (accessLevel: AccessLevel) => Object.assign(member ?? {}, { accessLevel });
  destination.onRequest = ({ method, path }) => {
    if (method === 'POST' && path.endsWith('/groups')) setLevel(ACCESS_LEVELS.maintainer);
    return undefined;
  };

  const importId = await api.start(
    [{ destination_slug: 'demoted', destination_namespace: 'above/for-owners' }],
    tokenOf('owner'),
  );
  const record = await api.untilEnded(importId, tokenOf('owner'));
  setLevel(ACCESS_LEVELS.owner);

  expect(record).toMatchObject({ status: 'failed', has_failures: true });
  const [entity] = await api.getEntities(importId, tokenOf('owner'));
  expect(entity?.failures).toMatchObject([
    { exception_message: expect.stringContaining('User not allowed to create group') },
  ]);
  expect(everything()).not.toContain('above/for-owners/demoted');
});
