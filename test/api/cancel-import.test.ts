import { beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../lambdas/shared/secret.ts';
import { STATUSES } from '../../lambdas/shared/statuses.ts';
import { getTokens, putTokens, TokensErasedError } from '../../lambdas/store/sealed-tokens.ts';
import { createTracker, listTrackers } from '../../lambdas/store/trackers.ts';
import { TOKENS } from '../support/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service.ts';
import { storeEntity, storeImport } from '../support/stored-records.ts';

let service: TestService;
let dora: number;
beforeAll(async () => {
  service = await startService();
  dora = service.destination.group('imported')?.members[0]?.userId ?? 0;
});

function cancel(importId: number, token?: string) {
  return service.api.call('POST', `/bulk_imports/${importId}/cancel`, token === undefined ? {} : { token });
}

describe('canceling', () => {
  it.each(STATUSES)('is possible when the import is %s', async status => {
    const { id } = await storeImport(dora, { status });

    const answer = await cancel(id);

    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id, status: 'canceled', source_type: 'gitlab', has_failures: false });
    expect(await service.api.getImport(id)).toMatchObject({ status: 'canceled' });
  });

  it('twice is no error', async () => {
    const { id } = await storeImport(dora, { status: 'started' });

    await cancel(id);
    const again = await cancel(id);

    expect([again.status, again.body]).toMatchObject([200, { status: 'canceled' }]);
  });

  it('needs no body and ignores one', async () => {
    const { id } = await storeImport(dora);

    const answer = await service.api.call('POST', `/bulk_imports/${id}/cancel`, { json: { import_id: 'x' } });

    expect(answer.status).toBe(200);
  });

  it('cancels every entity, moves the import between the lists and erases the tokens', async () => {
    const record = await storeImport(dora, { status: 'started' });
    for (const status of STATUSES) await storeEntity(record, { status });
    await putTokens(record.id, {
      source: new Secret('sample-a-token'),
      destination: new Secret('sample-b-token'),
    });

    await cancel(record.id);

    const entities = await service.api.getEntities(record.id);
    expect(entities.map(({ status }) => status)).toEqual(STATUSES.map(() => 'canceled'));
    const lists = await Promise.all(
      ['started', 'canceled'].map(status => service.api.call('GET', `/bulk_imports?status=${status}`)),
    );
    const listed = lists.map(({ body }) => (body as { id: number }[]).some(({ id }) => id === record.id));
    expect(listed).toEqual([false, true]);
    await expect(getTokens(record.id)).rejects.toThrow(TokensErasedError);
  });

  it('ends the trackers of entities that were open', async () => {
    const record = await storeImport(dora, { status: 'started' });
    const entity = await storeEntity(record, { status: 'started' });
    await createTracker({ importId: record.id, entityId: entity.id, stage: 1, pipeline: 'labels' });

    await cancel(record.id);

    expect(await listTrackers(record.id, entity.id)).toMatchObject([
      { pipeline: 'labels', status: 'canceled' },
    ]);
  });
});

describe("somebody else's import", () => {
  it('cannot be canceled by an ordinary user, who is told that it exists', async () => {
    const { id } = await storeImport(dora, { status: 'started' });

    const { status, body } = await cancel(id, TOKENS.otto);

    expect([status, body]).toEqual([403, { message: '403 Forbidden' }]);
    expect(await service.api.getImport(id)).toMatchObject({ status: 'started' });
  });

  it('can be canceled by an administrator', async () => {
    const { id } = await storeImport(dora, { status: 'started' });

    const { status, body } = await cancel(id, TOKENS.admin);

    expect([status, body]).toMatchObject([200, { id, status: 'canceled' }]);
    expect(await service.api.getImport(id)).toMatchObject({ status: 'canceled' });
  });
});
