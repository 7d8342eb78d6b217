import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SampleGroup } from '../../lib/gitlab-simulator/model.ts';
import type { SampleGitLab, SampleGitLabOptions } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import type { ApiClient } from '../support/service/bulk-imports-client.ts';
import { startDestination, startSource } from '../support/service/service.ts';
import { type ServiceInMemory, startServiceInMemory } from '../support/service/service-in-memory.ts';

/** A picture, told by its first bytes. */
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

let service: ServiceInMemory;
beforeAll(async () => {
  service = await startServiceInMemory();
});

/** Starts both GitLabs. */
async function startPair(
  options: { source?: SampleGitLabOptions; destination?: SampleGitLabOptions } = {},
): Promise<{ source: SampleGitLab; destination: SampleGitLab; api: ApiClient }> {
  const [source, destination] = await Promise.all([
    startSource(options.source),
    startDestination(options.destination),
  ]);
  return { source, destination, api: service.between(source, destination) };
}

const OWNED = { members: [{ username: 'sofia', accessLevel: 50 }] } as const;

describe('milestones and the boards that show them', () => {
  it.each([
    ['17.11.2-ee', '16.7.0-ee'],
    ['16.6.4-ee', '16.6.0'],
    ['14.0.0', '18.5.0-ee'],
  ])('arrive from GitLab %s at GitLab %s', async (from, to) => {
    const { source, destination, api } = await startPair({
      source: { version: from },
      destination: { version: to },
    });
    source.addGroup({
      name: 'Acme',
      path: 'acme',
      members: [...OWNED.members],
      labels: [{ title: 'doing' }],
      milestones: [{ title: '1.0', state: 'closed' }, { title: '2.0' }],
      boards: [{ name: 'Development', lists: [{ label: 'doing' }] }],
    });

    const record = await api.untilEnded(await api.start([{}]));

    const group = destination.group('imported/acme');
    expect(group?.milestones.map(({ title, state }) => [title, state])).toEqual([
      ['1.0', 'closed'],
      ['2.0', 'active'],
    ]);
    expect(group?.boards.map(({ lists }) => lists.map(({ label }) => label?.title))).toEqual([['doing']]);
    expect(record).toMatchObject({ status: 'finished', has_failures: false });
  });
});

describe('two imports into one path at the same time', () => {
  it('never make one group of two, though GitLab is slow for one and has trouble with the other', async () => {
    const { source, destination, api } = await startPair();
    for (const color of ['red', 'blue']) {
      source.addGroup({ name: color, path: color, members: [...OWNED.members] });
      source.addGroup({ name: 'Platform', path: 'platform', parent: color, labels: [{ title: color }] });
    }
    let posts = 0;
    destination.onRequest = ({ method, path }) => {
      if (method !== 'POST' || path !== '/api/v4/groups') return undefined;
      posts += 1;
      if (posts === 1) return { kind: 'delay', ms: 100 };
      const gateway = { kind: 'respond', status: 502, body: '<html>502 Bad Gateway</html>' } as const;
      return posts === 2 ? { kind: 'hold', until: sleep(250).then(() => gateway) } : undefined;
    };
    const start = (color: string) =>
      api.start([{ source_full_path: `${color}/platform`, destination_slug: 'platform' }]);

    const imports = await Promise.all([start('red'), start('blue')]);
    await Promise.all(imports.map(id => api.untilEnded(id)));

    const entities = (await Promise.all(imports.map(id => api.getEntities(id)))).flat();
    const made = destination.groups().filter(({ fullPath }) => fullPath.startsWith('imported/'));
    const labels = ({ labels: all }: SampleGroup) => all.map(({ title }) => title);
    expect(made.map(labels).filter(titles => titles.length !== 1)).toEqual([]);
    const finished = entities.filter(({ status }) => status === 'finished');
    expect(new Set(finished.map(entity => entity.namespace_id)).size).toBe(finished.length);
    expect(made).toHaveLength(finished.length);
    expect(finished.length).toBeGreaterThan(0);
  });
});

describe('an avatar', () => {
  it.each(['local', 'object', 'redirect'] as const)('arrives from the storage: %s', async avatarStorage => {
    const { source, destination, api } = await startPair({ source: { avatarStorage } });
    source.addGroup({
      name: 'Acme',
      path: 'acme',
      members: [...OWNED.members],
      avatar: { filename: 'logo.png', contentType: 'image/png', bytes: PNG },
    });

    const record = await api.untilEnded(await api.start([{}]));

    expect(destination.group('imported/acme')?.avatar?.bytes).toEqual(PNG);
    expect(destination.group('imported/acme')?.avatar?.filename).toMatch(/\.png$/);
    expect(record).toMatchObject({ status: 'finished', has_failures: false });
  });
});
