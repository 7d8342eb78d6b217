import { describe, expect, it } from 'vitest';
import { Secret } from '../../lambdas/domain/secret.ts';
import { STATUSES, type Status } from '../../lambdas/domain/statuses.ts';
import { cancelImport, closeImport, failEntity } from '../../lambdas/engine/end-import.ts';
import type { Entity } from '../../lambdas/store/entity.ts';
import { listEntities } from '../../lambdas/store/entity-lists.ts';
import { listFailures } from '../../lambdas/store/failures.ts';
import { getImport, type Import } from '../../lambdas/store/imports.ts';
import { getTokens, putTokens, TokensErasedError } from '../../lambdas/store/sealed-tokens.ts';
import { causeOf } from '../../lambdas/workflow/events.ts';
import { handler as failEntityStep } from '../../lambdas/workflow/fail-entity.ts';
import { handler as failImport } from '../../lambdas/workflow/fail-import.ts';
import { handler as finishImport } from '../../lambdas/workflow/finish-import.ts';
import { handler as startImport } from '../../lambdas/workflow/start-import.ts';
import { useWorkflowTable } from '../support/service/workflow-table.ts';
import { listTrackers, setTracker } from '../support/table/entity-records.ts';
import { CORRELATION_ID, storeEntity, storeFailure, storeImport } from '../support/table/stored-records.ts';

useWorkflowTable();

/** Writes an import with tokens and with entities of these statuses. */
async function stored(entityStatuses: Status[], status: Status = 'started') {
  const record = await storeImport(7, { status });
  const entities: Entity[] = [];
  for (const entityStatus of entityStatuses) {
    entities.push(await storeEntity(record, { status: entityStatus }));
  }
  await putTokens(record, {
    source: new Secret('sample-source-token'),
    destination: new Secret('sample-destination-token'),
  });
  return { record, entities };
}

async function statusesOf(record: Import): Promise<Status[]> {
  return (await listEntities(record.id)).map(({ status }) => status);
}

const CRASH = {
  Error: 'Lambda.Unknown',
  Cause: JSON.stringify({
    errorType: 'TypeError',
    errorMessage: 'x is not a function',
    trace: ['secret/path'],
  }),
};

describe('an end that was interrupted', () => {
  it.each([
    ['canceled', 'canceled'],
    ['failed', 'failed'],
    ['timeout', 'timeout'],
  ] as const)('of an import that is %s is completed by the last step', async (status, expected) => {
    const { record } = await stored(['started', 'created'], status);

    await finishImport({ importId: record.id });

    expect(await statusesOf(record)).toEqual([expected, expected]);
    await expect(getTokens(record)).rejects.toBeInstanceOf(TokensErasedError);
  });
});

describe('starting an import', () => {
  it('makes it started and begins with generation 0', async () => {
    const { record } = await stored([], 'created');

    expect(await startImport({ importId: record.id })).toEqual({
      importId: record.id,
      attempt: 1,
      generation: 0,
      after: 0,
    });
    expect((await getImport(record.id)).status).toBe('started');
  });

  it('leaves a canceled import canceled', async () => {
    const { record } = await stored([], 'canceled');

    await startImport({ importId: record.id });

    expect((await getImport(record.id)).status).toBe('canceled');
  });
});

describe('finishing an import', () => {
  it.each<[Status[], Status]>([
    [['finished'], 'finished'],
    [['finished', 'failed'], 'finished'],
    [['failed', 'failed'], 'failed'],
    [['failed', 'timeout'], 'finished'],
  ])('whose entities are %j makes it %s', async (entities, expected) => {
    const { record } = await stored(entities);

    const result = await finishImport({ importId: record.id });

    expect(result).toEqual({ importId: record.id, attempt: 1, status: expected, done: true });
    expect((await getImport(record.id)).status).toBe(expected);
  });

  it('erases the tokens', async () => {
    const { record } = await stored(['finished']);

    await finishImport({ importId: record.id });

    await expect(getTokens(record)).rejects.toThrow(TokensErasedError);
  });

  it('leaves a canceled import canceled and erases its tokens all the same', async () => {
    const { record } = await stored(['canceled', 'finished'], 'canceled');

    const { status } = await finishImport({ importId: record.id });

    expect(status).toBe('canceled');
    await expect(getTokens(record)).rejects.toThrow(TokensErasedError);
  });

  it('fails what is still open, with a reason, so that nothing stays open for ever', async () => {
    const { record, entities } = await stored(['finished', 'created', 'started']);

    await finishImport({ importId: record.id });

    expect(await statusesOf(record)).toEqual(['finished', 'failed', 'failed']);
    expect(await getImport(record.id)).toMatchObject({ status: 'finished', hasFailures: true });
    expect(await listFailures(record.id, entities[1]?.id ?? 0)).toMatchObject([
      { exceptionClass: 'BulkImports::EntityNotProcessedError', correlationId: CORRELATION_ID },
    ]);
  });
});

