import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Secret } from '../../lambdas/domain/secret.ts';
import { allLabels } from '../../lambdas/gitlab/api/labels.ts';
import { group as groupRelation } from '../../lambdas/pipelines/group.ts';
import { labels as labelsRelation } from '../../lambdas/pipelines/labels.ts';
import { members as membersRelation } from '../../lambdas/pipelines/members.ts';
import { clientFor, errorOf } from '../support/gitlab/gitlab-client.ts';
import { EVIL_PAGINGS, type EvilPaging } from '../support/hostile/evil-responses.ts';
import {
  ACME,
  type Bench,
  FINISHED,
  handlerOf,
  SOURCE_TOKEN,
  startBench,
} from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const group = handlerOf(groupRelation);
const labels = handlerOf(labelsRelation);
const members = handlerOf(membersRelation);

useTableInMemory();

/** Few, so that a list that always has new records ends soon. */
const MOST_PAGES = 12;

beforeEach(() => vi.stubEnv('PAGES_PER_LIST', String(MOST_PAGES)));
afterEach(() => vi.unstubAllEnvs());

/** Answers what ends like this path with the pages of such a list. @returns which pages were asked for */
function serve(bench: Bench, ending: string, { page }: EvilPaging): string[] {
  const asked: string[] = [];
  bench.source.onRequest = ({ path, query }) => {
    if (!path.endsWith(ending)) return undefined;
    const number = String(query.get('page') ?? 1);
    const size = Number(query.get('per_page') ?? 20);
    asked.push(`${number}@${size}`);
    const { ids, next } = page(Number(number), size);
    const name = (id: number) => `label ${id}`;
    const records = ids.map(id => ({
      id,
      name: name(id),
      path: `group-${id}`,
      full_path: `acme/group-${id}`,
      color: '#123456',
    }));
    return { kind: 'respond', status: 200, headers: { 'x-next-page': next }, body: JSON.stringify(records) };
  };
  return asked;
}

describe.each(EVIL_PAGINGS.map(paging => [paging.name, paging] as const))('a list that %s', (_, paging) => {
  it('ends a pipeline with one failure, after few pages', async () => {
    const bench = await startBench();
    bench.addPair({});
    const asked = serve(bench, '/labels', paging);
    const migration = await bench.migration('labels', ACME);

    expect(await migration.run(labels)).toEqual(FINISHED);

    expect(asked.length).toBeLessThanOrEqual(MOST_PAGES + 1);
    expect((await migration.tracker()).status).toBe('failed');
    const failures = (await migration.failures()).filter(({ step }) => step === 'extractor');
    expect(failures).toHaveLength(1);
    expect(failures[0]?.exceptionClass).toMatch(/^BulkImports::(Paging|BudgetExceeded)Error$/);
  });

  it('is not read as a whole either', async () => {
    const bench = await startBench();
    const asked = serve(bench, '/labels', paging);
    const { client } = clientFor(bench.source.url, { token: new Secret(SOURCE_TOKEN) });

    const error = (await errorOf(allLabels(client, 1, false))) as Error;

    expect(error.name).toMatch(/^BulkImports::(Paging|BudgetExceeded)Error$/);
    expect(asked.length).toBeLessThanOrEqual(MOST_PAGES + 1);
  });
});

describe('a list of GraphQL', () => {
  /** Cursors of the page after the one that is asked for by another; `n` is how often it was asked. */
  const CURSORS: [string, (after: string | null, n: number) => string][] = [
    ['names the same cursor', after => after ?? 'a'],
    ['names two cursors in turn', after => (after === 'a' ? 'b' : 'a')],
    ['has no cursor', () => ''],
    ['has a cursor of a million characters', () => 'c'.repeat(1_000_000)],
    ['has ever new cursors', (_, n) => `cursor ${n}`],
  ];

  it.each(CURSORS)('that %s ends the pipeline with one failure', async (_, cursorAfter) => {
    const bench = await startBench();
    bench.addPair({});
    let asked = 0;
    bench.source.onRequest = ({ path, body }) => {
      const { query = '', variables = {} } = (body ?? {}) as {
        query?: string;
        variables?: Record<string, unknown>;
      };
      if (!path.endsWith('/graphql') || !query.includes('groupMembers')) return undefined;
      asked++;
      const endCursor = cursorAfter((variables.after as string | null) ?? null, asked);
      const nodes = Array.from({ length: 100 }, (_, index) => ({ id: `${asked}-${index}` }));
      const id = `gid://gitlab/Group/${bench.source.group('acme')?.id}`;
      const found = { id, groupMembers: { nodes, pageInfo: { hasNextPage: true, endCursor } } };
      return { kind: 'respond', status: 200, body: JSON.stringify({ data: { group: found } }) };
    };
    const migration = await bench.migration('members', ACME);

    expect(await migration.run(members)).toEqual(FINISHED);

    expect(asked).toBeLessThanOrEqual(MOST_PAGES + 1);
    expect((await migration.tracker()).status).toBe('failed');
    expect((await migration.failures()).map(({ exceptionClass }) => exceptionClass)).toEqual([
      expect.stringMatching(/^BulkImports::(Paging|BudgetExceeded)Error$/),
    ]);
  });
});

it('descendants that are empty pages without an end are left out with one failure', async () => {
  const bench = await startBench();
  bench.source.addGroup({ name: 'Acme', path: 'acme' });
  const asked = serve(bench, '/descendant_groups', {
    name: '',
    page: number => ({ ids: [], next: String(number + 1) }),
  });
  const migration = await bench.migration('group', { from: 'acme', destinationNamespace: 'nowhere' });

  expect(await migration.run(group)).toEqual(FINISHED);

  expect(asked.length).toBeLessThanOrEqual(5);
  const [rest] = (await migration.failures()).filter(({ sourceTitle }) => sourceTitle === 'subgroups');
  expect(rest?.exceptionMessage).toContain('could not be listed either: The list at the source does not end');
});
