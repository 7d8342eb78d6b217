import { beforeAll, describe, expect, it } from 'vitest';
import type { Import } from '../../lambdas/store/imports.ts';
import { TOKENS } from '../support/service/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service/service.ts';
import { storeEntity, storeFailure, storeImport } from '../support/table/stored-records.ts';

const NOT_FOUND = { message: '404 Not found' };

let service: TestService;
/** An import of dora. */
let record: Import;
/** Every path by which it, or something in it, can be read. */
let paths: string[];
beforeAll(async () => {
  service = await startService();
  const dora = service.destination.group('imported')?.members[0]?.userId ?? 0;
  record = await storeImport(dora, { status: 'started' });
  const entity = await storeEntity(record, { status: 'started' });
  await storeFailure(entity);
  const base = `/bulk_imports/${record.id}`;
  const ofEntity = `${base}/entities/${entity.id}`;
  paths = [base, `${base}/entities`, ofEntity, `${ofEntity}/failures`, `${ofEntity}/audit_events`];
});

const read = (path: string, token?: string) =>
  service.api.call('GET', path, token === undefined ? {} : { token });

describe("somebody else's import", () => {
  it.each(['otto', 'nina', 'admin'] as const)('does not exist for %s, however it is read', async user => {
    for (const path of paths) {
      const { status, body } = await read(path, TOKENS[user]);
      expect([path, status, body]).toEqual([path, 404, NOT_FOUND]);
      expect([path, (await read(path)).status]).toEqual([path, 200]);
    }
  });

  it('is answered like one that nobody has', async () => {
    const { status, body } = await read('/bulk_imports/999999');

    expect([status, body]).toEqual([404, NOT_FOUND]);
  });

  it.each(['/bulk_imports', '/bulk_imports?status=started', '/bulk_imports/entities'])(
    'is not in GET %s of others',
    async path => {
      expect((await read(path)).body).toHaveLength(1);
      for (const user of ['otto', 'nina', 'admin'] as const) {
        expect([user, (await read(path, TOKENS[user])).body]).toEqual([user, []]);
      }
    },
  );

  it('can be canceled by no other user, and by an administrator', async () => {
    const cancel = (token: string) =>
      service.api.call('POST', `/bulk_imports/${record.id}/cancel`, { token });

    for (const token of [TOKENS.otto, TOKENS.nina]) {
      expect(await cancel(token)).toMatchObject({ status: 403, body: { message: '403 Forbidden' } });
    }
    expect(await service.api.getImport(record.id)).toMatchObject({ status: 'started' });
    expect(await cancel(TOKENS.admin)).toMatchObject({ status: 200, body: { status: 'canceled' } });
    expect(await service.api.getImport(record.id)).toMatchObject({ status: 'canceled' });
  });
});
