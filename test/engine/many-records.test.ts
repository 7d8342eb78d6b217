import { describe, expect, it } from 'vitest';
import type { OneOfMany } from '../../lambdas/engine/relation.ts';
import { NetworkError, TemporaryError } from '../../lambdas/gitlab/errors.ts';
import { singleLabels as labels } from '../support/gitlab/single-labels.ts';
import { ACME, FINISHED, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { setTracker } from '../support/table/entity-records.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();

const lost = (retryAfter?: number) =>
  new TemporaryError('lost', {
    instance: 'destination',
    method: 'POST',
    reason: 'lost',
    waitsFor: 'outage',
    ...(retryAfter !== undefined && { retryAfter }),
  });
const refusal = (reason: string) =>
  new NetworkError(reason, { instance: 'destination', method: 'POST', status: 400, reason });

/** What a request for several records does: it may put them there, throws, or says what became of each. */
type Answer = (titles: string[], put: (title: string) => void) => OneOfMany[] | undefined;

const allMade: Answer = (titles, put) => {
  titles.forEach(put);
  return titles.map(() => 'imported');
};

/** The labels `label-00`, … in a relation that creates ten at once, with what its requests are answered, in order. */
async function startMany(
  count: number,
  answers: Answer[] = [],
  decideFirst: (title: string) => void = () => {},
) {
  const bench = await startBench();
  bench.addPair({
    labels: Array.from({ length: count }, (_, index) => ({
      title: `label-${String(index).padStart(2, '0')}`,
    })),
  });
  const there: string[] = [];
  const together: string[][] = [];
  const alone: string[] = [];
  const put = (title: string) => void there.push(title);
  const handler = handlerOf({
    ...labels,
    existing: async () => new Map(there.map(title => [title, { id: 1, name: title, color: '#000000' }])),
    decide(wanted, existing, context) {
      decideFirst(wanted.name);
      return labels.decide(wanted, existing, context);
    },
    async create({ name }) {
      alone.push(name);
      if (name === 'label-03') throw refusal('name is not nice');
      put(name);
    },
    many: {
      size: 10,
      least: 2,
      async create(wanted) {
        const titles = wanted.map(({ name }) => name);
        together.push(titles);
        return (answers.shift() ?? allMade)(titles, put);
      },
    },
  });
  return { handler, there, together, alone, migration: await bench.migration('labels', ACME) };
}

describe('a relation that creates many records at once', () => {
  it('sends as many as it says, and a single one by itself', async () => {
    const { handler, there, together, alone, migration } = await startMany(21);

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(together.map(({ length }) => length)).toEqual([10, 10]);
    expect(alone).toEqual(['label-20']);
    expect(there).toHaveLength(21);
    expect((await migration.tracker()).counts).toMatchObject({ source: 21, imported: 21, failed: 0 });
  });

  it('looks each record up by its key after a lost answer, before it sends it again', async () => {
    const { handler, there, together, migration } = await startMany(10, [
      (titles, put) => {
        titles.slice(0, 6).forEach(put);
        throw lost();
      },
    ]);

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(together[1]).toEqual(['label-06', 'label-07', 'label-08', 'label-09']);
    expect(there).toHaveLength(10);
    expect((await migration.tracker()).counts).toMatchObject({ source: 10, imported: 10, failed: 0 });
  });

  it('asks about no more records than it writes at once when a look-up meets trouble', async () => {
    const asked: string[] = [];
    const { handler, there, migration } = await startMany(10, [], title => {
      asked.push(title);
      if (title === 'label-01' && asked.length < 10) throw lost(33);
    });

    expect(await migration.run(handler)).toEqual({ status: 'wait', waitSeconds: 33 });
    expect(asked).toHaveLength(labels.parallel);
    asked.push(...Array.from({ length: 10 }, () => 'later'));
    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(there).toHaveLength(10);
    expect((await migration.tracker()).counts).toMatchObject({ source: 10, imported: 10, failed: 0 });
  });

  it('counts the records before the first that must wait, and no other', async () => {
    const { handler, there, migration } = await startMany(10, [
      (titles, put) => {
        titles.forEach(put);
        return titles.map((_, index) => (index === 4 || index === 7 ? { error: lost(30) } : 'imported'));
      },
    ]);

    expect(await migration.run(handler)).toMatchObject({ status: 'wait' });
    expect((await migration.tracker()).counts).toMatchObject({ fetched: 4, imported: 4 });

    expect(await migration.run(handler)).toEqual(FINISHED);
    expect(there).toHaveLength(10);
    expect((await migration.tracker()).counts).toMatchObject({ fetched: 10, imported: 10, failed: 0 });
  });

  it('sends one that was refused by itself, whose refusal says why', async () => {
    const { handler, there, alone, migration } = await startMany(10, [
      (titles, put) => {
        for (const title of titles) if (title !== 'label-03') put(title);
        return titles.map(title => (title === 'label-03' ? 'alone' : 'imported'));
      },
    ]);

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(alone).toEqual(['label-03']);
    expect(there).toHaveLength(9);
    expect((await migration.tracker()).counts).toMatchObject({ fetched: 10, imported: 9, failed: 1 });
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        sourceTitle: 'label-03',
        step: 'loader',
        exceptionMessage: 'name is not nice',
      }),
    ]);
  });

  it.each<[string, Answer]>([
    [
      'refuses them as a whole',
      () => {
        throw refusal('the document is too complex');
      },
    ],
    ['does not take them together', () => undefined],
  ])('sends them one by one, and tries no more, where the destination %s', async (_, answer) => {
    const { handler, there, together, alone, migration } = await startMany(21, [answer]);

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(together).toHaveLength(1);
    expect(alone).toHaveLength(21);
    expect(there).toHaveLength(20);
    expect((await migration.tracker()).counts).toMatchObject({ fetched: 21, imported: 20, failed: 1 });
  });

  it('leaves what was not sent after trouble to the next time', async () => {
    const { handler, there, alone, together, migration } = await startMany(10, [
      (titles, put) => {
        titles.slice(0, 2).forEach(put);
        return titles.map((_, index) =>
          index < 2 ? 'imported' : index === 2 ? { error: lost() } : 'unsent',
        );
      },
    ]);

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(alone).toEqual([]);
    expect(together[1]).toHaveLength(8);
    expect(there).toHaveLength(10);
  });

  it('writes singly no further than to the first record that met trouble', async () => {
    const { handler, alone, migration } = await startMany(10, [
      titles =>
        titles.map((_, index) => (index === 2 ? { error: lost(30) } : index === 5 ? 'alone' : 'imported')),
    ]);

    expect(await migration.run(handler)).toMatchObject({ status: 'wait' });

    expect(alone).toEqual([]);
  });

  it('goes on behind one of which it has given up waiting', async () => {
    const { handler, there, migration } = await startMany(10, [
      (titles, put) => {
        titles.slice(0, 2).forEach(put);
        return titles.map((_, index) =>
          index < 2 ? 'imported' : index === 2 ? { error: lost() } : 'unsent',
        );
      },
    ]);
    const waited = { outage: { times: 9, seconds: 9000 } };
    await setTracker({ id: migration.entityId, importId: migration.importId }, 'labels', {
      relation: 'labels',
      waited,
    });

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(there).toHaveLength(9);
    expect((await migration.tracker()).counts).toMatchObject({ fetched: 10, imported: 9, failed: 1 });
  });
});
