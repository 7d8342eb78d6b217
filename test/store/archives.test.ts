import { afterEach, expect, it, vi } from 'vitest';
import { createLink, findLinked, revokeLinks } from '../../lambdas/store/archive-links.ts';
import {
  type ArchiveRecord,
  changeArchive,
  deleteArchive,
  findArchive,
  findArchiveToRemove,
  listArchives,
  newArchive,
  putArchive,
} from '../../lambdas/store/archives.ts';
import { createEntity, moveEntity } from '../../lambdas/store/entities.ts';
import { importPk } from '../../lambdas/store/keys.ts';
import { queryItems } from '../../lambdas/store/table-queries.ts';
import { newId } from '../support/table/new-id.ts';
import { newEntity } from '../support/table/records.ts';
import { useTestTable } from '../support/table/test-table.ts';

useTestTable();

const DAY_MS = 24 * 3600_000;

afterEach(() => {
  vi.useRealTimers();
});

function later(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
}

/** A record with a complete archive, of an entity that is under way. */
async function complete(importId = newId(), entityId = 1): Promise<ArchiveRecord> {
  await createEntity(newEntity({ importId, id: entityId, sourceType: 'project_entity' }));
  const record = await putArchive(newArchive(importId, entityId));
  const archive = { key: record.key, version: 'v1', bytes: 7 };
  return (await changeArchive(record, { archive })) ?? record;
}

it('notes an archive of an entity once, and gives whoever comes second the first one', async () => {
  const first = newArchive(newId(), 1);
  const second = newArchive(first.importId, 1);

  expect(first.key).toBe(`archives/${first.importId}/1/${first.attempt}.tar.gz`);
  expect(await putArchive(first)).toEqual(first);
  expect(await putArchive(second)).toEqual(first);
  expect(await findArchive(first.importId, 1)).toEqual(first);
});

it('changes an archive, of this attempt only', async () => {
  const record = await putArchive(newArchive(newId(), 1));
  const changed = { ...record, requestedAt: '2026-01-01T00:00:00.000Z', upload: 'u' };

  expect(await changeArchive(record, { requestedAt: changed.requestedAt, upload: 'u' })).toEqual(changed);
  expect(await changeArchive({ ...record, attempt: 'another' }, { upload: 'x' })).toBeUndefined();
  expect(await findArchive(record.importId, 1)).toEqual(changed);
});

it('forgets an archive, of this attempt only, and brings none back', async () => {
  const record = await putArchive(newArchive(newId(), 1));
  await deleteArchive({ ...record, attempt: 'another' });
  expect(await findArchive(record.importId, 1)).toEqual(record);

  await deleteArchive(record);
  await deleteArchive(record);
  expect(await changeArchive(record, { upload: 'late' })).toBeUndefined();
  expect(await findArchive(record.importId, 1)).toBeUndefined();
});

it('lists the archives of one import', async () => {
  const importId = newId();
  await putArchive(newArchive(newId(), 1));
  const records = [
    await putArchive(newArchive(importId, 2)),
    await putArchive(newArchive(importId, 11)),
    await putArchive(newArchive(importId, 100)),
  ];

  expect(await listArchives(importId)).toEqual(records);
});

it('knows an archive that has not changed for a week for its removal only, whether the table has or not', async () => {
  const record = await putArchive(newArchive(newId(), 1));
  later(6 * DAY_MS);
  await changeArchive(record, { upload: 'u' });
  later(6 * DAY_MS);
  expect(await findArchive(record.importId, 1)).toMatchObject({ upload: 'u' });

  later(DAY_MS + 1000);
  const anew = newArchive(record.importId, 1);
  expect(await findArchive(record.importId, 1)).toBeUndefined();
  expect(await findArchiveToRemove(record.importId, 1)).toMatchObject({ key: record.key });
  expect(await listArchives(record.importId)).toMatchObject([{ key: record.key }]);
  expect(await putArchive(anew)).toEqual(anew);
});

it('makes links of 256 random bits to an archive, which all lead to it', async () => {
  const record = await complete();
  const tokens = [await createLink(record), await createLink(record)] as [string, string];

  expect(tokens[0]).not.toBe(tokens[1]);
  for (const token of tokens) {
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(await findLinked(token)).toMatchObject({ attempt: record.attempt, archive: record.archive });
  }
});

it('keeps no token of a link', async () => {
  const record = await complete();
  const token = (await createLink(record)) ?? '';
  const items = [
    ...(await queryItems(importPk(record.importId))),
    ...(await queryItems(`LINK#${(await findArchive(record.importId, 1))?.link}`)),
  ];

  expect(items.map(({ sk }) => String(sk).split('#')[0]).sort()).toEqual(['ARCHIVE', 'ENTITY', 'LINK']);
  expect(JSON.stringify(items)).not.toContain(token);
});

it('makes no link to what is not complete, or gone', async () => {
  const begun = await putArchive(newArchive(newId(), 1));
  const gone = await complete();
  await deleteArchive(gone);

  expect(await createLink(begun)).toBeUndefined();
  expect(await createLink(gone)).toBeUndefined();
});

it('leads nowhere when all links were revoked, and again from a new one', async () => {
  const record = await complete();
  const old = (await createLink(record)) ?? '';
  await createLink(record);
  await revokeLinks((await findArchive(record.importId, 1)) ?? record);
  expect(await findLinked(old)).toBeUndefined();

  expect(await findLinked((await createLink(record)) ?? '')).toBeDefined();
});

it('leads nowhere when the archive is forgotten, or is of another attempt', async () => {
  const record = await complete();
  const token = (await createLink(record)) ?? '';
  await deleteArchive(record);
  expect(await findLinked(token)).toBeUndefined();

  await createLink(await complete(record.importId));
  expect(await findLinked(token)).toBeUndefined();
});

it.each(['canceled', 'failed'] as const)('leads nowhere when its project is %s', async status => {
  const record = await complete();
  const token = (await createLink(record)) ?? '';
  await moveEntity(newEntity({ importId: record.importId, id: 1 }), 'started');
  expect(await findLinked(token)).toBeDefined();

  await moveEntity(newEntity({ importId: record.importId, id: 1 }), status);
  expect(await findLinked(token)).toBeUndefined();
});

it('leads nowhere after three days', async () => {
  const record = await complete();
  const token = (await createLink(record)) ?? '';
  later(3 * DAY_MS - 60_000);
  expect(await findLinked(token)).toBeDefined();

  later(62_000);
  expect(await findLinked(token)).toBeUndefined();
});

it.each(['', 'short', 'a'.repeat(44), `${'a'.repeat(42)}/`, '../'.repeat(14).padEnd(43, 'a')])(
  'takes %j for no token',
  async token => {
    expect(await findLinked(token)).toBeUndefined();
  },
);
