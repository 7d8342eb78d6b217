import { describe, expect, it } from 'vitest';
import { IncompleteRecordError } from '../../lambdas/domain/errors.ts';
import { Secret } from '../../lambdas/domain/secret.ts';
import { StoreError } from '../../lambdas/domain/store-errors.ts';
import { Change, onlyPage, Skip } from '../../lambdas/engine/relation.ts';
import { reopenEntities } from '../../lambdas/engine/reopen-entities.ts';
import { listResolvedFailures } from '../../lambdas/store/failures.ts';
import { getImport, type Import, moveImport, type Retry, reopenImport } from '../../lambdas/store/imports.ts';
import { putTokens } from '../../lambdas/store/sealed-tokens.ts';
import {
  type EntityInLane,
  entityInLane,
  type NamedRelation,
  relationOf,
} from '../support/service/entity-lane.ts';
import { useWorkflowTable } from '../support/service/workflow-table.ts';

useWorkflowTable();

/** A relation whose destination can be told what it refuses; it tells what it was asked for. */
function sample(records = ['a', 'b', 'c', 'd', 'e']) {
  const world = {
    records,
    refused: new Set<string>(),
    there: new Set<string>(),
    asked: [] as string[],
    diesAt: undefined as string | undefined,
  };
  const relation = relationOf('labels', {
    read: async () => onlyPage([...world.records]),
    decide(record) {
      if (record === world.diesAt) throw new StoreError('The run has died.');
      world.asked.push(record);
      return world.there.has(record) ? 'keep' : 'create';
    },
    async create(record) {
      if (world.refused.has(record)) throw new Error(`${record} was refused.`);
      world.there.add(record);
    },
  });
  return { world, relation };
}

/** Ends the import of an entity and opens it for another attempt. */
async function retry(entity: EntityInLane, wanted: Retry = { scope: 'failed' }): Promise<Import> {
  const record = await entity.record();
  await moveImport(record, 'finished');
  const reopened = (await reopenImport(await getImport(record.id), wanted)) as Import;
  await putTokens(reopened, { source: new Secret('sample-source'), destination: new Secret('sample') });
  await moveImport(reopened, 'started');
  await reopenEntities(await getImport(record.id));
  entity.event.attempt = reopened.attempt;
  return getImport(record.id);
}

async function countsOf(entity: EntityInLane, name = 'labels') {
  const { source, fetched, imported, skipped, failed } = (await entity.entity()).trackers[name]?.counts ?? {};
  return [source, fetched, imported, skipped, failed];
}

const titles = async (entity: EntityInLane) =>
  (await entity.failures()).map(({ sourceTitle, attempt }) => [sourceTitle, attempt]);

async function failedWith(records: string[], ...others: NamedRelation[]) {
  const { world, relation } = sample();
  for (const record of records) world.refused.add(record);
  const entity = await entityInLane([relation, ...others]);
  await entity.run();
  world.asked = [];
  world.refused.clear();
  return { world, entity };
}

describe('a relation of which only failures are tried again', () => {
  it('moves the records that have failed, and passes over all others', async () => {
    const { world, entity } = await failedWith(['b', 'd']);
    await retry(entity);

    await entity.run();

    expect(world.asked).toEqual(['b', 'd']);
    expect(await countsOf(entity)).toEqual([5, 5, 5, 0, 0]);
    expect(await titles(entity)).toEqual([]);
    expect(await entity.entity()).toMatchObject({ status: 'finished', hasFailures: false, attempt: 2 });
    const { importId, id } = await entity.entity();
    expect(await listResolvedFailures(importId, id)).toMatchObject([
      { attempt: 1, resolvedAttempt: 2 },
      { attempt: 1, resolvedAttempt: 2 },
    ]);
  });

  it('keeps what fails again, as of the attempt in which it did', async () => {
    const { world, entity } = await failedWith(['b', 'd']);
    world.refused.add('d');
    await retry(entity);

    await entity.run();

    expect(await countsOf(entity)).toEqual([5, 5, 4, 0, 1]);
    expect(await titles(entity)).toEqual([['d', 2]]);
    expect(await entity.entity()).toMatchObject({ status: 'finished', hasFailures: true });
  });

  it('moves nothing that the source has got since', async () => {
    const { world, entity } = await failedWith(['b']);
    world.records.push('f');
    await retry(entity);

    await entity.run();

    expect(world.asked).toEqual(['b']);
    expect(await countsOf(entity)).toEqual([5, 5, 5, 0, 0]);
  });

  it('counts a record that is left out now, with the reason', async () => {
    const { world, entity } = await failedWith(['b']);
    await retry(entity);
    const skipping = relationOf('labels', {
      read: async () => onlyPage([...world.records]),
      decide: () => new Skip('no_user'),
    });
    const lane = await entityInLane([skipping]);

    await lane.run({ ...entity.event });

    expect(await countsOf(entity)).toEqual([5, 5, 4, 1, 0]);
  });

  it.each([
    ['was brought', [], [5, 5, 5, 0, 0], []],
    ['has failed again', ['b'], [5, 5, 4, 0, 1], [['b', 2]]],
  ])('counts a record once that %s when the run dies behind it', async (_, refused, counts, left) => {
    const { world, entity } = await failedWith(['b', 'd']);
    for (const record of refused) world.refused.add(record);
    await retry(entity);
    world.diesAt = 'd';
    await expect(entity.run()).rejects.toThrow(StoreError);
    expect(await countsOf(entity)).toEqual([5, 5, 3, 0, 2]);
    world.diesAt = undefined;

    await entity.run();

    expect(await countsOf(entity)).toEqual(counts);
    expect(await titles(entity)).toEqual(left);
  });

  it('may be tried as often as one likes', async () => {
    const { world, entity } = await failedWith(['b', 'd']);
    world.refused.add('b').add('d');
    for (const attempt of [2, 3]) {
      await retry(entity);
      await entity.run();
      expect(await titles(entity)).toEqual(expect.arrayContaining([['b', attempt]]));
    }
    world.refused.clear();
    await retry(entity);
    await entity.run();

    expect(await countsOf(entity)).toEqual([5, 5, 5, 0, 0]);
    expect(await titles(entity)).toEqual([]);
  });
});

