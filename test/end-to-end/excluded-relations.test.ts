import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { CHOICES } from '../../lambdas/domain/choices.ts';
import { MARKED_RELATIONS, metRelations } from '../support/gitlab/relation-marks.ts';
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

const NAMES = Object.keys(CHOICES.excluded.group_entity);

it('a relation that is excluded is neither read nor written, in no group and no project, and all others are', async () => {
  expect(MARKED_RELATIONS.toSorted()).toEqual(NAMES.toSorted());
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
      expect(metRelations(pair)).toEqual(MARKED_RELATIONS.filter(name => moved.includes(name)));
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
