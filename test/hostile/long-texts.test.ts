import { describe, expect, it } from 'vitest';
import { listing, withoutPaths } from '../../lambdas/domain/failure-message.ts';
import { Secret } from '../../lambdas/domain/secret.ts';
import { NetworkError } from '../../lambdas/gitlab/errors.ts';
import { nextPage } from '../../lambdas/gitlab/paging.ts';
import { foreignText, isWebPage, reasonOf } from '../../lambdas/gitlab/reasons.ts';
import { refusedAttributes } from '../../lambdas/gitlab/refusals.ts';
import { badges as badgesRelation } from '../../lambdas/pipelines/badges.ts';
import { boards as boardsRelation } from '../../lambdas/pipelines/boards.ts';
import { group as groupRelation } from '../../lambdas/pipelines/group.ts';
import { labels as labelsRelation } from '../../lambdas/pipelines/labels.ts';
import { members as membersRelation } from '../../lambdas/pipelines/members.ts';
import { milestones as milestonesRelation } from '../../lambdas/pipelines/milestones.ts';
import { subgroupEntities } from '../../lambdas/pipelines/subgroup-entities.ts';
import {
  ACME,
  FINISHED,
  handlerOf,
  type PipelineHandler,
  startBench,
} from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const badges = handlerOf(badgesRelation);
const boards = handlerOf(boardsRelation);
const group = handlerOf(groupRelation);
const labels = handlerOf(labelsRelation);
const members = handlerOf(membersRelation);
const milestones = handlerOf(milestonesRelation);
const subgroups = handlerOf(subgroupEntities);

useTableInMemory();

const MIB = 1024 * 1024;

/** A text in place of one of the texts of whatever the source sends under a path. */
interface Place {
  pipeline: string;
  handler: PipelineHandler;
  /** End of the path of the request. */
  path: string;
  record: Record<string, unknown>;
  /** Fields that take a text. */
  fields: string[];
}

const PLACES: Place[] = [
  {
    pipeline: 'labels',
    handler: labels,
    path: '/labels',
    record: { id: 1, name: 'bug', color: '#ff0000', description: 'a' },
    fields: ['name', 'color', 'description'],
  },
  {
    pipeline: 'milestones',
    handler: milestones,
    path: '/milestones',
    record: {
      id: 1,
      iid: 1,
      title: 'one',
      state: 'active',
      description: 'a',
      start_date: null,
      due_date: null,
    },
    fields: ['title', 'state', 'description', 'start_date', 'due_date'],
  },
  {
    pipeline: 'badges',
    handler: badges,
    path: '/badges',
    record: { id: 1, name: 'a', link_url: 'https://a.example', image_url: 'https://a.example/a.png' },
    fields: ['name', 'link_url', 'image_url'],
  },
  {
    pipeline: 'boards',
    handler: boards,
    path: '/boards',
    record: { id: 1, name: 'board', lists: [] },
    fields: ['name'],
  },
  {
    pipeline: 'subgroup_entities',
    handler: subgroups,
    path: '/subgroups',
    record: { id: 9_000, name: 'a', path: 'a', full_path: 'acme/a' },
    fields: ['name', 'path', 'full_path'],
  },
];

const CASES = PLACES.flatMap(place => place.fields.map(field => [place.pipeline, field, place] as const));

