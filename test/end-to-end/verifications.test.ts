import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listEntities } from '../../lambdas/store/entity-lists.ts';
import { keys } from '../../lambdas/store/keys.ts';
import { updateItem } from '../../lambdas/store/table-updates.ts';
import type { SampleGroup } from '../../lib/gitlab-simulator/model.ts';
import { type GroupPlan, tree } from '../soak/schedule.ts';
import { usePlannedTrees } from '../support/service/planned-trees.ts';
import { verifyImport } from '../support/service/verifications.ts';
import { countsOf } from '../support/table/counts.ts';
import { setTracker } from '../support/table/entity-records.ts';

const GROUP: GroupPlan = {
  labels: ['', ' b', ' c'],
  milestones: [false, true],
  badges: 2,
  lists: 2,
  members: 4,
  projects: 0,
  hasAvatar: true,
  isLocked: true,
  children: [],
};
const TREE: GroupPlan = { ...GROUP, children: [{ ...GROUP, isClosed: true }] };

const trees = usePlannedTrees();

/** A tree that has been migrated, and what a verification then finds. */
async function migrated(of: GroupPlan) {
  const tree = await trees.start(of);
  const { destination, writes } = tree;
  const { record } = await tree.migrate();
  const written = writes();
  const group = (path = 'acme') => destination.group(path) as SampleGroup;
  const verify = async () => {
    const found = await verifyImport(tree, record.id);
    expect(writes()).toBe(written);
    return {
      ...found,
      messages: found.failures.map(({ relation, sourceTitle, exceptionMessage }) => [
        relation,
        sourceTitle,
        exceptionMessage,
      ]),
    };
  };
  const report = () => tree.get(`/bulk_imports/${record.id}/report`);
  return { record, destination, group, report, verify };
}

