import { beforeEach, describe, expect, it } from 'vitest';
import { createLabels, LABELS_PER_DOCUMENT } from '../../lambdas/gitlab/api/labels.ts';
import type { GitLabClient } from '../../lambdas/gitlab/client.ts';
import { TemporaryError } from '../../lambdas/gitlab/errors.ts';
import { documentOf } from '../../lambdas/gitlab/mutations.ts';
import type { Fault, SampleGitLab, SampleGitLabOptions } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { errorOf } from '../support/gitlab/gitlab-client.ts';
import { clientOf, startedGitLab } from '../support/gitlab/started-gitlab.ts';
import { startHttpServer } from '../support/network/http-server.ts';

let gitlab: SampleGitLab;
let client: GitLabClient;

async function start(options: SampleGitLabOptions = {}) {
  const started = await startedGitLab(['ann', 'gus'], options);
  started.addGroup({
    name: 'Top',
    path: 'top',
    labels: [{ title: 'inherited', color: '#000000' }],
    members: [
      { username: 'ann', accessLevel: 50 },
      { username: 'gus', accessLevel: 10 },
    ],
  });
  started.addGroup({ name: 'Sub', path: 'sub', parent: 'top', labels: [{ title: 'bug' }] });
  return started;
}

const named = (name: string) => ({ name, color: '#123456' });
const titles = () => gitlab.group('top/sub')?.labels.map(({ title }) => title);
const many = (count: number) => Array.from({ length: count }, (_, index) => named(`label ${index}`));

beforeEach(async () => {
  gitlab = await start();
  client = clientOf('ann', gitlab.url);
});

it('makes labels in one request and returns what the GitLab shows of them', async () => {
  const created = await createLabels(client, 'top/sub', [
    { name: 'red one', color: 'red', description: 'Is red' },
    named('plain'),
  ]);

  const [red, plain] = gitlab.group('top/sub')?.labels.slice(1) ?? [];
  expect(created).toEqual([
    {
      kind: 'created',
      record: { id: red?.id, name: 'red one', color: '#FF0000', description: 'Is red' },
    },
    { kind: 'created', record: { id: plain?.id, name: 'plain', color: '#123456', description: null } },
  ]);
  expect(gitlab.requests).toHaveLength(1);
});

it('asks for nothing where there are none', async () => {
  expect(await createLabels(client, 'top/sub', [])).toEqual([]);
  expect(gitlab.requests).toEqual([]);
});

it('tells those that are taken and refused from the others, which are made', async () => {
  const created = await createLabels(client, 'top/sub', [
    named('bug'),
    { name: 'odd', color: 'no colour' },
    { name: `${'x'.repeat(256)},`, color: '#12' },
    named('inherited'),
  ]);

  expect(created.map(({ kind }) => kind)).toEqual(['taken', 'refused', 'refused', 'created']);
  const attributes = created.map(outcome => (outcome.kind === 'refused' ? [...outcome.attributes] : []));
  expect(attributes[1]).toEqual([['color', 'must be a valid color code']]);
  expect(Object.fromEntries(attributes[2] ?? [])).toEqual({
    color: 'must be a valid color code',
    name: 'is invalid, is too long (maximum is 255 characters)',
  });
  expect(titles()).toEqual(['bug', 'inherited']);
});

it.each([
  ['whose role is too low', 'gus', 'top/sub'],
  ['in a group that is not there', 'ann', 'top/gone'],
])('is refused without a word about attributes for somebody %s', async (_, username, path) => {
  const created = await createLabels(clientOf(username, gitlab.url), path, [named('a'), named('b')]);

  expect(created).toMatchObject([
    { kind: 'refused', error: { reason: expect.stringContaining("don't have permission") } },
    { kind: 'refused' },
  ]);
  expect(created.flatMap(outcome => (outcome.kind === 'refused' ? [...outcome.attributes] : []))).toEqual([]);
  expect(titles()).toEqual(['bug']);
});

