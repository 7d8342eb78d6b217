import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import dynalite from 'dynalite/db/index.js';
import { describe, expect, it, vi } from 'vitest';
import { StoreError } from '../../lambdas/domain/store-errors.ts';
import { logger } from '../../lambdas/platform/logger.ts';
import { getItem, putNewItem } from '../../lambdas/store/table.ts';
import { ExecutionStore } from '../../lib/local/executions.ts';
import { LocalTable } from '../../lib/local/local-table.ts';
import { WorkflowEngine } from '../../lib/local/workflow-engine.ts';
import { until } from '../support/service/bulk-imports-client.ts';
import { temporaryFolder } from '../support/service/service.ts';

/** A database whose disk can be full: it writes nothing then, and cannot be opened. */
function diskThatFillsUp(): { isFull: boolean; opened: number } {
  const disk = { isFull: false, opened: 0 };
  const full = () =>
    Object.assign(new Error('IO error: 000003.log: No space left on device'), { code: 'LEVEL_IO_ERROR' });
  const create = dynalite.create;
  vi.spyOn(dynalite, 'create').mockImplementation(options => {
    const store = create(options);
    const db = store.db as unknown as Record<string, (...args: unknown[]) => unknown>;
    const { open, put } = db;
    db.open = async () => {
      if (disk.isFull) throw full();
      disk.opened++;
      return open?.call(db);
    };
    db.put = (...args) => {
      const callback = args.at(-1) as (error: Error) => void;
      return disk.isFull ? setImmediate(callback, full()) : put?.apply(db, args);
    };
    return store;
  });
  return disk;
}

describe('a table whose disk is full', () => {
  it('says so, is opened anew when there is space, and has lost nothing', async () => {
    process.env.TABLE_NAME = 'test-imports';
    const disk = diskThatFillsUp();
    const table = await LocalTable.open('test-imports', join(await temporaryFolder(), 'table'));
    await putNewItem({ pk: 'before', sk: 'a' });

    disk.isFull = true;
    const written = putNewItem({ pk: 'while', sk: 'a' });

    await expect(written).rejects.toThrow(StoreError);
    await expect(written).rejects.toThrow(/cannot be written: .*No space left on device/);
    expect(table.isBlocked).toBe(true);

    disk.isFull = false;
    await until('a write that succeeds', () => putNewItem({ pk: 'after', sk: 'a' }).catch(() => undefined));

    expect(table.isBlocked).toBe(false);
    expect(disk.opened).toBe(2);
    expect(await getItem({ pk: 'before', sk: 'a' })).toBeDefined();
    expect(await getItem({ pk: 'while', sk: 'a' })).toBeUndefined();
    expect(await getItem({ pk: 'after', sk: 'a' })).toBeDefined();
    expect(table.openIterators).toBe(0);
    await table.close();
  });
});

describe("an execution's file that cannot be written", () => {
  it('means that the execution was not started', async () => {
    const folder = join(await temporaryFolder(), 'executions');
    const store = await ExecutionStore.open(folder);
    await rename(folder, `${folder}.away`);
    const engine = new WorkflowEngine(store, { invoke: async () => null });

    await expect(engine.start('import-1', '{"importId":1}')).rejects.toThrow('ENOENT');

    expect(engine.describe('import-1')).toBeUndefined();
    await rename(`${folder}.away`, folder);
    expect(await engine.start('import-1', '{"importId":1}')).toBe(true);
    engine.halt();
  });

  it('at its end is written as soon as it can be', async () => {
    const folder = join(await temporaryFolder(), 'executions');
    const gate = Promise.withResolvers<null>();
    const engine = new WorkflowEngine(
      await ExecutionStore.open(folder),
      { invoke: () => gate.promise },
      { withoutWaits: true },
    );
    await engine.start('import-1', '{"importId":1}');
    await rename(folder, `${folder}.away`);
    const ended = vi.fn();
    engine.onStatusChange = ended;
    const said = vi.spyOn(logger, 'error');

    // A step without a result is none that the definition can go on from, so the execution fails.
    gate.resolve(null);
    await until('the first try', () => (said.mock.calls.length > 0 ? true : undefined));
    expect(engine.describe('import-1')?.status).toBe('RUNNING');
    await mkdir(folder);

    await until('the end', () => (ended.mock.calls.length > 0 ? true : undefined));
    expect(JSON.parse(await readFile(join(folder, 'import-1.json'), 'utf8'))).toMatchObject({
      status: 'FAILED',
    });
    expect(ended).toHaveBeenCalledTimes(1);
  });
});
