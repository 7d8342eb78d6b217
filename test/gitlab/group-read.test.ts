import { getOperationAST, parse, validate } from 'graphql';
import { beforeEach, describe, expect, it } from 'vitest';
import { allBoards } from '../../lambdas/gitlab/api/boards.ts';
import { listLabelsFrom, listMilestonesFrom } from '../../lambdas/gitlab/api/group-connections.ts';
import { getSourceGroup, hasPremium } from '../../lambdas/gitlab/api/group-query.ts';
import { type GroupRead, readGroup, type WantedGroup } from '../../lambdas/gitlab/api/group-read.ts';
import { firstPlan, groupDocument } from '../../lambdas/gitlab/api/group-read-plan.ts';
import { countProjects, listSubgroups } from '../../lambdas/gitlab/api/groups.ts';
import { allLabels } from '../../lambdas/gitlab/api/labels.ts';
import { allMilestones } from '../../lambdas/gitlab/api/milestones.ts';
import { listSourceMembers, type MemberRelation } from '../../lambdas/gitlab/api/source-members.ts';
import type { GitLabClient } from '../../lambdas/gitlab/client.ts';
import { TemporaryError } from '../../lambdas/gitlab/errors.ts';
import { complexityOf } from '../../lib/gitlab-simulator/graphql/complexity.ts';
import { schemaOf } from '../../lib/gitlab-simulator/graphql/schema.ts';
import type { SampleGroupSeed } from '../../lib/gitlab-simulator/model.ts';
import type { Fault, SampleGitLab, SampleGitLabOptions } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { errorOf } from '../support/gitlab/gitlab-client.ts';
import { clientOf, startedGitLab } from '../support/gitlab/started-gitlab.ts';

