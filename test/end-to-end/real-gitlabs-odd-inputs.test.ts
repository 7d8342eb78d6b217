import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { addPeople, addTree, contentOf } from '../support/gitlab/source-tree.ts';
import { TOKENS } from '../support/service/bulk-imports-client.ts';
import { changeResponses, isRest, migrate, startPair } from '../support/service/gitlab-pair.ts';
import { type ServiceInMemory, startServiceInMemory } from '../support/service/service-in-memory.ts';

let service: ServiceInMemory;
beforeAll(async () => {
  service = await startServiceInMemory();
});

const OWNER = { username: 'sofia', accessLevel: 50 } as const;

it('a subgroup whose path is an underscore arrives', async () => {
  const { source, destination, api } = await startPair(service);
  source.addGroup({ name: 'Acme', path: 'acme', members: [OWNER] });
  source.addGroup({ name: 'Odd', path: '_', parent: 'acme', labels: [{ title: 'bug' }] });

  const { failures, record } = await migrate(api);

  expect(failures).toEqual([]);
  expect(record.status).toBe('finished');
  const made = destination.groups().find(({ fullPath }) => fullPath.startsWith('imported/acme/'));
  expect(made?.name).toBe('Odd');
  expect(made?.labels).toHaveLength(1);
});

it('compressed responses for which nobody asked are read', async () => {
  const { source, destination, api } = await startPair(service);
  addPeople(source);
  addPeople(destination);
  addTree(source, { labels: 3, levels: 2 });
  for (const gitlab of [source, destination]) {
    changeResponses(
      gitlab,
      (_, response) => ({
        ...response,
        headers: { ...response.headers, 'content-encoding': 'gzip' },
        // Sent as it is, like a text.
        body: gzipSync(response.body) as unknown as string,
      }),
      ({ path }) => !path.endsWith('/avatar') && !path.endsWith('/exists'),
    );
  }

  const { failures } = await migrate(api, [{ destination_namespace: '' }]);

  expect(failures).toEqual([]);
  expect(contentOf(destination, 'acme')).toEqual(contentOf(source, 'acme'));
});

it('a group that an old GraphQL finds as `Acme` only arrives when `acme` is asked for', async () => {
  const { source, destination, api } = await startPair(service, { source: { version: '14.0.0' } });
  addPeople(source);
  const { mia } = addPeople(destination);
  const members = [OWNER, { username: 'mia', accessLevel: 30 }] as const;
  source.addGroup({
    name: 'Acme',
    path: 'Acme',
    members: [...members],
    labels: [{ title: 'bug' }],
    projects: [{ name: 'App', path: 'app' }],
  });
  source.addGroup({ name: 'Team', path: 'Team', parent: 'Acme', labels: [{ title: 'own' }] });

  const { failures, entities } = await migrate(api, [{ migrate_projects: false }]);

  expect(failures).toEqual([]);
  expect(entities).toHaveLength(2);
  expect(destination.group('imported/acme')?.labels).toHaveLength(1);
  expect(destination.group('imported/acme')?.members).toContainEqual(
    expect.objectContaining({ userId: mia, accessLevel: 30 }),
  );
});

it.each(['14.0.0', '17.11.2-ee'])('a namespace is found in other letters at GitLab %s', async version => {
  const { source, destination, api } = await startPair(service, { destination: { version } });
  source.addGroup({ name: 'Acme', path: 'acme', members: [OWNER], settings: { membershipLock: true } });
  source.addGroup({ name: 'Team', path: 'team', parent: 'acme', labels: [{ title: 'own' }] });
  destination.addGroup({ name: 'Big', path: 'Big', members: [{ username: 'dora', accessLevel: 50 }] });

  const { failures } = await migrate(api, [{ destination_namespace: 'big' }]);

  expect(destination.group('Big/acme/team')?.labels).toHaveLength(1);
  // The Community Edition has no such lock, and is not asked for it.
  const unsupported = version === '14.0.0' ? ['membership_lock'] : [];
  expect(failures.map(({ source_title }) => source_title)).toEqual(unsupported);
});

describe('a source that is renamed while it runs', () => {
  async function rename(source: SampleGitLab, groupId: number | undefined, path: string): Promise<void> {
    const response = await fetch(`${source.url}/api/v4/groups/${groupId}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${TOKENS.source}`, 'content-type': 'application/json' },
      body: JSON.stringify({ path }),
    });
    if (!response.ok) throw new Error(`not renamed: ${response.status}`);
  }

  it.each(['17.11.2-ee', '14.0.0-ee'])(
    'arrives whole, and what takes its path does not, from GitLab %s',
    async version => {
      const { source, destination, api } = await startPair(service, { source: { version } });
      addPeople(source);
      addPeople(destination);
      addTree(source, { labels: 3, levels: 3 });
      const expected = contentOf(source, 'acme');
      const acme = source.group('acme');
      let renamed: Promise<void> | undefined;
      destination.onRequest = request => {
        if (!isRest('POST', '/groups')(request) || renamed !== undefined) return undefined;
        renamed = rename(source, acme?.id, 'moved').then(() => {
          source.addGroup({ name: 'Other', path: 'acme', members: [OWNER], labels: [{ title: 'foreign' }] });
        });
        return { kind: 'hold', until: renamed.then(() => undefined) };
      };

      const { failures, entities } = await migrate(api, [{ destination_namespace: '' }]);

      expect(failures).toEqual([]);
      expect(entities).toHaveLength(4);
      expect(contentOf(destination, 'acme')).toEqual(expected);
      expect(destination.group('acme')?.members).toHaveLength(2);
    },
  );
});

it.each([
  ['an entity', 'imported/acme'],
  ['an entity in other letters', 'imported/Acme'],
])('the path of %s that is taken is refused at once', async (_, taken) => {
  const { source, destination, api } = await startPair(service);
  source.addGroup({ name: 'Acme', path: 'acme', members: [OWNER] });
  source.addGroup({ name: 'Beta', path: 'beta', members: [OWNER] });
  destination.addGroup({ name: 'There', path: taken.split('/')[1] ?? '', parent: 'imported' });

  const message = await api.refusal({
    entities: [{ source_full_path: 'beta', destination_slug: 'beta' }, {}],
  });

  expect(message).toBe(
    "Import failed. 'imported/acme' already exists. Change the destination and try again.",
  );
});
