import { beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../lambdas/domain/secret.ts';
import { STATUSES } from '../../lambdas/domain/statuses.ts';
import { getTokens, putTokens, TokensErasedError } from '../../lambdas/store/sealed-tokens.ts';
import { startService, type TestService } from '../support/service/service.ts';
import { listTrackers, setTracker } from '../support/table/entity-records.ts';
import { storeEntity, storeImport } from '../support/table/stored-records.ts';

let service: TestService;
let dora: number;
beforeAll(async () => {
  service = await startService();
  dora = service.destination.group('imported')?.members[0]?.userId ?? 0;
});

function cancel(importId: number) {
  return service.api.call('POST', `/bulk_imports/${importId}/cancel`);
}

describe('canceling', () => {
  it('cancels every entity, moves the import between the lists and erases the tokens', async () => {
    const record = await storeImport(dora, { status: 'started' });
    for (const status of STATUSES) await storeEntity(record, { status });
    await putTokens(record, {
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
    await expect(getTokens(record)).rejects.toThrow(TokensErasedError);
  });

  it('ends the trackers of entities that were open', async () => {
    const record = await storeImport(dora, { status: 'started' });
    const entity = await storeEntity(record, { status: 'started' });
    await setTracker(entity, 'labels', { status: 'started' });

    await cancel(record.id);

    expect(await listTrackers(record.id, entity.id)).toMatchObject([
      { pipeline: 'labels', status: 'canceled' },
    ]);
  });
});