const CONTENTS: Partial<SampleGroupSeed> = {
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

let gitlab: SampleGitLab;
let client: GitLabClient;
let wanted: WantedGroup;

/** A source with the group `top/acme`, of which everything that can be read is filled unless other contents are given. */
async function start(options: SampleGitLabOptions = {}, contents: Partial<SampleGroupSeed> = CONTENTS) {
  gitlab = await startedGitLab(['ann', 'ben', 'cat'], options);
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
  client = clientOf('ann', gitlab.url, 'source');
  const memberRelations: MemberRelation[] = ['DIRECT', 'INHERITED'];
  wanted = { id, fullPath: 'top/acme', version: options.version ?? '17.11.2-ee', memberRelations };
}
beforeEach(() => start());

const byId = (a: { id: number }, b: { id: number }) => a.id - b.id;
const requests = () => gitlab.requests.map(({ method, path }) => `${method} ${path}`);
const QUERY = 'POST /api/graphql';

async function read(): Promise<GroupRead> {
  const group = await readGroup(client, wanted);
  if (group === undefined) throw new Error('It is gone.');
  return group;
}

/** Which parts were read, in the order of their names. */
const partsOf = (group: GroupRead) =>
  Object.entries(group)
    .filter(([, part]) => part !== undefined)
    .map(([name]) => name)
    .sort();
const ALL = [
  ...['attributes', 'avatarUrl', 'boards', 'hasPremium', 'labels', 'members', 'milestones', 'projects'],
  'subgroups',
];
const allBut = (...parts: string[]) => ALL.filter(name => !parts.includes(name));

/** Answers requests for this with the error, as a GitLab does that cannot do it. */
function refusing(isRefused: (query: string) => boolean, fault: Fault): void {
  gitlab.onRequest = ({ body }) =>
    isRefused(String((body as { query?: string } | undefined)?.query ?? '')) ? fault : undefined;
}
const graphqlErrors = (message: string, path?: unknown[]): Fault => ({
  kind: 'respond',
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ errors: [{ message, ...(path && { path }) }] }),
});
const TOO_COMPLEX = graphqlErrors('Query has complexity of 260, which exceeds max complexity of 250');
const COMPUTING: Fault = { kind: 'respond', status: 500, body: '{"message":"500 Internal Server Error"}' };

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

      const group = await read();

      expect(requests()).toEqual([QUERY]);
      expect(partsOf(group)).toEqual(version.endsWith('-ee') ? ALL : allBut('hasPremium'));
      expect(group.attributes).toEqual(await getSourceGroup(client, wanted));
      expect(group.avatarUrl).toMatch(/^http/);
      if (version.endsWith('-ee')) {
        expect(group.hasPremium).toBe(edition === 'premium');
        expect(await hasPremium(client, wanted)).toBe(edition === 'premium');
      }
      expect(group.members).toEqual(await listSourceMembers(client, wanted, ['DIRECT', 'INHERITED'], null));
      expect(group.labels).toEqual({
        records: (await allLabels(client, wanted.id, false)).sort(byId),
        next: null,
      });
      const milestones = (await allMilestones(client, wanted.id, false)).sort(byId);
      expect(group.milestones).toEqual({
        records: milestones.map(({ created_at: _, ...milestone }) => milestone),
        next: null,
      });
      const [boards, rest] = [group.boards ?? [], await allBoards(client, wanted.id)];
      expect(boards).toMatchObject(rest);
      expect(boards.map(({ lists }) => lists?.length)).toEqual(rest.map(({ lists }) => lists?.length));
      expect(group.projects).toEqual(await countProjects(client, wanted.id));
      expect(group.subgroups).toEqual((await listSubgroups(client, wanted.id, null)).records);
    },
  );

  it('of GitLab 14.0 is read without its subgroups, and with its invitations', async () => {
    await start({ version: '14.0.0-ee' });

    const group = await read();

    expect(requests()).toEqual([QUERY]);
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

    expect(partsOf(await read())).toEqual(allBut('labels'));
    expect(requests()).toEqual([QUERY]);
  });

  it('that is empty has empty parts, and no avatar', async () => {
    await start({}, {});
    gitlab.addGroup({ name: 'Nothing', path: 'nothing', members: [{ username: 'ann', accessLevel: 50 }] });
    const { id } = gitlab.group('nothing') ?? { id: 0 };

    expect(await readGroup(client, { ...wanted, id, fullPath: 'nothing' })).toMatchObject({
      avatarUrl: null,
      labels: { records: [], next: null },
      milestones: { records: [], next: null },
      boards: [],
      projects: { count: 0, isExact: true, firstPaths: [] },
      subgroups: [],
    });
  });

  it('has no members in it where none are wanted', async () => {
    const { memberRelations: _, ...others } = wanted;

    const group = await readGroup(client, others);

    expect(group && partsOf(group)).toEqual(allBut('members'));
  });

  it('that is not there is none', async () => {
    expect(await readGroup(client, { ...wanted, id: 1, fullPath: 'gone' })).toBeUndefined();
  });

  it('that was renamed is found by its id', async () => {
    expect((await readGroup(client, { ...wanted, fullPath: 'top' }))?.attributes.name).toBe('Acme');
    expect(requests()).toEqual([QUERY, `GET /api/v4/groups/${wanted.id}`, QUERY]);
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
    const { labels, milestones } = await read();

    const second = await listLabelsFrom(client, wanted, labels?.next ?? '');
    const third = await listLabelsFrom(client, wanted, second.next);
    const others = await listMilestonesFrom(client, wanted, milestones?.next ?? '');

    const titles = [labels, second, third].flatMap(page => page?.records.map(({ name }) => name) ?? []);
    expect(titles).toEqual(Array.from({ length: 230 }, (_, index) => `l${index}`));
    expect([...(milestones?.records ?? []), ...others.records].map(({ title }) => title)).toHaveLength(130);
    expect([third.next, others.next]).toEqual([null, null]);
    expect(requests()).toEqual([QUERY, QUERY, QUERY, QUERY]);
  });

  it('are those of REST for who has begun there', async () => {
    const labels = await listLabelsFrom(client, wanted, null);
    const milestones = await listMilestonesFrom(client, wanted, null);

    expect([labels.records.length, milestones.records.length]).toEqual([2, 2]);
    expect(requests()).toEqual([
      `GET /api/v4/groups/${wanted.id}/labels`,
      `GET /api/v4/groups/${wanted.id}/milestones`,
    ]);
  });

  it('of a group that was renamed in between are found by its id', async () => {
    await start({}, { labels: Array.from({ length: 101 }, (_, index) => ({ title: `l${index}` })) });
    const { labels } = await read();

    const page = await listLabelsFrom(client, { ...wanted, fullPath: 'top' }, labels?.next ?? '');

    expect(page.records.map(({ name }) => name)).toEqual(['l100']);
  });
});

it('has projects and subgroups in the order of their ids, whatever that of the GitLab is', async () => {
  gitlab.onRequest = () => ({
    kind: 'change',
    change: answer => {
      const body = JSON.parse(String(answer.body));
      for (const part of ['projects', 'descendantGroups']) body.data.group[part].nodes.reverse();
      return { ...answer, body: JSON.stringify(body) };
    },
  });

  const { projects, subgroups } = await read();

  expect(projects?.firstPaths).toEqual(['web', 'api', 'app']);
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
    ['projects', { projects: Array.from({ length: 101 }, (_, at) => ({ name: `${at}`, path: `p${at}` })) }],
  ] as [string, Partial<SampleGroupSeed>][])('is left to single reads: %s', async (part, contents) => {
    await start({}, contents);

    expect(partsOf(await read())).toEqual(allBut(part));
  });
});