describe('a text of more than a MiB', () => {
  it.each(CASES)('fails its record of %s and no other, when it is its %s', async (_, field, place) => {
    const bench = await startBench();
    bench.addPair({});
    bench.source.onRequest = ({ path }) => {
      if (!path.endsWith(place.path)) return undefined;
      const long = { ...place.record, [field]: 'x'.repeat(MIB + 1) };
      const records = [long, { ...place.record, id: 9_999 }];
      return { kind: 'respond', status: 200, headers: { 'x-next-page': '' }, body: JSON.stringify(records) };
    };
    const migration = await bench.migration(place.pipeline, ACME);

    expect(await migration.run(place.handler)).toEqual(FINISHED);

    expect((await migration.tracker()).status).toBe('finished');
    expect((await migration.tracker()).counts).toMatchObject({ source: 2, imported: 1, failed: 1 });
    const [failure, ...others] = await migration.failures();
    expect(others).toEqual([]);
    expect(failure?.exceptionClass).toBe('BulkImports::BudgetExceededError');
    expect(failure?.exceptionMessage).toMatch(
      new RegExp(`^Its ${field} at the source has 1048577 characters`),
    );
    expect(failure?.sourceTitle?.length).toBeLessThanOrEqual(255);
  });

  it('fails its member, when it is the name of one', async () => {
    const bench = await startBench();
    bench.addPair({ members: [] });
    bench.source.addUser({ username: 'ann', name: 'x'.repeat(MIB + 1), publicEmail: 'ann@public.example' });
    const acme = bench.source.group('acme');
    bench.source.onRequest = ({ path, body }) => {
      if (!path.endsWith('/graphql') || !JSON.stringify(body).includes('groupMembers')) return undefined;
      const user = {
        id: 'gid://gitlab/User/7',
        publicEmail: null,
        username: 'ann',
        name: 'x'.repeat(MIB + 1),
      };
      const nodes = [
        { id: 'one', user },
        { id: 'two', user: { ...user, id: 'gid://gitlab/User/8', name: 'Ann' } },
      ];
      const found = {
        id: `gid://gitlab/Group/${acme?.id}`,
        groupMembers: { nodes, pageInfo: { hasNextPage: false } },
      };
      return { kind: 'respond', status: 200, body: JSON.stringify({ data: { group: found } }) };
    };
    const migration = await bench.migration('members', ACME);

    await migration.run(members);

    expect((await migration.tracker()).counts).toMatchObject({ source: 2, skipped: 1, failed: 1 });
  });

  it('fails the group, when it is its name', async () => {
    const bench = await startBench();
    const { id } = bench.source.addGroup({ name: 'Acme', path: 'acme' });
    const found = { id: `gid://gitlab/Group/${id}`, name: 'x'.repeat(MIB + 1), path: 'acme' };
    bench.source.onRequest = ({ path, body }) =>
      path.endsWith('/graphql') && JSON.stringify(body).includes('requestAccessEnabled')
        ? { kind: 'respond', status: 200, body: JSON.stringify({ data: { group: found } }) }
        : undefined;
    const migration = await bench.migration('group', { from: 'acme' });

    await migration.run(group);

    expect((await migration.entity()).status).toBe('failed');
    const [failure] = await migration.failures();
    expect(failure?.exceptionMessage).toMatch(/^Its name at the source has 1048577 characters/);
    expect(failure?.sourceTitle?.length).toBe(255);
  });
});

/** What is made of a GitLab's words, and texts for which a careless expression needs the square of their length. */
const token = new Secret('fake-token-of-some-length');
const WORDS: [string, (text: string) => unknown][] = [
  ['the filter of paths', withoutPaths],
  ['a foreign text', text => foreignText(text, token)],
  ['the reason of a response', text => reasonOf({ body: Buffer.from(text) }, token)],
  [
    'the reason in a message',
    text => reasonOf({ body: Buffer.from(JSON.stringify({ message: text })) }, token),
  ],
  [
    'the reasons in a list',
    text => reasonOf({ body: Buffer.from(JSON.stringify({ message: [text, text] })) }, token),
  ],
  [
    'the errors of GraphQL',
    text => reasonOf({ body: Buffer.from(JSON.stringify({ errors: [{ message: text }] })) }, token),
  ],
  ['whether it is a web page', text => isWebPage({ headers: {}, body: Buffer.from(text) })],
  ['the next page', text => nextPage({ link: text.slice(0, 16 * 1024) }, { page: 1, perPage: 100 }, 1)],
  [
    'refused attributes',
    text =>
      refusedAttributes(
        new NetworkError('no', {
          instance: 'source',
          method: 'POST',
          status: 400,
          reason: foreignText(text, token),
        }),
      ),
  ],
  ['a list of problems', text => listing('These:', Array(10_000).fill(text), 'Do it.')],
];
const PARTS = [
  'a',
  'a ',
  ' ',
  '/',
  'a/',
  '<',
  '<a>;',
  '<title',
  '<title>',
  '{',
  ':a=>["',
  '\\"',
  '"',
  ', a b',
  'complexity ',
  'ab: ["',
];

describe('words of a GitLab', () => {
  it.each(WORDS)(
    'cost no more than their length: %s',
    (_, read) => {
      for (const part of PARTS) {
        const long = part.repeat(Math.ceil(MIB / part.length));
        // A square of that would take minutes, so that the time of the test is the limit.
        expect(() => read(long)).not.toThrow();
      }
    },
    20_000,
  );

  it('are cut before a token is looked for, and none of it is left where they were cut in two', () => {
    const secret = token.expose();
    for (let at = 19_970; at <= 20_001; at++) {
      // White space is drawn together, so that the end of what is read comes near the beginning.
      const text = `no${' '.repeat(at - 2)}${secret} and more`;
      expect(foreignText(text, token)).not.toContain(secret.slice(0, 4));
    }
  });
});
