import { setImmediate as immediate } from 'node:timers/promises';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { NOTHING_COUNTED } from '../../lambdas/store/counts.ts';
import { markFailuresRecorded } from '../../lambdas/store/entities.ts';
import { keys } from '../../lambdas/store/keys.ts';
import { documents } from '../../lambdas/store/table.ts';
import { startService, type TestService } from '../support/service/service.ts';
import { showProgress } from '../support/table/entity-records.ts';
import { newFailure } from '../support/table/records.ts';
import { storeEntity, storeImport } from '../support/table/stored-records.ts';

/** What Lambda takes of a response, as it hands it over: the body as a text of its JSON. */
const LAMBDA_BYTES = 6_291_556;

let service: TestService;
let dora: number;
beforeAll(async () => {
  service = await startService();
  dora = service.destination.group('imported')?.members[0]?.userId ?? 0;
});

/** Writes failures straight into the table, past what keeps them short, as an older version may have. */
async function fill(entity: { id: number; importId: number }, count: number, text: string): Promise<void> {
  await markFailuresRecorded(entity);
  const items = Array.from({ length: count }, (_, index) => {
    const key = `1#labels#${String(index).padStart(8, '0')}`;
    const failure = newFailure({ importId: entity.importId, entityId: entity.id, key });
    return {
      ...keys.failure(entity.importId, entity.id, key),
      v: 1,
      ...failure,
      sourceTitle: `${index} ${text}`,
    };
  });
  for (let from = 0; from < items.length; from += 1_000) {
    const batch = items.slice(from, from + 1_000).map(Item => ({ PutRequest: { Item } }));
    await documents().send(
      new BatchWriteCommand({ RequestItems: { [process.env.TABLE_NAME ?? '']: batch } }),
    );
  }
  // Without a turn of the loop in seconds, the next request meets a connection that its server is about to close.
  await immediate();
}

interface Shown {
  failures: { source_title: string }[];
  has_more_failures: boolean;
}

async function get(path: string) {
  const { status, headers, body } = await service.api.call('GET', path);
  const bytes = Buffer.byteLength(JSON.stringify({ body: JSON.stringify(body) }));
  return { status, headers, body, bytes };
}

/** Rows that the table hands out while something is done. */
async function rowsRead(act: () => Promise<unknown>): Promise<number> {
  const query = service.table?.query;
  let rows = 0;
  Object.assign(service.table ?? {}, {
    query(...input: never[]) {
      const page = (query as (...input: never[]) => { Items?: unknown[] }).apply(service.table, input);
      rows += page.Items?.length ?? 0;
      return page;
    },
  });
  await act();
  Object.assign(service.table ?? {}, { query });
  return rows;
}

describe('a page of a hundred entities', () => {
  it.each([
    ['ordinary', 'bug', 10],
    ['long', 'x'.repeat(300), 10],
    ['escaped', '\u0001"'.repeat(150), 10],
  ])('with failures whose texts are %s is below what Lambda takes', async (_, text, each) => {
    const record = await storeImport(dora, { status: 'finished' });
    const until = new Date(Date.now() + 3_600_000).toISOString();
    for (let index = 0; index < 100; index++) {
      const path = text.repeat(100);
      const entity = await storeEntity(record, {
        status: 'started',
        sourceFullPath: path,
        destinationNamespace: path,
      });
      const waiting = { waitsFor: 'limit', instance: 'source', reason: text, since: until, until } as const;
      for (const relation of ['labels', 'boards', 'members']) {
        await showProgress(entity, relation, { counts: { ...NOTHING_COUNTED, source: 1 }, waiting });
      }
      await fill(entity, 30, text);
    }

    const { status, body, bytes } = await get(`/bulk_imports/${record.id}/entities?per_page=100`);

    expect([status, (body as Shown[]).length]).toEqual([200, 100]);
    expect(bytes).toBeLessThan(LAMBDA_BYTES);
    expect((body as Shown[]).every(({ has_more_failures }) => has_more_failures)).toBe(true);
    expect((body as Shown[])[0]?.failures).toHaveLength(each);
  });
});

describe('an entity', () => {
  it.each([
    [999, 999, false],
    [1_000, 1_000, false],
    [1_001, 1_000, true],
  ])('with %i failures shows %i of them, and whether there are more: %s', async (count, shown, hasMore) => {
    const entity = await storeEntity(await storeImport(dora), { status: 'finished' });
    await fill(entity, count, 'bug');

    const { body } = await get(`/bulk_imports/${entity.importId}/entities/${entity.id}`);

    expect((body as Shown).failures).toHaveLength(shown);
    expect((body as Shown).has_more_failures).toBe(hasMore);
  });

  it('shows the first ones of those that are too large for a response', async () => {
    const entity = await storeEntity(await storeImport(dora), { status: 'finished' });
    await fill(entity, 1_000, '\u0001"\\'.repeat(100));

    const { body, bytes } = await get(`/bulk_imports/${entity.importId}/entities/${entity.id}`);

    expect(bytes).toBeLessThan(LAMBDA_BYTES);
    expect((body as Shown).failures.length).toBeGreaterThan(500);
  });
});

describe('the failures of an entity with very many', () => {
  const MANY = 10_250;
  let path: string;
  beforeAll(async () => {
    const entity = await storeEntity(await storeImport(dora), { status: 'finished' });
    await fill(entity, MANY, 'bug');
    path = `/bulk_imports/${entity.importId}/entities/${entity.id}`;
  });
  const titles = (body: unknown) =>
    (body as { source_title: string }[]).map(({ source_title }) => Number.parseInt(source_title, 10));

  it('are not all read to show some of them', async () => {
    expect(await rowsRead(() => get(path))).toBeLessThanOrEqual(1_001);
    expect(await rowsRead(() => get(`${path}/failures?per_page=100`))).toBeLessThanOrEqual(100);
    expect(await rowsRead(() => get(`${path}/failures?per_page=100&page=103`))).toBeLessThanOrEqual(100);
  });

  it('have pages with numbers, the last of which has no next one', async () => {
    const last = await get(`${path}/failures?per_page=100&page=103`);
    const behind = await get(`${path}/failures?per_page=100&page=104`);

    expect(titles(last.body)).toEqual(Array.from({ length: 50 }, (_, index) => 10_200 + index));
    expect(last.headers.get('x-next-page')).toBe('');
    expect(last.headers.get('x-total')).toBeNull();
    expect([behind.status, behind.body, behind.headers.get('x-next-page')]).toEqual([200, [], '']);
  });

  it('come each once along the links, and a page costs no more than itself', async () => {
    const seen: number[] = [];
    let next: string | undefined = `${path}/failures?per_page=100`;
    for (let pages = 0; next !== undefined && pages < 300; pages++) {
      const { body, headers } = await get(next);
      seen.push(...titles(body));
      const link: string | undefined = /<[^>]*\/api\/v4([^>]+)>; rel="next"/.exec(
        headers.get('link') ?? '',
      )?.[1];
      expect(link !== undefined).toBe(headers.get('x-next-page') !== '');
      next = link;
    }

    expect(seen).toEqual(Array.from({ length: MANY }, (_, index) => index));
  });

  it('begin nowhere else than at a failure of the entity', async () => {
    const answers = await Promise.all(
      ['%00', 'a%20b', 'x'.repeat(256), '9%2F'].map(after => get(`${path}/failures?after=${after}`)),
    );

    for (const { status, body } of answers) {
      expect([status, body]).toEqual([400, { error: 'after is invalid' }]);
    }
    expect((await get(`${path}/failures?after=zzz`)).body).toEqual([]);
  });
});
