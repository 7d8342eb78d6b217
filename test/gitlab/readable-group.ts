import { type GroupRead, readGroup, type WantedGroup } from '../../lambdas/gitlab/api/group-read.ts';
import type { MemberRelation } from '../../lambdas/gitlab/api/source-members.ts';
import type { SampleGroupSeed } from '../../lib/gitlab-simulator/model.ts';
import type { SampleGitLabOptions } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { clientOf, startedGitLab } from '../support/gitlab/started-gitlab.ts';

/** Something of everything that can be read. */
export const CONTENTS: Partial<SampleGroupSeed> = {
  description: 'All of Acme',
  avatar: { filename: 'a.png', contentType: 'image/png', bytes: Buffer.from('png') },
  labels: [
    { title: 'zulu', color: '#123456', description: 'Last' },
    { title: 'alpha', color: '#abc' },
  ],
  milestones: [
    { title: 'v1', description: 'One', startDate: '2026-01-01', dueDate: '2026-02-01', state: 'closed' },
    { title: 'v2' },
  ],
  boards: [
    {
      name: 'Team',
      hideBacklogList: true,
      labels: ['zulu', 'inherited'],
      milestone: 'Started',
      assignee: 'ben',
      weight: 3,
      lists: [{ label: 'alpha' }, { milestone: 'v1' }, { assignee: 'ben' }],
    },
    { name: 'Team', milestone: 'v1', hideClosedList: true },
  ],
  members: [
    { username: 'ann', accessLevel: 50 },
    { username: 'ben', accessLevel: 30, expiresAt: '2099-12-31' },
  ],
  invitations: [{ email: 'new@public.example', accessLevel: 30 }],
  projects: ['web', 'api', 'app', 'docs'].map(path => ({ name: path, path })),
};

/** A source with the group `top/acme`, of which everything that can be read is filled unless other contents are given. */
export async function startReadable(
  options: SampleGitLabOptions = {},
  contents: Partial<SampleGroupSeed> = CONTENTS,
) {
  const gitlab = await startedGitLab(['ann', 'ben', 'cat'], options);
  gitlab.addGroup({
    name: 'Top',
    path: 'top',
    labels: [{ title: 'inherited' }],
    milestones: [{ title: 'v0' }],
    members: [
      { username: 'cat', accessLevel: 10 },
      { username: 'ann', accessLevel: 50 },
    ],
  });
  const { id } = gitlab.addGroup({ name: 'Acme', path: 'acme', parent: 'top', ...contents });
  for (const path of ['zoo', 'bar']) gitlab.addGroup({ name: path, path, parent: 'top/acme' });
  gitlab.addGroup({ name: 'Deep', path: 'deep', parent: 'top/acme/bar' });
  const client = clientOf('ann', gitlab.url, 'source');
  const memberRelations: MemberRelation[] = ['DIRECT', 'INHERITED'];
  const wanted: WantedGroup = {
    id,
    fullPath: 'top/acme',
    version: options.version ?? '17.11.2-ee',
    memberRelations,
  };
  return {
    gitlab,
    client,
    wanted,
    /** What the GitLab was asked. */
    requests: () => gitlab.requests.map(({ method, path }) => `${method} ${path}`),
    /** Reads the group as it is wanted. @throws when it is gone */
    async read(): Promise<GroupRead> {
      const group = await readGroup(client, wanted);
      if (group === undefined) throw new Error('It is gone.');
      return group;
    },
  };
}

/** What reading by a document is seen as. */
export const QUERY = 'POST /api/graphql';

/** Which parts were read, in the order of their names. */
export const partsOf = (group: GroupRead) =>
  Object.entries(group)
    .filter(([, part]) => part !== undefined)
    .map(([name]) => name)
    .sort();
/** All parts that a group can be read in. */
export const ALL = [
  ...['attributes', 'avatarUrl', 'boards', 'hasPremium', 'hasProjects', 'labels', 'members', 'milestones'],
  'subgroups',
];
/** All parts but these. */
export const allBut = (...parts: string[]) => ALL.filter(name => !parts.includes(name));
