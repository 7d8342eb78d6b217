import { SFNClient } from '@aws-sdk/client-sfn';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { getEntity } from '../../lambdas/store/entities.ts';
import type { Entity } from '../../lambdas/store/entity.ts';
import type { Import } from '../../lambdas/store/imports.ts';
import { handler as reconcile } from '../../lambdas/workflow/reconcile.ts';
import { startService, type TestService } from '../support/service/service.ts';
import { storeCopies, storeEntity, storeImport } from '../support/table/stored-records.ts';

/** More than are canceled while the caller waits. */
const MANY = 150;

let service: TestService;
let record: Import;
let entity: Entity;
beforeAll(async () => {
  service = await startService();
  const dora = service.destination.group('imported')?.members[0]?.userId ?? 0;
  record = await storeImport(dora, { status: 'started' });
  entity = await storeEntity(record, { status: 'started' });
  await storeCopies(entity, MANY - 1);
  vi.spyOn(SFNClient.prototype, 'send').mockImplementation(async () => ({}));

  await service.api.call('POST', `/bulk_imports/${record.id}/cancel`);
});

/** How many a list has, and which statuses are shown. */
async function list(path: string) {
  const { headers, body } = await service.api.call('GET', path);
  return [headers.get('x-total'), [...new Set((body as { status: string }[]).map(({ status }) => status))]];
}

const entities = () => `/bulk_imports/${record.id}/entities`;

describe('right after the cancel of a large import', () => {
  it('a hundred of those that run are canceled, and the others are not written yet', async () => {
    const statuses = [entity.id, entity.id + 99, entity.id + 100].map(
      async id => (await getEntity(record.id, id)).status,
    );

    expect(await Promise.all(statuses)).toEqual(['canceled', 'canceled', 'started']);
  });

  it('every one is shown as canceled', async () => {
    expect(await list(entities())).toEqual([`${MANY}`, ['canceled']]);
    const { body } = await service.api.call('GET', `${entities()}/${entity.id}`);
    expect(body).toMatchObject({ id: entity.id, status: 'canceled' });
  });

  it.each([
    ['canceled', `${MANY}`, ['canceled']],
    ['started', '0', []],
  ])('the list of those that are %s goes by what is shown', async (status, total, shown) => {
    expect(await list(`${entities()}?status=${status}`)).toEqual([total, shown]);
  });

  it('the list over all imports shows them as canceled, and finds them under no other status', async () => {
    const all = '/bulk_imports/entities';
    expect(await list(all)).toMatchObject([expect.anything(), ['canceled']]);
    expect(await list(`${all}?status=started`)).toMatchObject([expect.anything(), []]);

    await reconcile({
      'detail-type': 'Step Functions Execution Status Change',
      detail: { name: `import-${record.id}`, status: 'ABORTED' },
    });

    expect(await list(`${all}?status=canceled`)).toEqual([`${MANY}`, ['canceled']]);
  });
});
