import { describe, expect, it } from 'vitest';
import { collection } from '../../lambdas/engine/collection.ts';
import type { CreatedOfMany } from '../../lambdas/engine/collection-declaration.ts';
import type { Label, LabelAttributes } from '../../lambdas/gitlab/api/labels.ts';
import { NetworkError, TemporaryError } from '../../lambdas/gitlab/errors.ts';
import { ACME, FINISHED, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();

type Fate = CreatedOfMany<Label>;
const refusal = (reason: string) =>
  new NetworkError(reason, { instance: 'destination', method: 'POST', status: 400, reason });
const lost = new TemporaryError('lost', {
  instance: 'destination',
  method: 'POST',
  reason: 'lost',
  waitsFor: 'outage',
});

/** A collection of three records, a to c, and what its first request for several says of each. */
async function startThree(fateOf: (label: Label, put: () => void) => Fate) {
  const bench = await startBench();
  bench.addPair({});
  const there: Label[] = [];
  const alone: string[] = [];
  const together: string[][] = [];
  const shown = ({ name, color }: LabelAttributes): Label => ({ id: there.length + 1, name, color });
  const relation = collection<Label, LabelAttributes, Label>({
    name: 'labels',
    pipelineClass: 'Labels',
    relation: 'labels',
    what: 'label',
    read: async () => ({
      records: ['a', 'b', 'c'].map((name, index) => ({ id: index + 1, name, color: '#000000' })),
      next: null,
      total: 3,
    }),
    existing: async () => [...there],
    keyOf: ({ name }) => name,
    want: ({ name, color }) => ({ name, color }),
    async create(_, __, label) {
      alone.push(label.name);
      if (there.some(({ name }) => name === label.name)) throw new Error(`${label.name} is there twice`);
      there.push(shown(label));
      return shown(label);
    },
    createMany: {
      size: 10,
      async create(_, fullPath, labels) {
        together.push([fullPath, ...labels.map(({ name }) => name)]);
        return labels.map(label => fateOf(shown(label), () => void there.push(shown(label))));
      },
    },
  });
  const migration = await bench.migration('labels', ACME);
  return { migration, handler: handlerOf(relation), there, alone, together };
}

const made = (record: Label, put: () => void): Fate => {
  put();
  return { kind: 'created', record };
};

describe('a collection that creates several records by one request', () => {
  it('sends them with the path of their group', async () => {
    const { migration, handler, alone, together } = await startThree(made);

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(together).toEqual([['acme', 'a', 'b', 'c']]);
    expect(alone).toEqual([]);
    expect((await migration.tracker()).counts).toMatchObject({ source: 3, imported: 3, failed: 0 });
  });

  it('takes a key that is taken for done, and sends alone what was refused', async () => {
    const { migration, handler, alone } = await startThree((label, put) => {
      if (label.name === 'a') return { kind: 'taken' };
      return label.name === 'b' ? { kind: 'refused', error: refusal('no') } : made(label, put);
    });

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(alone).toEqual(['b']);
    expect((await migration.tracker()).counts).toMatchObject({ imported: 3, failed: 0 });
  });

  it('looks up what nobody knows of, and sends alone what is not there', async () => {
    const { migration, handler, alone, there } = await startThree((label, put) => {
      if (label.name !== 'b') put();
      return { kind: 'unknown', error: refusal('unreadable') };
    });

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(alone).toEqual(['b']);
    expect(there.map(({ name }) => name).sort()).toEqual(['a', 'b', 'c']);
    expect((await migration.tracker()).counts).toMatchObject({ imported: 3, failed: 0 });
  });

  it('waits where that is trouble which passes, and then looks up', async () => {
    let requests = 0;
    const { migration, handler, alone, together } = await startThree((label, put) => {
      requests += 1;
      if (requests > 3) return made(label, put);
      put();
      return { kind: 'unknown', error: lost };
    });

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(together).toHaveLength(1);
    expect(alone).toEqual([]);
    expect((await migration.tracker()).counts).toMatchObject({ imported: 3, failed: 0 });
  });

  it('sends all alone where the request was not read', async () => {
    const { migration, handler, alone } = await startThree(() => ({
      kind: 'document_refused',
      error: refusal('too complex'),
    }));

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(alone).toEqual(['a', 'b', 'c']);
  });

  it('says of one that the destination does not show as it was asked for', async () => {
    const { migration, handler } = await startThree((label, put) =>
      made(label.name === 'b' ? { ...label, color: '#ffffff' } : label, put),
    );

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        sourceTitle: 'b',
        exceptionMessage: expect.stringContaining("color is '#ffffff' instead of '#000000'"),
      }),
    ]);
  });
});
