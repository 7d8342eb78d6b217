import type { SampleGitLab } from '../../../lib/gitlab-simulator/sample-gitlab.ts';
import { FIXTURES, SAMPLE } from '../../relations/fixtures.ts';

/** A picture that is one to GitLab: it looks at the type and the file's name only. */
const PICTURE = Buffer.from('89504e470d0a1a0a', 'hex');

/** Full paths of the tree's groups, parents first. */
export const TREE = ['acme', 'acme/empty', 'acme/platform', 'acme/platform/tools'];

/** Adds two people, as both GitLabs have them: `mia` can be matched by her public address, `noel` cannot. */
export function addPeople(gitlab: SampleGitLab): { mia: number; noel: number } {
  const mia = gitlab.addUser({ username: 'mia', name: 'Mia Member', publicEmail: 'mia@public.example' });
  const noel = gitlab.addUser({ username: 'noel', name: 'Noel Nomail' });
  return { mia: mia.id, noel: noel.id };
}

/** Adds the group `acme` with three levels of groups, or two, and a bit of everything. */
export function addTree(source: SampleGitLab, { labels = 12, levels = 3 } = {}): void {
  const owner = { username: 'sofia', accessLevel: 50 } as const;
  source.addGroup({
    ...SAMPLE,
    name: 'Acme Corporation',
    path: 'acme',
    description: 'Everything of **Acme**',
    visibility: 'public',
    settings: {
      projectCreationLevel: 'maintainer',
      requestAccessEnabled: false,
      twoFactorGracePeriod: 24,
      lfsEnabled: false,
      mentionsDisabled: true,
      membershipLock: true,
      preventSharingGroupsOutsideHierarchy: true,
    },
    avatar: { filename: 'avatar.png', contentType: 'image/png', bytes: PICTURE },
    labels: Array.from({ length: labels }, (_, index) => ({
      title: `label ${String(index).padStart(3, '0')}`,
      color: '#123456',
      ...(index % 2 === 0 && { description: `description ${index}` }),
    })),
    milestones: [
      {
        title: '1.0',
        description: 'the first',
        state: 'closed',
        startDate: '2025-01-01',
        dueDate: '2025-02-01',
      },
      { title: '2.0' },
    ],
    badges: [
      { name: 'build', linkUrl: 'https://ci.example/%{project_path}', imageUrl: 'https://ci.example/b.svg' },
      { linkUrl: 'https://docs.example', imageUrl: 'https://docs.example/d.svg' },
    ],
    boards: [
      {
        name: 'Development',
        hideBacklogList: true,
        lists: [{ label: 'label 002' }, { label: 'label 001' }],
      },
    ],
    members: [
      owner,
      { username: 'rita', accessLevel: 20 },
      { username: 'mia', accessLevel: 30, expiresAt: '2030-12-31' },
      { username: 'noel', accessLevel: 40 },
    ],
  });
  source.addGroup({
    name: 'Platform',
    path: 'platform',
    parent: 'acme',
    visibility: 'internal',
    labels: [{ title: 'own label' }],
    milestones: [{ title: '1.0' }],
  });
  if (levels < 3) return;
  source.addGroup({
    name: 'Tools',
    path: 'tools',
    parent: 'acme/platform',
    visibility: 'private',
    description: 'third level',
    badges: [{ name: 'tools', linkUrl: 'https://t.example', imageUrl: 'https://t.example/t.svg' }],
    members: [{ username: 'mia', accessLevel: 40 }],
  });
  source.addGroup({ name: 'Empty', path: 'empty', parent: 'acme' });
}

/** All that a migration moves of a group and the groups below it, in a form in which two GitLabs can be compared. */
export function contentOf(gitlab: SampleGitLab, fullPath: string): Record<string, unknown> {
  const fixtures = [...FIXTURES.values()];
  const within = gitlab
    .groups()
    .filter(group => group.fullPath === fullPath || group.fullPath.startsWith(`${fullPath}/`));
  return Object.fromEntries(
    within
      .map(
        group =>
          [
            group.fullPath.slice(fullPath.length) || '/',
            Object.assign({ name: group.name }, ...fixtures.map(({ contentOf: of }) => of(group))),
          ] as const,
      )
      .sort(),
  );
}

/** The direct members of a group: user id, access level, end. */
export function membersOf(gitlab: SampleGitLab, fullPath: string): unknown[] {
  const members = gitlab.group(fullPath)?.members ?? [];
  return members.map(({ userId, accessLevel, expiresAt }) => [userId, accessLevel, expiresAt]);
}
