import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { moveEntity } from '../../lambdas/store/entities.ts';
import { moveImport } from '../../lambdas/store/imports.ts';
import { startService, type TestService } from '../support/service/service.ts';
import { storeEntity, storeImport } from '../support/table/stored-records.ts';
import type { TableInMemory } from '../support/table/table-in-memory.ts';

let service: TestService;
let table: TableInMemory;
let dora: number;
beforeAll(async () => {
  service = await startService();
  table = service.table as TableInMemory;
  dora = service.destination.group('imported')?.members[0]?.userId ?? 0;
});
afterEach(() => {
  table.indexLag = 0;
});

async function list(path: string): Promise<[number, string][]> {
  const { body } = await service.api.call('GET', path);
  return (body as { id: number; status: string }[]).map(({ id, status }) => [id, status]);
}

describe('while an index is behind', () => {
  it('no import is shown under a status that it does not have any more', async () => {
    const [first, second] = [await storeImport(dora), await storeImport(dora)];
    table.indexLag = 1;
    await moveImport(first, 'started');

    expect(await list('/bulk_imports?status=created')).toEqual([[second.id, 'created']]);
    expect(await list('/bulk_imports?status=started')).toEqual([]);
    expect((await list('/bulk_imports')).slice(0, 2)).toEqual([
      [second.id, 'created'],
      [first.id, 'started'],
    ]);

    table.indexLag = 0;
    expect(await list('/bulk_imports?status=started')).toEqual([[first.id, 'started']]);
  });

  it('no entity is shown under a status that it does not have any more', async () => {
    const record = await storeImport(dora);
    const [first, second] = [await storeEntity(record), await storeEntity(record)];
    table.indexLag = 1;
    await moveEntity(first, 'started');

    expect(await list('/bulk_imports/entities?status=created')).toEqual([[second.id, 'created']]);
    expect(await list(`/bulk_imports/${record.id}/entities?status=created`)).toEqual([
      [second.id, 'created'],
    ]);
  });
});

it('no record of another user is shown, whatever an index says', async () => {
  const otto = await storeImport(dora + 1);
  const entity = await storeEntity(otto);
  for (const item of table.items.values()) {
    const own = item.userId === dora + 1 ? String(item.listPk) : '';
    const listPk = own.replace(`#USER#${dora + 1}`, `#USER#${dora}`);
    if (own !== '')
      table.update({ pk: item.pk, sk: item.sk }, 'SET listPk = :pk', {
        ExpressionAttributeValues: { ':pk': listPk },
      });
  }

  expect((await list('/bulk_imports')).map(([id]) => id)).not.toContain(otto.id);
  expect((await list('/bulk_imports/entities')).map(([id]) => id)).not.toContain(entity.id);
});
