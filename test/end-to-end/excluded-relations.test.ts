import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { CHOICES } from '../../lambdas/domain/choices.ts';
import type { SampleGitLab, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { addPeople, addTree } from '../support/gitlab/source-tree.ts';
import { migrate, startPair } from '../support/service/gitlab-pair.ts';
import { type ServiceInMemory, startServiceInMemory } from '../support/service/service-in-memory.ts';

let service: ServiceInMemory;
beforeAll(async () => {
  service = await startServiceInMemory();
});

const MIA = { username: 'mia', accessLevel: 30 } as const;

/** Two GitLabs, of which the source has a tree with something of every relation. */
async function startTree() {
  const pair = await startPair(service);
  for (const gitlab of [pair.source, pair.destination]) addPeople(gitlab);
  addTree(pair.source);
  pair.source.addGroup({
    ...{ parent: 'acme', name: 'With projects', path: 'with-projects' },
    projects: [{ name: 'App', path: 'app', settings: { lfsEnabled: false }, members: [MIA] }],
  });
  return pair;
}

/** What is in a request for a relation, and in none for another: to the source, and to write at the destination. */
const MARKS: Record<string, { read?: RegExp; write?: RegExp }> = {
  members: { read: /\/groups\S*\/members|groupMembers\(/, write: /POST \S*\/members / },
  labels: {
    read: /\/groups\S*\/labels|onlyGroupLabels/,
    write: /labelCreate|POST \S*\/groups\S*\/labels /,
  },
  milestones: { read: /\/groups\S*\/milestones|group\(.*\bmilestones\(/, write: /POST \S*\/milestones / },
  badges: { read: /\/badges/, write: /POST \S*\/badges / },
  wikis: { read: /\/groups\S*\/wikis|epicsEnabled/, write: /POST \S*\/wikis / },
  boards: { read: /\/groups\S*\/boards|group\(.*\bboards\(/, write: /(b|B)oard\w*(C|c)reate|createBoard/ },
  uploads: { read: /\/avatar/, write: /PUT .*avatar/ },
  projects: { read: /\/projects\b|group\(.*\bprojects\(/, write: /POST \S*\/projects\b/ },
  namespace_settings: { write: /PUT .*prevent_sharing_groups_outside_hierarchy/ },
  group_attributes: { write: /PUT .*membership_lock/ },
  project_attributes: { write: /PUT \S*\/projects\/\d+ / },
};

/** Requests with their bodies, each in one text; of documents of GraphQL those that read, or those that write. */
const textsOf = (gitlab: SampleGitLab, isWanted: (isWrite: boolean) => boolean) =>
  gitlab.requests
    .filter(request => isWanted(isWrite(request)))
    .map(({ method, path, body }) => `${method} ${path} ${JSON.stringify(body ?? {})}`);

function isWrite({ method, path, body }: SampleRequest): boolean {
  if (path !== '/api/graphql') return method !== 'GET';
  return String((body as { query?: string }).query).startsWith('mutation');
}

/** Which relations' marks are in what was asked for. */
function metRelations({ source, destination }: Record<'source' | 'destination', SampleGitLab>): string[] {
  const reads = textsOf(source, () => true);
  const writes = textsOf(destination, isWrite => isWrite);
  const met = Object.entries(MARKS).filter(
    ([, { read, write }]) =>
      (read && reads.some(text => read.test(text))) || (write && writes.some(text => write.test(text))),
  );
  return met.map(([name]) => name);
}

const NAMES = Object.keys(CHOICES.excluded.group_entity);

it('a relation that is excluded is neither read nor written, in no group and no project, and all others are', async () => {
  expect(Object.keys(MARKS).sort()).toEqual(NAMES.toSorted());
  await fc.assert(
    fc.asyncProperty(fc.subarray(NAMES), async excluded => {
      const pair = await startTree();
      const wanted = { destination_namespace: '', excluded_relations: excluded };
      const { record, entities } = await migrate(pair.api, [wanted]);

      expect(record.status).toBe('finished');
      const isMoved = (name: string) => !excluded.includes(name);
      // A project that is not moved has no members or settings either.
      const left = excluded.includes('projects') ? ['project_attributes'] : [];
      const moved = NAMES.filter(name => isMoved(name) && !left.includes(name));
      expect(metRelations(pair)).toEqual(Object.keys(MARKS).filter(name => moved.includes(name)));
      for (const entity of entities.filter(({ entity_type: type }) => type === 'group')) {
        expect(entity.excluded_relations.toSorted()).toEqual(excluded.toSorted());
      }
    }),
    { numRuns: 12, examples: [[[]], [NAMES]] },
  );
});

describe('boards', () => {
  const boards = [
    { name: 'Team', lists: [{ label: 'doing' }] },
    { name: 'Plan', milestone: '1.0', labels: ['doing'] },
  ];

  async function failuresWithout(excluded: string) {
    const { api, source, destination } = await startPair(service, {
      source: { edition: 'premium' },
      destination: { edition: 'premium' },
    });
    source.addGroup({
      ...{ name: 'Acme', path: 'acme', boards, labels: [{ title: 'doing' }], milestones: [{ title: '1.0' }] },
      members: [{ username: 'sofia', accessLevel: 50 }],
    });
    const { failures } = await migrate(api, [{ excluded_relations: excluded }]);
    expect(destination.group('imported/acme')?.boards.map(({ name }) => name)).toEqual(['Team', 'Plan']);
    return failures.map(({ source_title, exception_message }) => [source_title, exception_message]).sort();
  }

  it('without labels are failures that say which list is missing, and that the import excludes labels', async () => {
    expect(await failuresWithout('labels')).toEqual([
      [
        'Plan',
        expect.stringContaining(
          "its label 'doing' has no counterpart at the destination, as this import excludes labels",
        ),
      ],
      [
        'Team',
        expect.stringContaining(
          "the list of label 'doing' has no counterpart at the destination, as this import excludes labels",
        ),
      ],
    ]);
  });

  it('without milestones, likewise', async () => {
    expect(await failuresWithout('milestones')).toEqual([
      [
        'Plan',
        expect.stringContaining(
          "its milestone '1.0' has no counterpart at the destination, as this import excludes milestones",
        ),
      ],
    ]);
  });
});