describe('a verification', () => {
  it('finds nothing after a faultless import, and writes nothing', async () => {
    const { verify } = await migrated(TREE);

    const { record, messages } = await verify();

    expect(messages).toEqual([]);
    expect(record).toMatchObject({
      status: 'finished',
      accuracy: 1,
      different: 0,
      missing: 0,
      unverified: 0,
    });
    expect(record.matched).toBeGreaterThan(20);
  });

  it.each<[string, string, (group: SampleGroup) => void, RegExp]>([
    [
      'the description of the group',
      'group',
      group => (group.description = 'Other'),
      /description is 'Other' instead of empty/,
    ],
    [
      'the colour of a label',
      'labels',
      ({ labels }) => Object.assign(labels[0] ?? {}, { color: '#000000' }),
      /color is '#000000'/,
    ],
    [
      'the text of a label',
      'labels',
      ({ labels }) => Object.assign(labels[0] ?? {}, { description: 'x' }),
      /description is 'x' instead of empty/,
    ],
    [
      'the state of a milestone',
      'milestones',
      ({ milestones }) => Object.assign(milestones[0] ?? {}, { state: 'closed' }),
      /state is 'closed' instead of 'active'/,
    ],
    [
      'the day of a milestone',
      'milestones',
      ({ milestones }) => Object.assign(milestones[1] ?? {}, { dueDate: '2030-01-01' }),
      /due_date is '2030-01-01' instead of empty/,
    ],
    [
      'a column of a board',
      'boards',
      ({ boards }) => Object.assign(boards[0] ?? {}, { hideBacklogList: false }),
      /hide_backlog_list/,
    ],
    ['a list of a board', 'boards', ({ boards }) => boards[0]?.lists.pop(), /the list of label/],
    [
      'a wiki page',
      'wikis',
      ({ wikis }) => Object.assign(wikis[0] ?? {}, { content: 'Other' }),
      /content is 'Other'/,
    ],
    [
      'the level of a member',
      'members',
      ({ members }) => Object.assign(members[1] ?? {}, { accessLevel: 10 }),
      /access_level is '10' instead of '30'/,
    ],
    [
      'the end of a membership',
      'members',
      ({ members }) => Object.assign(members[1] ?? {}, { expiresAt: '2030-01-01' }),
      /expires_at is '2030-01-01' instead of empty/,
    ],
    [
      'a lock',
      'self',
      ({ settings }) => Object.assign(settings, { membershipLock: false }),
      /membership_lock/,
    ],
    [
      'a sharing setting',
      'namespace_settings',
      ({ settings }) => Object.assign(settings, { preventSharingGroupsOutsideHierarchy: false }),
      /prevent_sharing/,
    ],
  ])('names %s that was changed, and that alone', async (_, relation, change, words) => {
    // What is changed in a group can be missed in those below it.
    const { group, verify } = await migrated({ ...TREE, children: [] });
    change(group());

    const { record, messages } = await verify();

    expect(record).toMatchObject({ different: 1, missing: 0, unverified: 0 });
    expect(messages).toEqual([[relation, expect.any(String), expect.stringMatching(words)]]);
  });

  it.each<[string, string, (group: SampleGroup) => void]>([
    ['a label', 'labels', ({ labels }) => labels.pop()],
    ['a milestone', 'milestones', ({ milestones }) => milestones.shift()],
    ['a badge', 'badges', ({ badges }) => badges.shift()],
    // Name, link and image are its key.
    [
      'a badge with another name',
      'badges',
      ({ badges }) => Object.assign(badges[0] ?? {}, { name: 'Other' }),
    ],
    [
      'a badge with another link',
      'badges',
      ({ badges }) => Object.assign(badges[0] ?? {}, { linkUrl: 'https://a.example' }),
    ],
    [
      'a badge with another image',
      'badges',
      ({ badges }) => Object.assign(badges[0] ?? {}, { imageUrl: 'https://a.example/b.svg' }),
    ],
    ['a wiki page', 'wikis', ({ wikis }) => wikis.shift()],
    ['a member', 'members', ({ members }) => members.splice(1, 1)],
    ['a board', 'boards', ({ boards }) => boards.shift()],
  ])('names %s that is missing, and that alone', async (_, relation, remove) => {
    const { group, verify } = await migrated({ ...TREE, children: [] });
    remove(group());

    const { record, messages } = await verify();

    expect(record).toMatchObject({ different: 0, missing: 1, unverified: 0 });
    expect(messages).toEqual([
      [
        relation,
        expect.any(String),
        "It is at the source, and not at the destination, in 'acme'. Import it again, or add it there by hand.",
      ],
    ]);
  });

  it('names a member of a group whom it misses once, and not in each project of the group', async () => {
    const { group, verify } = await migrated({ ...GROUP, projects: 2 });
    group().members.splice(1, 1);

    expect((await verify()).messages).toEqual([
      [
        'members',
        'ann',
        expect.stringMatching(/^It is at the source, and not at the destination, in 'acme'/),
      ],
    ]);
  });

  it('reads no count of the import: with wrong ones it finds the same', async () => {
    const { record, verify } = await migrated(TREE);
    const before = await verify();
    for (const { importId, id } of await listEntities(record.id)) {
      const counts = countsOf({ source: 9, fetched: 9, failed: 9 });
      for (const name of ['labels', 'members', 'boards'])
        await setTracker({ importId, id }, name, { counts });
      await updateItem(keys.entity(importId, id), { set: { counted: {}, failuresRecorded: true } });
    }

    const after = await verify();

    const { id: _, created_at: __, updated_at: ___, ...figures } = before.record;
    expect(after.record).toMatchObject(figures);
    expect(after.messages).toEqual(before.messages);
  });

  it('names the avatar that is missing', async () => {
    const { group, verify } = await migrated(GROUP);
    group().avatar = undefined;

    expect((await verify()).messages).toEqual([
      ['uploads', 'avatar', expect.stringMatching(/^It is at the source/)],
    ]);
  });

  it('is in the report of the import', async () => {
    const { group, report, verify } = await migrated({ ...GROUP, isLocked: false });
    expect(await report()).toMatchObject({ accuracy: null, complete: null, verified_at: null });
    Object.assign(group().labels[0] ?? {}, { color: '#000000' });
    group().badges.pop();
    const { record } = await verify();

    expect(await report()).toMatchObject({
      accuracy: record.accuracy,
      complete: false,
      verified_at: record.updated_at,
      totals: { matched: record.matched, different: 1, missing: 1 },
      problems: expect.arrayContaining([
        expect.objectContaining({ relation: 'labels', kind: 'different', fields: ['color'] }),
        expect.objectContaining({ relation: 'badges', kind: 'missing', fields: [] }),
      ]),
      problems_total: 2,
    });
  });

  it('names a group that is gone, and verifies the others', async () => {
    const { destination, verify } = await migrated(TREE);
    destination.onRequest = ({ path }) => {
      const gone = destination.group('acme/acme-0')?.id;
      return path.includes(`/groups/${gone}`)
        ? {
            kind: 'respond',
            status: 404,
            body: '{"message":"404 Group Not Found"}',
            headers: { 'content-type': 'application/json' },
          }
        : undefined;
    };

    const { record, entities, messages } = await verify();

    expect(record.status).toBe('finished');
    expect(messages).toMatchObject([
      ['group', 'Group acme-0', expect.stringMatching(/^It is at the source, and not/)],
    ]);
    expect(entities.map(({ status }) => status)).toEqual(['finished', 'failed']);
  });
});

it('a verification of any tree that was migrated without a fault finds nothing', async () => {
  await fc.assert(
    fc.asyncProperty(tree, async drawn => {
      const { report, verify } = await migrated(drawn);
      const { record, messages } = await verify();
      const told = await report();

      expect(record.status).toBe('finished');
      expect(messages).toEqual([]);
      expect(record).toMatchObject({ different: 0, missing: 0, unverified: 0 });
      expect(told).toMatchObject({ complete: true, incomplete: [] });
    }),
    { seed: 20_260_302, numRuns: 5 },
  );
});