describe('a relation that did not come to its end', () => {
  it('is moved from its beginning, and its failure is closed at its end', async () => {
    const { world, relation } = sample();
    let isReadable = false;
    const read: NamedRelation['read'] = async (...parameters) => {
      if (!isReadable) throw new Error('It cannot be read.');
      return relation.read(...parameters);
    };
    const entity = await entityInLane([{ ...relation, read }, relationOf('boards')]);
    await entity.run();
    expect(await titles(entity)).toEqual([[null, 1]]);
    isReadable = true;
    world.there.add('a');
    await retry(entity);

    await entity.run();

    expect(world.asked).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(await countsOf(entity)).toEqual([5, 5, 5, 0, 0]);
    expect(await countsOf(entity, 'boards')).toEqual([1, 1, 1, 0, 0]);
    expect(await titles(entity)).toEqual([]);
  });
});

describe('a relation of which all is compared', () => {
  it('brings what is new, and changes nothing that is there', async () => {
    const { world, entity } = await failedWith(['b']);
    world.records.push('f');
    await retry(entity, { scope: 'all' });
    const changed: string[] = [];
    const differing = relationOf('labels', {
      read: async () => onlyPage([...world.records]),
      decide(record) {
        if (record === 'c') throw new IncompleteRecordError('It differs.');
        return world.there.has(record) ? new Change() : 'create';
      },
      async create(record) {
        changed.push(record);
      },
      async change(record) {
        changed.push(record);
      },
    });

    await (await entityInLane([differing])).run({ ...entity.event });

    expect(changed).toEqual(['b', 'f']);
    expect(await countsOf(entity)).toEqual([6, 6, 6, 0, 0]);
    expect(await titles(entity)).toEqual([]);
  });

  it('drops the failure of a record that has left the source', async () => {
    const { world, entity } = await failedWith(['b', 'd']);
    world.records = ['a', 'c', 'd', 'e'];
    await retry(entity, { scope: 'all' });

    await entity.run();

    expect(await countsOf(entity)).toEqual([4, 4, 4, 0, 0]);
    expect(await titles(entity)).toEqual([]);
  });
});

describe('what a retry selects', () => {
  it('is only what was named of the relations', async () => {
    const boards = sample(['x']);
    boards.world.refused.add('x');
    const other = { ...boards.relation, name: 'boards', relation: 'boards' };
    const { world, entity } = await failedWith(['b'], other);
    boards.world.refused.clear();
    await retry(entity, { scope: 'failed', relations: ['boards'] });

    await entity.run();

    expect(world.asked).toEqual([]);
    expect(await titles(entity)).toEqual([['b', 1]]);
    expect(await entity.entity()).toMatchObject({ status: 'finished', hasFailures: true });
  });

  it('is reset once, however often the first step is repeated', async () => {
    const { world, entity } = await failedWith(['b', 'd']);
    world.refused.add('d');
    const record = await retry(entity);
    await entity.run();

    await reopenEntities(record);

    expect(await entity.entity()).toMatchObject({ status: 'finished', attempt: 2 });
  });

  it('is nothing of an entity that is not named', async () => {
    const { entity } = await failedWith(['b']);
    await retry(entity, { scope: 'failed', entityIds: [1] });

    expect(await entity.entity()).toMatchObject({ status: 'finished', attempt: 1 });
  });
});

it('a run of an earlier attempt does nothing in a later one', async () => {
  const { world, entity } = await failedWith(['b']);
  await retry(entity);

  const { status } = await entity.run({ attempt: 1 });

  expect(status).toBe('ended');
  expect(world.asked).toEqual([]);
  expect(await entity.entity()).toMatchObject({ status: 'created', run: 1 });
});