describe('a GitLab that refuses the document', () => {
  it('for its cost gets two, from then on', async () => {
    refusing(query => query.includes('groupMembers(') && query.includes('milestones('), TOO_COMPLEX);

    expect(partsOf(await read())).toEqual(ALL);
    expect(requests()).toEqual([QUERY, QUERY, QUERY]);
    gitlab.requests.length = 0;

    expect(partsOf(await read())).toEqual(ALL);
    expect(requests()).toEqual([QUERY, QUERY]);
  });

  it('and its halves for their cost is read singly', async () => {
    refusing(query => query.includes('first: 100'), TOO_COMPLEX);

    expect(partsOf(await read())).toEqual(['attributes']);
  });

  it.each([
    ['a field of boards', "Field 'weight' doesn't exist on type 'Board'", allBut('boards')],
    ['a field of lists', "Field 'iteration' doesn't exist on type 'BoardList'", allBut('boards')],
    ['subgroups', "Field 'descendantGroups' doesn't exist on type 'Group'", allBut('subgroups')],
    ['plans', "Field 'epicsEnabled' doesn't exist on type 'Group'", allBut('hasPremium')],
    ['something else', "Field 'labels' doesn't accept argument 'onlyGroupLabels'", ['attributes']],
  ])('because it does not know %s is read without it, from then on', async (_, message, parts) => {
    const field = /'(\w+)'/.exec(message)?.[1] ?? '';
    refusing(query => new RegExp(`\\b${field}\\b`).test(query), graphqlErrors(message));

    expect(partsOf(await read())).toEqual(parts);
    expect(requests()).toEqual([QUERY, QUERY]);
    gitlab.requests.length = 0;

    expect(partsOf(await read())).toEqual(parts);
    expect(requests()).toEqual([QUERY]);
  });

  it('of which it is not known that it is a Community Edition is not asked for boards again', async () => {
    await start({ version: '17.11.2', edition: 'free' }, {});
    wanted.version = '17.11.2-custom';

    expect(partsOf(await read())).toEqual(allBut('boards', 'hasPremium'));
    expect(gitlab.takeUndeclared().join()).toContain("doesn't exist on type 'Board'");
  });
});

describe('trouble', () => {
  it('of a GitLab that cannot compute the document makes it smaller, for this group', async () => {
    refusing(query => query.includes('groupMembers(') && query.includes('milestones('), COMPUTING);

    expect(partsOf(await read())).toEqual(ALL);
    gitlab.onRequest = undefined;
    gitlab.requests.length = 0;

    await read();
    expect(requests()).toEqual([QUERY]);
  });

  /** Answers as it would, with another body. */
  // biome-ignore lint/suspicious/noExplicitAny: the body is one of many shapes
  function changing(change: (body: any) => void): void {
    gitlab.onRequest = () => ({
      kind: 'change',
      change: answer => {
        const body = JSON.parse(String(answer.body));
        change(body);
        return { ...answer, body: JSON.stringify(body) };
      },
    });
  }

  it.each([null, { nodes: [], pageInfo: { hasNextPage: false } }])(
    'with one part, here %o, leaves that to a single read',
    async boards => {
      changing(body => {
        body.data.group.boards = boards;
        body.errors = [{ message: 'Internal server error', path: ['group', 'boards', 'nodes'] }];
      });

      expect(partsOf(await read())).toEqual(allBut('boards'));
      expect(requests()).toEqual([QUERY]);
    },
  );

  it('with a part of another shape leaves that to a single read', async () => {
    changing(body => {
      body.data.group.labels.nodes[0].color = 7;
    });

    expect(partsOf(await read())).toEqual(allBut('labels'));
  });

  it.each([
    ['an outage', { kind: 'respond', status: 502 }, TemporaryError],
    ['a limit', { kind: 'respond', status: 429 }, TemporaryError],
    ['a closed gateway', { kind: 'respond', status: 404, body: '{"error":"404 Not Found"}' }, Error],
  ] as [string, Fault, typeof Error][])('such as %s is passed on', async (_, fault, Kind) => {
    gitlab.onRequest = () => fault;

    expect(await errorOf(read())).toBeInstanceOf(Kind);
    const queries = gitlab.requests.map(({ body }) => (body as { query: string }).query);
    expect(new Set(queries)).toEqual(
      new Set([groupDocument(firstPlan(wanted.version).documents[0] ?? [], true)]),
    );
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