it('sends forty at a time, one document after the other', async () => {
  const created = await createLabels(client, 'top/sub', many(LABELS_PER_DOCUMENT + 5));

  expect(created.every(({ kind }) => kind === 'created')).toBe(true);
  expect(gitlab.requests).toHaveLength(2);
  expect(titles()).toEqual(['bug', ...many(45).map(({ name }) => name)]);
  expect(gitlab.statistics.peakParallel).toBe(1);
});

it('has room for forty labels in a document', () => {
  const items = many(LABELS_PER_DOCUMENT).map(({ name }) => ({
    input: {},
    change: { kind: 'create', target: 'Label', title: name } as const,
  }));
  const { query } = documentOf({
    operation: '',
    mutation: 'labelCreate',
    inputType: 'LabelCreateInput',
    selection: 'label { id title color description }',
    schema: undefined as never,
    items,
  });

  expect(query.length).toBeLessThan(10_000);
});

/** What a GitLab says that computes only so many points. */
const complexityOver = (points: number): Fault | undefined => ({
  kind: 'respond',
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    errors: [{ message: `Query has complexity of ${points}, which exceeds max complexity of 100` }],
  }),
});
const sizeOf = (body: unknown) => Object.keys((body as { variables: object }).variables).length;

it('sends fewer at a time to a GitLab that computes less at once, and all of them once', async () => {
  gitlab.onRequest = ({ body }) => (sizeOf(body) > 16 ? complexityOver(6 * sizeOf(body)) : undefined);

  const created = await createLabels(client, 'top/sub', many(40));

  expect(created.map(({ kind }) => kind)).toEqual(Array(40).fill('created'));
  expect(gitlab.requests.map(({ body }) => sizeOf(body))).toEqual([40, 20, 10, 10, 10, 10]);
  expect(titles()).toHaveLength(41);
});

it('leaves a document that is refused as a whole to single writes', async () => {
  const errors = [{ message: 'Variable $i1 of type LabelCreateInput! was provided invalid value' }];
  const server = await startHttpServer({ body: JSON.stringify({ errors }) });

  const created = await createLabels(clientOf('ann', server.url), 'top/sub', many(2));

  expect(created.map(({ kind }) => kind)).toEqual(['document_refused', 'document_refused']);
  expect(server.requests).toHaveLength(1);
});

describe('trouble that passes', () => {
  it.each([
    ['a limit', { kind: 'respond', status: 429 }, 0],
    ['an outage', { kind: 'respond', status: 502 }, 0],
    ['a lost answer', { kind: 'drop-after' }, 3],
  ] as [string, Fault, number][])('of %s is thrown, with as much made as was run', async (_, fault, made) => {
    gitlab.onRequest = () => fault;

    expect(await errorOf(createLabels(client, 'top/sub', many(3)))).toBeInstanceOf(TemporaryError);
    expect(titles()).toHaveLength(1 + made);
    expect(gitlab.requests).toHaveLength(1);
  });

  it('leaves labels that may have been made to a look-up', async () => {
    const errors = [{ message: 'Timeout on Mutation.labelCreate', path: ['m1'] }];
    const label = { id: 'gid://gitlab/GroupLabel/7', title: 'label 0', color: '#123456' };
    const data = { m0: { label, errors: [] }, m1: null };
    const server = await startHttpServer({ body: JSON.stringify({ data, errors }) });

    const created = await createLabels(clientOf('ann', server.url), 'top/sub', many(2));

    expect(created).toMatchObject([
      { kind: 'created', record: { id: 7, name: 'label 0' } },
      { kind: 'unknown', error: expect.any(TemporaryError) },
    ]);
  });
});

it.each(['14.0.0', '14.9.5-ee', '17.11.2-ee'])('is understood by GitLab %s', async version => {
  gitlab = await start({ version });

  const created = await createLabels(clientOf('ann', gitlab.url), 'top/sub', [named('a')]);

  expect(created).toMatchObject([{ kind: 'created', record: { name: 'a' } }]);
});
