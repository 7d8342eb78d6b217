import { beforeAll, describe, expect, it } from 'vitest';
import type { Fault, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { refuseDocuments } from '../support/gitlab/group-document.ts';
import { isLabelWrite } from '../support/gitlab/label-writes.ts';
import { addPeople, addTree } from '../support/gitlab/source-tree.ts';
import { isGraphql, migrate, startPair } from '../support/service/gitlab-pair.ts';
import { type ServiceInMemory, startServiceInMemory } from '../support/service/service-in-memory.ts';

let service: ServiceInMemory;
beforeAll(async () => {
  service = await startServiceInMemory();
});

const OWNER = { username: 'sofia', accessLevel: 50 } as const;

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