describe('an entity whose workflow crashed', () => {
  it('fails with the reason and ends its trackers; the others are not touched', async () => {
    const { record, entities } = await stored(['started', 'started']);
    const ids = { importId: record.id, entityId: entities[0]?.id ?? 0 };
    await setTracker(entities[0] as Entity, 'labels', { status: 'started' });

    await failEntityStep({ ...ids, error: { Error: 'States.Timeout' } });

    expect(await statusesOf(record)).toEqual(['failed', 'started']);
    expect(await listTrackers(ids.importId, ids.entityId)).toMatchObject([{ status: 'failed' }]);
    const failures = await listFailures(ids.importId, ids.entityId);
    expect(failures.find(({ relation }) => relation === 'entity')).toMatchObject({
      exceptionClass: 'States.Timeout',
      exceptionMessage: expect.stringContaining('States.Timeout'),
    });
    expect(failures.find(({ relation }) => relation === 'group')).toMatchObject({
      exceptionClass: 'BulkImports::ParentNotCreatedError',
      exceptionMessage: expect.stringMatching(/^.{1,240}import the group again\.$/),
    });
    expect(failures).toHaveLength(2);
  });

  it('says nothing of subgroups that have entities', async () => {
    const { record, entities } = await stored(['started']);
    const ids = { importId: record.id, entityId: entities[0]?.id ?? 0 };
    await setTracker(entities[0] as Entity, 'subgroup_entities', { status: 'finished' });

    await failEntityStep({ ...ids, error: { Error: 'States.Timeout' } });

    expect(await listFailures(ids.importId, ids.entityId)).toMatchObject([{ relation: 'entity' }]);
  });

  it('that has ended is left as it is', async () => {
    const { record, entities } = await stored(['finished']);
    const entity = entities[0] as Entity;

    const done = await failEntity(entity, 'failed', { exceptionClass: 'X', message: 'y' }, CORRELATION_ID);

    expect(done).toBe(false);
    expect(await statusesOf(record)).toEqual(['finished']);
    expect(await listFailures(record.id, entity.id)).toEqual([]);
  });
});

describe('closing an import', () => {
  it.each(['failed', 'timeout'] as const)(
    'as %s ends what is open with the reason and nothing else',
    async status => {
      const { record, entities } = await stored([...STATUSES]);

      await closeImport(record, status, {
        exceptionClass: 'Stale',
        message: 'Nothing happened for a day.',
      });

      expect(await getImport(record.id)).toMatchObject({ status, hasFailures: true });
      expect(await statusesOf(record)).toEqual([status, status, 'finished', 'timeout', 'failed', 'canceled']);
      const failures = await Promise.all(entities.map(({ id }) => listFailures(record.id, id)));
      expect(failures.map(({ length }) => length)).toEqual([1, 1, 0, 0, 0, 0]);
      await expect(getTokens(record)).rejects.toThrow(TokensErasedError);
    },
  );

  it('because its workflow failed says why', async () => {
    const { record, entities } = await stored(['created']);

    await failImport({ importId: record.id, error: CRASH });

    expect(await getImport(record.id)).toMatchObject({ status: 'failed' });
    expect(await listFailures(record.id, entities[0]?.id ?? 0)).toMatchObject([
      { exceptionClass: 'Lambda.Unknown', exceptionMessage: expect.stringContaining('x is not a function') },
    ]);
  });

  it('does not touch one that was canceled', async () => {
    const { record } = await stored(['canceled'], 'canceled');

    await closeImport(record, 'failed', { exceptionClass: 'X', message: 'y' });

    expect(await getImport(record.id)).toMatchObject({ status: 'canceled', hasFailures: false });
    expect(await statusesOf(record)).toEqual(['canceled']);
  });
});

describe('canceling an import', () => {
  it('cancels everything in it and keeps the failures', async () => {
    const { record, entities } = await stored([...STATUSES]);
    const failed = entities[4] as Entity;
    await storeFailure(failed);

    const canceled = await cancelImport(record, async () => undefined);

    expect(canceled.status).toBe('canceled');
    expect(await statusesOf(record)).toEqual(STATUSES.map(() => 'canceled'));
    expect(await listFailures(record.id, failed.id)).toHaveLength(1);
  });

  it('can be repeated', async () => {
    const { record } = await stored(['started']);
    await cancelImport(record, async () => undefined);

    expect(await cancelImport(record, async () => undefined)).toMatchObject({
      id: record.id,
      status: 'canceled',
    });
  });
});

describe('the cause of a crash', () => {
  it.each([
    ['the message of Lambda’s JSON', CRASH, 'Lambda.Unknown: x is not a function'],
    ['a text', { Error: 'States.Timeout', Cause: 'too slow' }, 'States.Timeout: too slow'],
    ['JSON without a message', { Error: 'E', Cause: '{"a":1}' }, 'E: {"a":1}'],
    ['nothing', { Error: 'States.Timeout', Cause: '' }, 'States.Timeout'],
    ['no cause', { Error: 'States.Timeout' }, 'States.Timeout'],
  ])('is read from %s', (_, error, expected) => {
    expect(causeOf(error)).toBe(expected);
  });
});
