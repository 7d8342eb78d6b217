import { afterEach, describe, expect, it, vi } from 'vitest';
import { wikis } from '../../lambdas/pipelines/wikis.ts';
import { refused, requestsTo, setFault } from '../support/gitlab/gitlab-faults.ts';
import { ACME, FINISHED, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(wikis);

useTableInMemory();
afterEach(() => {
  vi.unstubAllEnvs();
});

const HOME = { slug: 'home', content: 'Welcome' };
const GUIDE = { slug: 'guides/first-steps', content: 'Sit down.' };
const FORBIDDEN = refused(403, '403 Forbidden');
const NO_SUCH_FIELD = {
  kind: 'respond',
  status: 200,
  body: `{"errors":[{"message":"Field 'epicsEnabled' doesn't exist on type 'Group'"}]}`,
} as const;
const WIKIS = /\/wikis(\/|$)/;

describe('the wikis relation', () => {
  it('changes a page that is at the destination with another content', async () => {
    const bench = await startBench();
    const group = bench.addPair({ wikis: [HOME, { ...GUIDE, format: 'org' }] });
    group.wikis.push({ ...GUIDE, content: 'Stand up.', format: 'markdown', frontMatter: {} });
    const migration = await bench.migration('wikis', ACME);

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(group.wikis).toContainEqual({ ...GUIDE, format: 'org', frontMatter: {} });
    expect(group.wikis).toHaveLength(2);
    expect(requestsTo(bench.destination, { method: 'PUT', path: WIKIS })).toHaveLength(1);
    expect((await migration.tracker()).counts).toMatchObject({ source: 2, imported: 2, failed: 0 });
  });

  it.each([
    { of: 'the Community Edition', options: { version: '17.11.2' }, reads: 0 },
    { of: 'the Free tier', options: { edition: 'free' as const }, reads: 1 },
  ])('has nothing to do for a source of $of', async ({ options, reads }) => {
    const bench = await startBench({ source: options });
    bench.addPair({ wikis: [HOME] });
    const migration = await bench.migration('wikis', ACME);

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect((await migration.tracker()).counts).toMatchObject({ source: 0, failed: 0 });
    expect(await migration.failures()).toEqual([]);
    expect(requestsTo(bench.source, { path: WIKIS })).toHaveLength(reads);
    expect(requestsTo(bench.destination, { path: WIKIS })).toEqual([]);
  });

  it('fails for a source that has wikis, and lets its user not read them', async () => {
    const bench = await startBench();
    bench.addPair({ wikis: [HOME] });
    setFault(bench.source, { path: WIKIS }, FORBIDDEN);
    const migration = await bench.migration('wikis', ACME);

    await migration.run(handler);

    expect(await migration.failures()).toMatchObject([
      {
        relation: 'wikis',
        exceptionMessage: expect.stringMatching(/^.*403 Forbidden.*role of the source token/),
      },
    ]);
  });

  it('fails for a source that does not say whether it has wikis, and refuses to show them', async () => {
    const bench = await startBench();
    bench.addPair({ wikis: [HOME] });
    bench.source.onRequest = ({ path }) => {
      if (WIKIS.test(path)) return FORBIDDEN;
      return path.endsWith('/graphql') ? NO_SUCH_FIELD : undefined;
    };
    const migration = await bench.migration('wikis', ACME);

    await migration.run(handler);

    expect(await migration.failures()).toHaveLength(1);
  });

  it('says for a destination with wikis that its user may not read them', async () => {
    const bench = await startBench();
    bench.addPair({ wikis: [HOME] });
    setFault(bench.destination, { path: WIKIS }, FORBIDDEN);
    const migration = await bench.migration('wikis', ACME);

    await migration.run(handler);

    expect(await migration.failures()).toMatchObject([
      { exceptionMessage: expect.stringMatching(/^.*403 Forbidden.*role of the destination token/) },
    ]);
  });

  it('asks no source whose wikis are disabled', async () => {
    const bench = await startBench();
    bench.addPair({ wikis: [HOME] });
    setFault(
      bench.source,
      { path: /\/groups\/\d+$/ },
      {
        kind: 'change',
        change: answer => ({
          ...answer,
          body: String(answer.body).replace(
            '"wiki_access_level":"enabled"',
            '"wiki_access_level":"disabled"',
          ),
        }),
      },
    );
    const migration = await bench.migration('wikis', ACME);

    await migration.run(handler);

    expect(requestsTo(bench.source, { path: WIKIS })).toEqual([]);
    expect((await migration.tracker()).counts).toMatchObject({ source: 0, failed: 0 });
  });

  it.each([
    { of: 'the Community Edition', options: { version: '17.11.2' } },
    { of: 'the Free tier', options: { edition: 'free' as const } },
  ])('says in one failure what a destination of $of needs', async ({ options }) => {
    const bench = await startBench({ destination: options });
    bench.addPair({ wikis: [HOME, GUIDE] });
    const migration = await bench.migration('wikis', ACME);

    expect(await migration.run(handler)).toEqual(FINISHED);

    const [failure, ...others] = await migration.failures();
    expect(failure).toMatchObject({
      relation: 'wikis',
      step: 'loader',
      exceptionClass: 'BulkImports::UnsupportedByDestinationError',
      exceptionMessage: expect.stringMatching(
        /^The group's wiki needs GitLab Premium or Ultimate at the destination, .* Copy it by hand, or import again/,
      ),
    });
    expect(failure?.exceptionMessage.length).toBeLessThanOrEqual(255);
    expect(others).toEqual([]);
    expect(requestsTo(bench.destination, { method: 'POST', path: WIKIS })).toEqual([]);
    // There is no other way to find out: a GitLab does not tell its edition to everybody.
    bench.destination.takeUndeclared();
  });

  it.each([
    { as: 'as it is at the source', there: {}, changes: 0 },
    { as: 'otherwise', there: { content: 'Go away' }, changes: 1 },
  ])('takes a page that was made since the look-up, $as', async ({ there, changes }) => {
    const bench = await startBench();
    const group = bench.addPair({ wikis: [HOME] });
    const page = { ...HOME, format: 'markdown' as const, frontMatter: {}, ...there };
    bench.destination.onRequest = ({ method, path }) => {
      if (method === 'POST' && WIKIS.test(path)) group.wikis.push(page);
      return undefined;
    };
    const migration = await bench.migration('wikis', ACME);

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(await migration.failures()).toEqual([]);
    expect(group.wikis).toEqual([{ ...page, ...HOME }]);
    expect(requestsTo(bench.destination, { method: 'PUT', path: WIKIS })).toHaveLength(changes);
    expect((await migration.tracker()).counts).toMatchObject({ imported: 1, failed: 0 });
  });

  it('fails for a page that is refused as one that is there, and is not to be found', async () => {
    const bench = await startBench();
    bench.addPair({ wikis: [HOME] });
    setFault(bench.destination, { method: 'POST', path: WIKIS }, refused(400, { base: ['Duplicate page'] }));
    const migration = await bench.migration('wikis', ACME);

    await migration.run(handler);

    expect(await migration.failures()).toMatchObject([
      { exceptionMessage: expect.stringMatching(/refused to create the wiki page: 400 base Duplicate page/) },
    ]);
  });

  it('asks no destination when the source has no pages', async () => {
    const bench = await startBench();
    bench.addPair({});
    const migration = await bench.migration('wikis', ACME);

    await migration.run(handler);

    expect(requestsTo(bench.destination, { path: WIKIS })).toEqual([]);
  });

  it('reads all pages at both ends, however many there are, since GitLab sends all at once', async () => {
    const bench = await startBench();
    const all = pages(1_001, 'Short.');
    const group = bench.addPair({ wikis: all });
    for (const page of all) group.wikis.push({ ...page, format: 'markdown', frontMatter: {} });
    const migration = await bench.migration('wikis', ACME);

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect((await migration.tracker()).counts).toMatchObject({ source: 1_001, imported: 1_001, failed: 0 });
    expect(requestsTo(bench.destination, { path: WIKIS })).toHaveLength(1);
  });

  it('says of a wiki that is too large how many pages are missing, and what to do', async () => {
    vi.stubEnv('RESPONSE_MEGABYTES', '1');
    const bench = await startBench();
    const group = bench.addPair({ wikis: pages(3, 'Long.'.repeat(100_000)) });
    const migration = await bench.migration('wikis', ACME);

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(group.wikis).toEqual([]);
    expect((await migration.tracker()).counts).toMatchObject({
      source: 3,
      fetched: 3,
      imported: 0,
      failed: 3,
    });
    expect((await migration.failures()).map(({ exceptionMessage }) => exceptionMessage)).toEqual([
      'The source GitLab, asked to list the wiki pages, sent too much: its response is larger than 1048576 bytes. If it is right, let the operator of this service raise RESPONSE_MEGABYTES. 3 of 3 records were not read.',
    ]);
  });
});

const pages = (count: number, content: string) =>
  Array.from({ length: count }, (_, index) => ({ slug: `page-${String(index).padStart(4, '0')}`, content }));
