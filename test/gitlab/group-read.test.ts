import { getOperationAST, parse, validate } from 'graphql';
import { beforeEach, describe, expect, it } from 'vitest';
import { allBoards } from '../../lambdas/gitlab/api/boards.ts';
import { listLabelsFrom, listMilestonesFrom } from '../../lambdas/gitlab/api/group-connections.ts';
import { getSourceGroup, hasPremium } from '../../lambdas/gitlab/api/group-query.ts';
import { readGroup } from '../../lambdas/gitlab/api/group-read.ts';
import { firstPlan, groupDocument } from '../../lambdas/gitlab/api/group-read-plan.ts';
import { listSubgroups } from '../../lambdas/gitlab/api/groups.ts';
import { allLabels } from '../../lambdas/gitlab/api/labels.ts';
import { allMilestones } from '../../lambdas/gitlab/api/milestones.ts';
import { listSourceMembers } from '../../lambdas/gitlab/api/source-members.ts';
import { complexityOf } from '../../lib/gitlab-simulator/graphql/complexity.ts';
import { schemaOf } from '../../lib/gitlab-simulator/graphql/schema.ts';
import type { SampleGroupSeed } from '../../lib/gitlab-simulator/model.ts';
import { ALL, allBut, CONTENTS, partsOf, QUERY, startReadable } from './readable-group.ts';

let acme: Awaited<ReturnType<typeof startReadable>>;
async function start(...how: Parameters<typeof startReadable>) {
  acme = await startReadable(...how);
}
beforeEach(() => start());

const byId = (a: { id: number }, b: { id: number }) => a.id - b.id;
describe('a group', () => {
  it.each([
    ['17.11.2-ee', 'premium'],
    ['17.11.2-ee', 'free'],
    ['17.11.2', 'free'],
    ['14.9.0-ee', 'premium'],
  ] as const)(
    'of GitLab %s (%s) is read by one request, as by all the single ones',
    async (version, edition) => {
      const forFree = { ...CONTENTS, boards: [{ name: 'Team', lists: [{ label: 'alpha' }] }] };
      await start({ version, edition }, edition === 'free' ? forFree : CONTENTS);

      const group = await acme.read();

      expect(acme.requests()).toEqual([QUERY]);
      expect(partsOf(group)).toEqual(version.endsWith('-ee') ? ALL : allBut('hasPremium'));
      expect(group.attributes).toEqual(await getSourceGroup(acme.client, acme.wanted));
      expect(group.avatarUrl).toMatch(/^http/);
      if (version.endsWith('-ee')) {
        expect(group.hasPremium).toBe(edition === 'premium');
        expect(await hasPremium(acme.client, acme.wanted)).toBe(edition === 'premium');
      }
      expect(group.members).toEqual(
        await listSourceMembers(acme.client, acme.wanted, ['DIRECT', 'INHERITED'], null),
      );
      expect(group.labels).toEqual({
        records: (await allLabels(acme.client, acme.wanted.id, false)).sort(byId),
        next: null,
      });
      const milestones = (await allMilestones(acme.client, acme.wanted.id, false)).sort(byId);
      expect(group.milestones).toEqual({
        records: milestones.map(({ created_at: _, ...milestone }) => milestone),
        next: null,
      });
      const [boards, rest] = [group.boards ?? [], await allBoards(acme.client, acme.wanted.id)];
      expect(boards).toMatchObject(rest);
      expect(boards.map(({ lists }) => lists?.length)).toEqual(rest.map(({ lists }) => lists?.length));
      expect(group.hasProjects).toBe(true);
      expect(group.subgroups).toEqual((await listSubgroups(acme.client, acme.wanted.id, null)).records);
    },
  );

  it('of GitLab 14.0 is read without its subgroups, and with its invitations', async () => {
    await start({ version: '14.0.0-ee' });

    const group = await acme.read();

    expect(acme.requests()).toEqual([QUERY]);
    expect(partsOf(group)).toEqual(allBut('subgroups'));
    expect(group.members?.records.map(({ user }) => user?.username)).toEqual([
      'cat',
      'ann',
      'ben',
      undefined,
    ]);
  });

  it('of a GitLab that hides archived labels has none in it', async () => {
    await start({ version: '18.10.0-ee' });

    expect(partsOf(await acme.read())).toEqual(allBut('labels'));
    expect(acme.requests()).toEqual([QUERY]);
  });

  it('that is empty has empty parts, and no avatar', async () => {
    await start({}, {});
    acme.gitlab.addGroup({
      name: 'Nothing',
      path: 'nothing',
      members: [{ username: 'ann', accessLevel: 50 }],
    });
    const { id } = acme.gitlab.group('nothing') ?? { id: 0 };

    expect(await readGroup(acme.client, { ...acme.wanted, id, fullPath: 'nothing' })).toMatchObject({
      avatarUrl: null,
      labels: { records: [], next: null },
      milestones: { records: [], next: null },
      boards: [],
      hasProjects: false,
      subgroups: [],
    });
  });

  it('has no members in it where none are wanted', async () => {
    const { memberRelations: _, ...others } = acme.wanted;

    const group = await readGroup(acme.client, others);

    expect(group && partsOf(group)).toEqual(allBut('members'));
  });

  it('that is not there is none', async () => {
    expect(await readGroup(acme.client, { ...acme.wanted, id: 1, fullPath: 'gone' })).toBeUndefined();
  });

  it('that was renamed is found by its id', async () => {
    expect((await readGroup(acme.client, { ...acme.wanted, fullPath: 'top' }))?.attributes.name).toBe('Acme');
    expect(acme.requests()).toEqual([QUERY, `GET /api/v4/groups/${acme.wanted.id}`, QUERY]);
  });
});

