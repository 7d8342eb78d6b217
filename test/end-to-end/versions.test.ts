import { beforeAll, describe, expect, it } from 'vitest';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { contentOf } from '../support/gitlab/source-tree.ts';
import { startDestination, startSource } from '../support/service/service.ts';
import { type ServiceInMemory, startServiceInMemory } from '../support/service/service-in-memory.ts';

/** A picture, told by its first bytes. */
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

/** The oldest that is supported, both sides of what 16.5 and 16.7 changed, and the newest; with and without `-ee`. */
const VERSIONS = ['14.0.12', '15.4.6-ee', '16.6.10', '16.7.10-ee', '17.11.2-ee', '18.5.1', '19.1.0-ee'];
/** Every version is once the source and once the destination, of the next newer one and of the oldest. */
const PAIRS = VERSIONS.map((from, at) => [from, VERSIONS[(at + 1) % VERSIONS.length] ?? ''] as const);

const PEOPLE = [
  { username: 'gwen', accessLevel: 10 },
  { username: 'rolf', accessLevel: 20 },
  { username: 'dave', accessLevel: 30, expiresAt: '2040-12-31' },
  { username: 'maya', accessLevel: 40 },
  { username: 'olga', accessLevel: 50 },
] as const;

let service: ServiceInMemory;
beforeAll(async () => {
  service = await startServiceInMemory();
});

function addPeople(gitlab: SampleGitLab): void {
  for (const { username } of PEOPLE) {
    gitlab.addUser({ username, name: `Person ${username}`, publicEmail: `${username}@public.example` });
  }
}

/** Two groups with every relation that is moved, and a project. */
function addGroups(source: SampleGitLab): void {
  source.addGroup({
    name: 'Acme Corporation',
    path: 'acme',
    description: 'Everything of **Acme**',
    visibility: 'public',
    settings: {
      emailsEnabled: false,
      lfsEnabled: false,
      mentionsDisabled: true,
      projectCreationLevel: 'maintainer',
      requestAccessEnabled: false,
      shareWithGroupLock: true,
      subgroupCreationLevel: 'owner',
      twoFactorGracePeriod: 24,
    },
    avatar: { filename: 'logo.png', contentType: 'image/png', bytes: PNG },
    labels: [{ title: 'doing', color: '#123456', description: 'in work' }, { title: 'done' }],
    milestones: [
      { title: '1.0', description: 'the first', state: 'closed', startDate: '2025-01-01' },
      { title: '2.0', dueDate: '2030-01-01' },
    ],
    badges: [
      { name: 'build', linkUrl: 'https://ci.example/%{project_path}', imageUrl: 'https://ci.example/b' },
    ],
    boards: [{ name: 'Development', hideBacklogList: true, lists: [{ label: 'doing' }] }],
    members: [{ username: 'sofia', accessLevel: 50 }, ...PEOPLE],
    invitations: [{ email: 'invited@public.example', accessLevel: 30 }],
    projects: [
      {
        name: 'App',
        path: 'app',
        branches: ['main'],
        labels: [{ title: 'bug' }],
        issues: [{ title: 'It breaks', labels: ['bug', 'doing'], milestone: '2.0' }],
      },
    ],
  });
  source.addGroup({
    name: 'Platform',
    path: 'platform',
    parent: 'acme',
    visibility: 'internal',
    labels: [{ title: 'own' }],
    milestones: [{ title: '1.0' }],
    members: [{ username: 'gwen', accessLevel: 30 }],
  });
}

/** Who is a direct member by whom the account belongs to; the importing user owns what the import makes. */
function peopleOf(gitlab: SampleGitLab, fullPath: string): unknown[] {
  const names = new Map(PEOPLE.map(({ username }) => [gitlab.userId(username), username]));
  const members = gitlab.group(fullPath)?.members ?? [];
  return members
    .filter(({ userId }) => names.has(userId))
    .map(({ userId, accessLevel, expiresAt }) => [names.get(userId), accessLevel, expiresAt])
    .sort();
}

describe.each(PAIRS)('from GitLab %s to GitLab %s', (from, to) => {
  it('everything arrives that the API can move', async () => {
    const [source, destination] = await Promise.all([
      startSource({ version: from }),
      startDestination({ version: to }),
    ]);
    addPeople(source);
    addPeople(destination);
    addGroups(source);
    const api = service.between(source, destination);

    const importId = await api.start([{}]);
    const record = await api.untilEnded(importId);

    const entities = await api.getEntities(importId);
    expect(contentOf(destination, 'imported/acme')).toEqual(contentOf(source, 'acme'));
    for (const path of ['acme', 'acme/platform']) {
      expect([path, peopleOf(destination, `imported/${path}`)]).toEqual([path, peopleOf(source, path)]);
    }
    const failures = entities.flatMap(entity => entity.failures);
    // In the import of a project, who is no administrator is the author of everything.
    expect(failures).toMatchObject([{ exception_class: 'BulkImports::AuthorsNotice' }]);
    expect(destination.project('imported/acme/app')).toMatchObject({
      branches: source.project('acme/app')?.branches,
      labels: [{ title: 'bug' }],
      issues: [{ title: 'It breaks', labels: ['bug', 'doing'], milestone: '2.0' }],
    });
    expect(record.status).toBe('finished');
  });
});
