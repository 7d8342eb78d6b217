import { beforeAll, describe, expect, it } from 'vitest';
import type { Fault, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { refuseDocuments } from '../support/gitlab/group-document.ts';
import { isLabelWrite } from '../support/gitlab/label-writes.ts';
import { addPeople, addTree } from '../support/gitlab/source-tree.ts';
import {
  changeResponses,
  isGraphql,
  isRest,
  migrate,
  type Outcome,
  startPair,
} from '../support/service/gitlab-pair.ts';
import { type ServiceInMemory, startServiceInMemory } from '../support/service/service-in-memory.ts';

let service: ServiceInMemory;
beforeAll(async () => {
  service = await startServiceInMemory();
});

const OWNER = { username: 'sofia', accessLevel: 50 } as const;

/** What the failure of a group says. */
const messageOf = (failures: Outcome['failures'], title: string) =>
  failures.find(({ source_title }) => source_title === title)?.exception_message;

describe('one attribute that the destination does not take costs that attribute', () => {
  it.each([
    ['16.7.0-ee', 500],
    ['16.6.0', 255],
  ])('a description of 800 characters at GitLab %s is shortened to %i', async (version, longest) => {
    const { source, destination, api } = await startPair(service, {
      source: { version: '19.1.0-ee' },
      destination: { version },
    });
    const description = `${'d'.repeat(longest - 1)}😀${'e'.repeat(800 - longest)}`;
    source.addGroup({
      name: 'Acme',
      path: 'acme',
      description,
      members: [OWNER],
      labels: [{ title: 'bug' }],
    });
    source.addGroup({ name: 'Team', path: 'team', parent: 'acme', description });

    const { record, failures } = await migrate(api);

    for (const path of ['imported/acme', 'imported/acme/team']) {
      expect(destination.group(path)?.description).toBe(`${'d'.repeat(longest - 1)}😀`);
    }
    expect(destination.group('imported/acme')?.labels).toHaveLength(1);
    expect(failures.map(({ source_title }) => source_title)).toEqual(['Acme', 'Team']);
    expect(failures[0]?.exception_message).toMatch(/description 'd+…'.*maximum is \d+ characters.*by hand/);
    expect(record).toMatchObject({ status: 'finished', has_failures: true });
  });

  it('two-factor authentication is not demanded where a top-level group forbids it', async () => {
    const { source, destination, api } = await startPair(service);
    destination.addUser({ username: 'tessa', twoFactorEnabled: true });
    destination.addToken('sample-tessa-token', { username: 'tessa' });
    destination.addGroup({
      name: 'Lax',
      path: 'lax',
      allowMfaForSubgroups: false,
      members: [{ username: 'tessa', accessLevel: 50 }],
    });
    const settings = { requireTwoFactorAuthentication: true };
    source.addGroup({ name: 'Acme', path: 'acme', settings, members: [OWNER], labels: [{ title: 'bug' }] });
    source.addGroup({ name: 'Team', path: 'team', parent: 'acme', labels: [{ title: 'own' }] });
    const start = api.start.bind(api);
    api.start = entities => start(entities, 'sample-tessa-token');
    const { untilEnded, getEntities } = api;
    api.untilEnded = id => untilEnded.call(api, id, 'sample-tessa-token');
    api.getEntities = id => getEntities.call(api, id, 'sample-tessa-token');

    const { record, failures } = await migrate(api, [{ destination_namespace: 'lax' }]);

    expect(failures).toHaveLength(1);
    expect(failures[0]?.exception_message).toMatch(
      /require_two_factor_authentication 'true': is forbidden by a top-level group.*by hand/,
    );
    expect(destination.group('lax/acme')?.settings.requireTwoFactorAuthentication).toBe(false);
    expect(destination.group('lax/acme')?.labels).toHaveLength(1);
    expect(destination.group('lax/acme/team')?.labels).toHaveLength(1);
    expect(record.status).toBe('finished');
  });
});

describe('two-factor authentication that the source demands and the caller does not have', () => {
  const settings = { requireTwoFactorAuthentication: true };

  it('is refused for the group that is asked for', async () => {
    const { source, api } = await startPair(service);
    source.addGroup({ name: 'Acme', path: 'acme', settings, members: [OWNER] });

    expect(await api.refusal({})).toMatch(/Two-Factor Authentication.*'acme' demands it.*Enable it/);
  });

  it('is refused for a subgroup, and the groups beside it arrive', async () => {
    const { source, destination, api } = await startPair(service);
    source.addGroup({ name: 'Acme', path: 'acme', members: [OWNER] });
    source.addGroup({ name: 'Safe', path: 'safe', parent: 'acme', settings });
    source.addGroup({ name: 'Below', path: 'below', parent: 'acme/safe' });
    source.addGroup({ name: 'Open', path: 'open', parent: 'acme' });

    const { record, failures } = await migrate(api);

    expect(destination.group('imported/acme/open')).toBeDefined();
    expect(destination.group('imported/acme/safe')).toBeUndefined();
    expect(failures.map(({ source_title }) => source_title).sort()).toEqual(['Below', 'Safe']);
    expect(messageOf(failures, 'Safe')).toMatch(/Two-Factor Authentication/);
    expect(record.status).toBe('finished');
  });
});

it('a group that cannot be made is accounted for with all that is below it, by name', async () => {
  const { source, destination, api } = await startPair(service, {
    destination: { topLevelGroupsByApi: false },
  });
  source.addGroup({ name: 'Acme', path: 'acme', members: [OWNER] });
  source.addGroup({ name: 'Team', path: 'team', parent: 'acme' });
  source.addGroup({ name: 'Crew', path: 'crew', parent: 'acme/team' });

  const { record, failures } = await migrate(api, [{ destination_namespace: '' }]);

  expect(failures.map(({ source_title }) => source_title).sort()).toEqual(['Acme', 'Crew', 'Team']);
  expect(messageOf(failures, 'Acme')).toMatch(/destination_namespace/);
  expect(destination.group('acme')).toBeUndefined();
  expect(record).toMatchObject({ status: 'failed', has_failures: true });
});

describe('an attribute that the response of a write does not show as asked for is a failure', () => {
  type Applies = (request: SampleRequest) => boolean;
  const put =
    (ending: RegExp): Applies =>
    ({ method, path }) =>
      method === 'PUT' && ending.test(path);
  const group = isRest('POST', '/groups');
  const milestone: Applies = ({ method, path }) => method !== 'GET' && path.includes('/milestones');

  /** Attributes, what shows them, and what it shows instead. */
  const board: Applies = request => isGraphql('createBoard')(request) || put(/\/boards\/\d+$/)(request);
  const ATTRIBUTES: [string, Applies, unknown, string][] = [
    ['description', group, 'other', 'group'],
    ['visibility', group, 'private', 'group'],
    ['project_creation_level', group, 'noone', 'group'],
    ['request_access_enabled', group, true, 'group'],
    ['lfs_enabled', group, true, 'group'],
    ['mentions_disabled', group, null, 'group'],
    ['two_factor_grace_period', group, 1, 'group'],
    ['subgroup_creation_level', group, 'owner', 'group'],
    ['share_with_group_lock', group, true, 'group'],
    ['emails_disabled', group, true, 'group'],
    ['membership_lock', put(/\/groups\/\d+$/), false, 'self'],
    ['prevent_sharing_groups_outside_hierarchy', put(/\/groups\/\d+$/), false, 'namespace_settings'],
    ['color', isLabelWrite, '#000000', 'labels'],
    ['description', isLabelWrite, null, 'labels'],
    ['due_date', milestone, null, 'milestones'],
    ['start_date', milestone, null, 'milestones'],
    ['state', put(/\/milestones\/\d+$/), 'active', 'milestones'],
    ['link_url', isRest('POST', '/badges'), 'https://other.example', 'badges'],
    ['image_url', isRest('POST', '/badges'), 'https://other.example', 'badges'],
    ['name', isRest('POST', '/badges'), 'other', 'badges'],
    ['hide_backlog_list', board, false, 'boards'],
    ['label', isGraphql('boardListCreate'), null, 'boards'],
    ['access_level', isRest('POST', '/members'), 10, 'members'],
    ['expires_at', isRest('POST', '/members'), null, 'members'],
  ];

  /** The response of a REST request, with another value. */
  const inRecord = (body: string, attribute: string, value: unknown) =>
    JSON.stringify({ ...(JSON.parse(body) as object), [attribute]: value });

  const inGraphql = (name: string) => name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

  /** The response of a document of mutations, with another value in each of its records. */
  const inDocument = (body: string, attribute: string, value: unknown) =>
    JSON.stringify(JSON.parse(body), (name, of) => (name === inGraphql(attribute) ? value : of));

  async function startTree() {
    const pair = await startPair(service);
    addPeople(pair.source);
    addPeople(pair.destination);
    addTree(pair.source, { labels: 3, levels: 2 });
    return pair;
  }

  it.each(ATTRIBUTES)('%s', async (attribute, applies, value, relation) => {
    const { destination, api } = await startTree();
    changeResponses(
      destination,
      ({ path }, response) => ({
        ...response,
        body:
          path === '/api/graphql'
            ? inDocument(response.body, attribute, value)
            : inRecord(response.body, attribute, value),
      }),
      applies,
    );

    const { record, failures } = await migrate(api, [{ destination_namespace: '' }]);

    const found = failures.filter(failure => failure.relation === relation);
    expect(found.length).toBeGreaterThan(0);
    expect(found.map(failure => failure.exception_message).join()).toContain(attribute);
    expect(record.status).toBe('finished');
  });

  it('nor is a change whose response shows nothing believed', async () => {
    const { destination, api } = await startTree();
    const isChange: Applies = ({ method }) => method === 'PUT';
    changeResponses(
      destination,
      (_, response) => {
        const { id, name, title, full_path, path, created_at } = JSON.parse(response.body) as Record<
          string,
          unknown
        >;
        return { ...response, body: JSON.stringify({ id, name, title, full_path, path, created_at }) };
      },
      isChange,
    );

    const { failures } = await migrate(api, [{ destination_namespace: '' }]);

    const relations = new Set(failures.map(({ relation }) => relation));
    // Boards are made with their columns, so nothing of these is changed.
    for (const relation of ['self', 'namespace_settings', 'milestones']) {
      expect([...relations]).toContain(relation);
    }
  });
});

it('the words of GitLab about the user of a token are passed on, with what to do', async () => {
  const { source, destination, api } = await startPair(service);
  source.addGroup({ name: 'Acme', path: 'acme', members: [OWNER], labels: [{ title: 'bug' }] });
  const words =
    'You must accept the Terms of Service in order to perform this action. Please access GitLab from a web browser to accept these terms.';
  const terms: Fault = {
    kind: 'respond',
    status: 403,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message: `403 Forbidden - ${words}` }),
  };
  destination.onRequest = request => (isLabelWrite(request) ? terms : undefined);

  const { failures } = await migrate(api);

  expect(failures).toHaveLength(1);
  expect(failures[0]?.exception_message).toMatch(/must accept the Terms of Service.*Sign in/);
});

