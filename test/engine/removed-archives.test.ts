import { mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { archiveStore } from '../../lambdas/archives/archive-stores.ts';
import type { Status } from '../../lambdas/domain/statuses.ts';
import { StoreBusyError } from '../../lambdas/domain/store-errors.ts';
import { clearArchiveOf, clearArchives, removeArchive } from '../../lambdas/engine/remove-archive.ts';
import { changeArchive, findArchive, newArchive, putArchive } from '../../lambdas/store/archives.ts';
import { moveEntity } from '../../lambdas/store/entities.ts';
import { moveImport } from '../../lambdas/store/imports.ts';
import { keys, TTL_ATTRIBUTE } from '../../lambdas/store/keys.ts';
import { listOpenImports, putOpenImport } from '../../lambdas/store/open-imports.ts';
import { updateItem } from '../../lambdas/store/table-updates.ts';
import { handler as failImport } from '../../lambdas/workflow/fail-import.ts';
import { handler as finishImport } from '../../lambdas/workflow/finish-import.ts';
import { handler as reconcile } from '../../lambdas/workflow/reconcile.ts';
import { storeEntity, storeImport } from '../support/table/stored-records.ts';
import { useOpenImports } from '../workflow/open-imports.ts';

const { executionIs } = useOpenImports();
const folder = mkdtempSync(join(tmpdir(), 'removed-archives-'));
beforeAll(() => {
  process.env.ARCHIVES_FOLDER = folder;
});
beforeEach(() => rmSync(join(folder, 'archives'), { recursive: true, force: true }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HOUR = 3600_000;

/** A project under way whose archive is complete. */
async function project(
  status: Status = 'started',
  sourceType: 'project_entity' | 'group_entity' = 'project_entity',
) {
  const record = await storeImport(7, { status: 'started' });
  const entity = await storeEntity(record, { status, sourceType });
  await putOpenImport(record.id);
  const store = archiveStore();
  const noted = await putArchive(newArchive(record.id, entity.id));
  const upload = await store.begin(noted.key);
  await store.append(noted.key, upload, 1, Buffer.from('bytes'));
  await changeArchive(noted, { upload, archive: await store.complete(noted.key, upload) });
  return { record, entity, key: noted.key };
}

const filesLeft = async () =>
  (await readdir(folder, { recursive: true })).filter(name => name.endsWith('gz'));

async function expectGone({ record, entity }: Awaited<ReturnType<typeof project>>): Promise<void> {
  expect(await filesLeft()).toEqual([]);
  expect(await findArchive(record.id, entity.id)).toBeUndefined();
}

describe('the archive of a project', () => {
  it('is removed with the item that says where it is, as often as that is asked for', async () => {
    const one = await project();
    await removeArchive(one.record.id, one.entity.id);
    await removeArchive(one.record.id, one.entity.id);

    await expectGone(one);
  });

  it('is still known when it could not be removed, and removed by the next call', async () => {
    const one = await project();
    const remove = vi.spyOn(archiveStore(), 'remove').mockRejectedValueOnce(new Error('killed'));
    await expect(removeArchive(one.record.id, one.entity.id)).rejects.toThrow('killed');
    remove.mockRestore();
    expect(await findArchive(one.record.id, one.entity.id)).toMatchObject({ key: one.key });

    await removeArchive(one.record.id, one.entity.id);
    await expectGone(one);
  });

  it.each([
    [
      'with its entity',
      ({ record, entity }: { record: { id: number }; entity: { id: number } }) =>
        removeArchive(record.id, entity.id),
    ],
    [
      'with its import',
      async ({ record, entity }: Awaited<ReturnType<typeof project>>) => {
        await moveEntity(entity, 'finished');
        await clearArchives(record.id, Date.now() + HOUR);
      },
    ],
  ])(
    'is removed %s, also when its item has expired and DynamoDB has not removed that yet',
    async (_, end) => {
      const one = await project();
      await updateItem(keys.archive(one.record.id, one.entity.id), { set: { [TTL_ATTRIBUTE]: 1 } });
      expect(await findArchive(one.record.id, one.entity.id)).toBeUndefined();

      await end(one);

      await expectGone(one);
    },
  );

  it('is not looked for where a group has ended', async () => {
    const { entity, key } = await project('finished', 'group_entity');
    await clearArchiveOf(entity);

    expect(await archiveStore().find(key)).toBeDefined();
  });

  it('stays when its entity has not ended, and goes when it has, though its import goes on', async () => {
    const one = await project();
    expect(await clearArchives(one.record.id, Number.POSITIVE_INFINITY)).toBe(true);
    expect(await archiveStore().find(one.key)).toBeDefined();

    await moveEntity(one.entity, 'failed');
    await clearArchives(one.record.id, Number.POSITIVE_INFINITY);
    await expectGone(one);
  });

  it('is removed when its import comes to its end', async () => {
    const one = await project('finished');
    await finishImport({ importId: one.record.id });

    await expectGone(one);
    expect((await listOpenImports()).map(({ importId }) => importId)).not.toContain(one.record.id);
  });

  it('keeps its import listed when it could not be removed then, until the reconciler has', async () => {
    const one = await project('finished');
    const remove = vi.spyOn(archiveStore(), 'remove').mockRejectedValueOnce(new StoreBusyError('SlowDown'));
    await finishImport({ importId: one.record.id });
    remove.mockRestore();
    expect((await listOpenImports()).map(({ importId }) => importId)).toContain(one.record.id);

    executionIs('SUCCEEDED');
    vi.setSystemTime(Date.now() + HOUR);
    await reconcile({});
    await expectGone(one);
    expect((await listOpenImports()).map(({ importId }) => importId)).not.toContain(one.record.id);
  });

  it('is removed when the workflow of its import has failed', async () => {
    const one = await project();
    await failImport({ importId: one.record.id, error: { Error: 'States.Runtime' } });

    await expectGone(one);
  });

  it('is removed by the reconciler as soon as it hears that a cancel has stopped the workflow', async () => {
    const one = await project('canceled');
    await moveImport(one.record, 'canceled');
    const detail = { name: `import-${one.record.id}`, status: 'ABORTED' };
    await reconcile({ 'detail-type': 'Step Functions Execution Status Change', detail });

    await expectGone(one);
  });

  it('of an entity that has ended is removed by the clock, though its import goes on', async () => {
    const one = await project('failed');
    executionIs('RUNNING');
    vi.setSystemTime(Date.now() + HOUR / 2);
    await reconcile({});

    await expectGone(one);
  });

  it('that a run begins after the end of its import is removed by the last look', async () => {
    const one = await project('finished');
    await failImport({ importId: one.record.id, error: { Error: 'States.Runtime' } });
    await putArchive(newArchive(one.record.id, one.entity.id));
    executionIs('FAILED');
    vi.setSystemTime(Date.now() + HOUR);
    await reconcile({});

    await expectGone(one);
  });
});
