import { describe, expect, it } from 'vitest';
import { ALLOWED_FROM, STATUSES } from '../../lambdas/domain/statuses.ts';
import {
  createImport,
  endUnbegunAttempt,
  findImport,
  getImport,
  getImports,
  hasImportEnded,
  type Import,
  listImportIds,
  markImportFailures,
  moveImport,
  reopenImport,
} from '../../lambdas/store/imports.ts';
import { keys } from '../../lambdas/store/keys.ts';
import { putNewItem } from '../../lambdas/store/table.ts';
import { newId } from '../support/table/new-id.ts';
import { DESTINATION, newImport } from '../support/table/records.ts';
import { useTestTable } from '../support/table/test-table.ts';

useTestTable();

const MOVES = STATUSES.flatMap(from =>
  (Object.keys(ALLOWED_FROM) as (keyof typeof ALLOWED_FROM)[]).map(to => ({
    from,
    to,
    allowed: ALLOWED_FROM[to].includes(from),
  })),
);

describe('an import', () => {
  it('is read as it was written', async () => {
    const record = newImport();

    await createImport(record);

    expect(await getImport(record.id)).toEqual(record);
    expect(await findImport(newId())).toBeUndefined();
    await expect(getImport(newId())).rejects.toThrow(/does not exist/);
  });

  it('that only looks is in no list of imports, whatever becomes of it', async () => {
    const plan = newImport({ kind: 'plan' });
    const owner = { destinationUrl: plan.destinationUrl, userId: plan.userId };
    await createImport(plan);
    const all = { descending: true, limit: 1_000 };
    for (const status of ['started', 'finished'] as const) {
      await moveImport(await getImport(plan.id), status);

      expect(await listImportIds(owner, all)).not.toContain(plan.id);
      expect(await listImportIds(owner, { ...all, status })).not.toContain(plan.id);
      expect(await listImportIds({ ...owner, kind: 'plan' }, all)).toContain(plan.id);
      expect(await listImportIds({ ...owner, kind: 'plan' }, { ...all, status })).toContain(plan.id);
    }
  });

  it('is written once', async () => {
    const record = newImport();
    await createImport(record);

    const again = await createImport({ ...record, userId: 1 });

    expect(again).toEqual(record);
    expect(await getImport(record.id)).toEqual(record);
  });

  it.each(MOVES)('may go from $from to $to: $allowed', async ({ from, to, allowed }) => {
    const record = newImport({ status: from });
    await createImport(record);

    const moved = await moveImport(record, to);

    const { status, updatedAt } = await getImport(record.id);
    expect(moved !== undefined).toBe(allowed);
    expect(status).toBe(allowed ? to : from);
    expect(updatedAt > record.updatedAt).toBe(allowed);
    expect(moved?.status).toBe(allowed ? to : undefined);
    const listed = await listImportIds(record, { status, descending: false, limit: 10 });
    expect(listed).toEqual([record.id]);
  });

  it('is moved by one of many who try at the same time', async () => {
    const record = newImport({ status: 'started' });
    await createImport(record);

    const moves = await Promise.all(
      (['finished', 'failed', 'timeout', 'finished'] as const).map(status => moveImport(record, status)),
    );

    expect(moves.filter(moved => moved !== undefined)).toHaveLength(1);
  });

  const SCOPE = { scope: 'failed' } as const;

  it.each(STATUSES)(
    'is opened for another attempt from %s, if it has ended and was not canceled',
    async status => {
      const record = newImport({ status });
      await createImport(record);

      const reopened = await reopenImport(record, SCOPE);

      const isAllowed = ['finished', 'failed', 'timeout'].includes(status);
      const now = await getImport(record.id);
      expect(reopened !== undefined).toBe(isAllowed);
      expect(now).toMatchObject(
        isAllowed ? { status: 'created', attempt: 2, statusBefore: status, retry: SCOPE } : record,
      );
      const listed = await listImportIds(record, { status: now.status, descending: false, limit: 10 });
      expect(listed).toEqual([record.id]);
    },
  );

  it('is opened once by many who try at the same time', async () => {
    const record = newImport({ status: 'finished' });
    await createImport(record);

    const opened = await Promise.all(Array.from({ length: 4 }, () => reopenImport(record, SCOPE)));

    expect(opened.filter(one => one !== undefined)).toHaveLength(1);
    expect(await getImport(record.id)).toMatchObject({ attempt: 2 });
  });

  it('goes back to what it was when another attempt never begins, and forgets why it had ended when it does', async () => {
    const failure = { exceptionClass: 'Error', message: 'It was stopped.' };
    const record = newImport({ status: 'failed', failure, hasFailures: true });
    await createImport(record);
    const second = (await reopenImport(record, SCOPE)) as Import;

    const ended = await endUnbegunAttempt(second);

    expect(ended).toMatchObject({ status: 'failed', failure, hasFailures: true });
    const third = (await reopenImport(ended as Import, SCOPE)) as Import;
    const begun = await moveImport(third, 'started');
    expect(begun).toMatchObject({ attempt: 3, status: 'started' });
    expect([begun?.failure, begun?.statusBefore]).toEqual([undefined, undefined]);
    expect(await endUnbegunAttempt(third)).toBeUndefined();
  });

  it('is not moved by whoever means an earlier attempt', async () => {
    const record = newImport({ status: 'finished' });
    await createImport(record);
    const second = (await reopenImport(record, SCOPE)) as Import;
    await moveImport(second, 'started');

    expect(await moveImport(record, 'failed')).toBeUndefined();
    expect(await getImport(record.id)).toMatchObject({ status: 'started', attempt: 2 });
  });

  it('is not made by moving or marking it', async () => {
    const record = newImport();

    const moved = await moveImport(record, 'canceled');
    await markImportFailures(record.id);

    expect(moved).toBeUndefined();
    expect(await findImport(record.id)).toBeUndefined();
  });

  it('keeps its status when it is marked to have failures', async () => {
    const record = newImport({ status: 'finished' });
    await createImport(record);

    await markImportFailures(record.id);

    expect(await getImport(record.id)).toMatchObject({ status: 'finished', hasFailures: true });
    expect(await hasImportEnded(record.id)).toBe(true);
  });

  it('of a version that is not known is a loud error', async () => {
    const record = newImport();
    await putNewItem({ ...keys.import(record.id), ...record, v: 99 });

    await expect(getImport(record.id)).rejects.toThrow(/"v"/);
  });
});