describe('whatever a GitLab refuses, and in however many words, ends with what to do', () => {
  const words = 'A very long explanation of what is wrong here. '.repeat(10);
  const isWrite = ({ method, path, body }: SampleRequest) =>
    path !== '/api/v4/groups' && (path === '/api/graphql' ? isMutation(body) : method !== 'GET');
  const isMutation = (body: unknown) => JSON.stringify(body).includes('mutation');
  const isRead = ({ method, path }: SampleRequest) => method === 'GET' && /groups\/\d+\//.test(path);

  it.each([
    ['destination', 'writes', 400, { title: [words], description: [words] }, isWrite],
    ['destination', 'writes', 403, words, isWrite],
    ['destination', 'writes', 422, words, isWrite],
    ['destination', 'reads', 400, words, isRead],
    ['source', 'reads', 400, words, isRead],
    ['source', 'reads', 403, words, isRead],
  ] as const)('by the %s, of %s: %i', async (side, _, status, message, applies) => {
    const pair = await startPair(service);
    addPeople(pair.source);
    addPeople(pair.destination);
    addTree(pair.source, { labels: 3, levels: 2 });
    pair[side].onRequest = request =>
      applies(request)
        ? {
            kind: 'respond',
            status,
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ message }),
          }
        : undefined;

    // Else there is little to refuse.
    refuseDocuments(pair.source);

    // What the messages must be is said where they are read.
    const { failures, record } = await migrate(pair.api);

    // What a new group has is not asked for, so that the destination refuses fewer reads.
    expect(failures.length).toBeGreaterThan(3);
    expect(record.status).toBe('finished');
  });
});

it.each([
  ['as a page', 'text/html', '<html><title>404 Not Found</title></html>', /\/api\/graphql/],
  ['as JSON', 'application/json', '{"message":"no Route matched with those values"}', /\/api\/graphql/],
])('a gateway that closes /api/graphql during a run, %s, is named', async (_, type, body, named) => {
  const { source, api } = await startPair(service);
  source.addGroup({ name: 'Acme', path: 'acme', members: [OWNER] });
  source.onRequest = request =>
    isGraphql('groupMembers')(request)
      ? { kind: 'respond', status: 404, headers: { 'content-type': type }, body }
      : undefined;

  const { record, failures } = await migrate(api);

  expect(failures).toHaveLength(1);
  expect(failures[0]?.exception_message).toMatch(named);
  expect(record.status).toBe('finished');
});
