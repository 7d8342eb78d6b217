import { beforeAll, describe, expect, it } from 'vitest';
import type { SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { isLabelWrite } from '../support/gitlab/label-writes.ts';
import { addPeople, addTree } from '../support/gitlab/source-tree.ts';
import { changeResponses, isGraphql, isRest, migrate, startPair } from '../support/service/gitlab-pair.ts';
import { type ServiceInMemory, startServiceInMemory } from '../support/service/service-in-memory.ts';

let service: ServiceInMemory;
beforeAll(async () => {
  service = await startServiceInMemory();
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