describe("a user's imports", () => {
  it('are listed in both orders, by status, and up to a limit', async () => {
    const userId = newId();
    const records = [
      newImport({ userId }),
      newImport({ userId, status: 'failed' }),
      newImport({ userId }),
      newImport(),
      // The user of another GitLab who has the same id there.
      newImport({ userId, destinationUrl: 'https://other.example' }),
    ];
    for (const record of records) await createImport(record);
    const [first, second, third] = records.map(({ id }) => id);
    const list = (options: Partial<Parameters<typeof listImportIds>[1]>) =>
      listImportIds({ destinationUrl: DESTINATION, userId }, { descending: false, limit: 10, ...options });

    expect(await list({})).toEqual([first, second, third]);
    expect(await list({ descending: true })).toEqual([third, second, first]);
    expect(await list({ descending: true, limit: 2 })).toEqual([third, second]);
    expect(await list({ status: 'created' })).toEqual([first, third]);
    expect(await list({ status: 'finished' })).toEqual([]);
  });

  it('are listed by number, not by text', async () => {
    const userId = newId();
    for (const id of [1_000_100, 1_000_009, 9_000_000]) await createImport(newImport({ id, userId }));

    const ids = await listImportIds(
      { destinationUrl: DESTINATION, userId },
      { descending: false, limit: 10 },
    );

    expect(ids).toEqual([1_000_009, 1_000_100, 9_000_000]);
  });

  it('are read in the order asked for, without those that are gone', async () => {
    const records = [newImport(), newImport(), newImport()];
    for (const record of records) await createImport(record);
    const [first, second, third] = records.map(({ id }) => id);

    const read = await getImports([third, newId(), first, second].filter(id => id !== undefined));

    expect(read.map(({ id }) => id)).toEqual([third, first, second]);
  });
});
