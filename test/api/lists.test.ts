import { beforeAll, describe, expect, it } from 'vitest';
import { STATUSES } from '../../lambdas/shared/statuses.ts';
import type { Entity } from '../../lambdas/store/entities.ts';
import type { Import } from '../../lambdas/store/imports.ts';
import { TOKENS } from '../support/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service.ts';
import { storeEntity, storeFailure, storeImport } from '../support/stored-records.ts';

let service: TestService;
/** Dora's imports, one of each status, and the entities of the first, one of each status. */
let imports: Import[];
let entities: Entity[];
let ottos: { record: Import; entity: Entity };
let admins: Import;
beforeAll(async () => {
  service = await startService();
  const userId = async (token: string) => {
    const response = await fetch(`${service.destination.url}/api/v4/user`, {
      headers: { 'private-token': token },
    });
    return ((await response.json()) as { id: number }).id;
  };
  const [dora, otto, admin] = await Promise.all([TOKENS.dora, TOKENS.otto, TOKENS.admin].map(userId));
  imports = [];
  entities = [];
  for (const status of STATUSES) {
    const record = await storeImport(dora ?? 0, { status });
    imports.push(record);
    entities.push(await storeEntity(imports[0] ?? record, { status }));
  }
  const record = await storeImport(otto ?? 0);
  ottos = { record, entity: await storeEntity(record) };
  await storeFailure(ottos.entity);
  admins = await storeImport(admin ?? 0);
});

async function idsOf(path: string, token: string = TOKENS.dora): Promise<number[]> {
  const { status, body } = await service.api.call('GET', path, { token });
  expect(status).toBe(200);
  return (body as { id: number }[]).map(({ id }) => id);
}

const ids = (records: { id: number }[]) => records.map(({ id }) => id);
const reversed = (records: { id: number }[]) => ids(records).reverse();

describe('imports', () => {
  it('are listed newest first, or oldest first when asked', async () => {
    expect(await idsOf('/bulk_imports')).toEqual(reversed(imports));
    expect(await idsOf('/bulk_imports?sort=desc')).toEqual(reversed(imports));
    expect(await idsOf('/bulk_imports?sort=asc')).toEqual(ids(imports));
  });

  it.each(STATUSES)('are listed by the status %s', async status => {
    const wanted = imports.filter(record => record.status === status);

    expect(wanted).toHaveLength(1);
    expect(await idsOf(`/bulk_imports?status=${status}`)).toEqual(ids(wanted));
  });
});

describe('entities', () => {
  it('of an import are listed oldest first unless the newest are asked for', async () => {
    const path = `/bulk_imports/${imports[0]?.id}/entities`;

    expect(await idsOf(path)).toEqual(ids(entities));
    expect(await idsOf(`${path}?sort=asc`)).toEqual(ids(entities));
    expect(await idsOf(`${path}?sort=desc`)).toEqual(reversed(entities));
  });

  it('of all imports are listed newest first, or oldest first when asked', async () => {
    const last = await storeEntity(imports[1] ?? admins);

    expect(await idsOf('/bulk_imports/entities')).toEqual([last.id, ...reversed(entities)]);
    expect(await idsOf('/bulk_imports/entities?sort=asc')).toEqual([...ids(entities), last.id]);
  });

  it.each(STATUSES.slice(1))('are listed by the status %s', async status => {
    const wanted = ids(entities.filter(entity => entity.status === status));

    expect(wanted).toHaveLength(1);
    expect(await idsOf(`/bulk_imports/${imports[0]?.id}/entities?status=${status}`)).toEqual(wanted);
    expect(await idsOf(`/bulk_imports/entities?status=${status}`)).toEqual(wanted);
  });

  it('of another import are not found through this one', async () => {
    const path = `/bulk_imports/${imports[2]?.id}/entities/${entities[0]?.id}`;

    expect((await service.api.call('GET', path)).body).toEqual({ message: '404 Not found' });
  });
});

describe("another user's import", () => {
  const paths = () => {
    const { record, entity } = ottos;
    const base = `/bulk_imports/${record.id}`;
    return [
      base,
      `${base}/entities`,
      `${base}/entities/${entity.id}`,
      `${base}/entities/${entity.id}/failures`,
    ];
  };

  it.each([
    ['an ordinary user', TOKENS.dora],
    ['an administrator', TOKENS.admin],
  ])('does not exist for %s who reads', async (_, token) => {
    for (const path of paths()) {
      const { status, body } = await service.api.call('GET', path, { token });

      expect([path, status, body]).toEqual([path, 404, { message: '404 Not found' }]);
    }
  });

  it('is seen by its owner', async () => {
    for (const path of paths()) {
      expect((await service.api.call('GET', path, { token: TOKENS.otto })).status).toBe(200);
    }
  });

  it('is in no list but its owner’s', async () => {
    expect(await idsOf('/bulk_imports', TOKENS.otto)).toEqual([ottos.record.id]);
    expect(await idsOf('/bulk_imports/entities', TOKENS.otto)).toEqual([ottos.entity.id]);
    expect(await idsOf('/bulk_imports', TOKENS.admin)).toEqual([admins.id]);
    expect(await idsOf('/bulk_imports/entities', TOKENS.admin)).toEqual([]);
    expect(await idsOf('/bulk_imports', TOKENS.nina)).toEqual([]);
  });
});