describe('the pages after the first', () => {
  it('of labels and milestones go on where the document has ended', async () => {
    await start(
      {},
      {
        labels: Array.from({ length: 230 }, (_, index) => ({ title: `l${index}` })),
        milestones: Array.from({ length: 130 }, (_, index) => ({ title: `m${index}` })),
      },
    );
    const { labels, milestones } = await acme.read();

    const second = await listLabelsFrom(acme.client, acme.wanted, labels?.next ?? '');
    const third = await listLabelsFrom(acme.client, acme.wanted, second.next);
    const others = await listMilestonesFrom(acme.client, acme.wanted, milestones?.next ?? '');

    const titles = [labels, second, third].flatMap(page => page?.records.map(({ name }) => name) ?? []);
    expect(titles).toEqual(Array.from({ length: 230 }, (_, index) => `l${index}`));
    expect([...(milestones?.records ?? []), ...others.records].map(({ title }) => title)).toHaveLength(130);
    expect([third.next, others.next]).toEqual([null, null]);
    expect(acme.requests()).toEqual([QUERY, QUERY, QUERY, QUERY]);
  });

  it('are those of REST for who has begun there', async () => {
    const labels = await listLabelsFrom(acme.client, acme.wanted, null);
    const milestones = await listMilestonesFrom(acme.client, acme.wanted, null);

    expect([labels.records.length, milestones.records.length]).toEqual([2, 2]);
    expect(acme.requests()).toEqual([
      `GET /api/v4/groups/${acme.wanted.id}/labels`,
      `GET /api/v4/groups/${acme.wanted.id}/milestones`,
    ]);
  });

  it('of a group that was renamed in between are found by its id', async () => {
    await start({}, { labels: Array.from({ length: 101 }, (_, index) => ({ title: `l${index}` })) });
    const { labels } = await acme.read();

    const page = await listLabelsFrom(acme.client, { ...acme.wanted, fullPath: 'top' }, labels?.next ?? '');

    expect(page.records.map(({ name }) => name)).toEqual(['l100']);
  });
});

it('has subgroups in the order of their ids, whatever that of the GitLab is', async () => {
  acme.gitlab.onRequest = () => ({
    kind: 'change',
    change: answer => {
      const body = JSON.parse(String(answer.body));
      body.data.group.descendantGroups.nodes.reverse();
      return { ...answer, body: JSON.stringify(body) };
    },
  });

  const { subgroups } = await acme.read();

  expect(subgroups?.map(({ path }) => path)).toEqual(['zoo', 'bar']);
});

describe('what is too much for one document', () => {
  const lists = Array.from({ length: 51 }, (_, index) => ({ title: `l${index}` }));

  it.each([
    ['boards', { boards: Array.from({ length: 11 }, (_, index) => ({ name: `${index}` })) }],
    [
      'boards',
      { labels: lists, boards: [{ name: 'Wide', lists: lists.map(({ title }) => ({ label: title })) }] },
    ],
    ['boards', { labels: lists, boards: [{ name: 'Scoped', labels: lists.map(({ title }) => title) }] }],
  ] as [string, Partial<SampleGroupSeed>][])('is left to single reads: %s', async (part, contents) => {
    await start({}, contents);

    expect(partsOf(await acme.read())).toEqual(allBut(part));
  });
});

it.each(['14.0.0', '14.0.0-ee', '14.9.0', '14.9.0-ee', '16.2.0-ee', '17.11.2', '17.11.2-ee', '19.4.0-ee'])(
  'the document for GitLab %s fits its schema, and what is read of it',
  version => {
    const { documents, isEnterprise } = firstPlan(version);

    for (const parts of documents) {
      const document = groupDocument(parts, isEnterprise);
      expect(validate(schemaOf({ version }), parse(document))).toEqual([]);
      expect(document.length).toBeLessThan(2_000);
    }
  },
);

it('costs less than what a GitLab computes for anybody', () => {
  const {
    documents: [parts = []],
  } = firstPlan('17.11.2-ee');
  const document = parse(groupDocument(parts, true));
  const operation = getOperationAST(document);

  expect(operation && complexityOf(document, operation, {})).toBeLessThan(200);
});
