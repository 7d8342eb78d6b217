import { afterEach, expect, it, vi } from 'vitest';
import { getPeople, putPerson } from '../../lambdas/store/people.ts';
import { documents } from '../../lambdas/store/table.ts';
import { newId } from '../support/table/new-id.ts';
import { useTestTable } from '../support/table/test-table.ts';

useTestTable();

afterEach(() => {
  vi.useRealTimers();
});

it('reads who has an address, in whatever case it is written, and who has none', async () => {
  const bulkImport = { id: newId(), attempt: 1 };
  await putPerson(bulkImport, 'Ada@Example.com', 7);
  await putPerson(bulkImport, 'nobody@example.com', null);

  const people = await getPeople(bulkImport, ['ada@example.COM', 'nobody@example.com', 'new@example.com']);

  expect([...people]).toEqual([
    ['ada@example.COM', 7],
    ['nobody@example.com', null],
  ]);
});

it('knows nothing of the people of another import', async () => {
  const bulkImport = { id: newId(), attempt: 1 };
  await putPerson(bulkImport, 'ada@example.com', 7);

  expect(await getPeople({ id: newId(), attempt: 1 }, ['ada@example.com'])).toEqual(new Map());
});

it('forgets after 15 days, whether the table has or not', async () => {
  const bulkImport = { id: newId(), attempt: 1 };
  await putPerson(bulkImport, 'ada@example.com', 7);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 15 * 24 * 3600 * 1000 + 1000 });

  expect(await getPeople(bulkImport, ['ada@example.com'])).toEqual(new Map());
});

it('keeps no address', async () => {
  const put = vi.spyOn(documents(), 'send');
  await putPerson({ id: newId(), attempt: 1 }, 'ada@example.com', 7);

  expect(put).toHaveBeenCalledOnce();
  expect(JSON.stringify(put.mock.calls[0]?.[0].input)).not.toContain('ada@');
  put.mockRestore();
});

it('forgets with another attempt who was nobody, and not who was somebody', async () => {
  const bulkImport = { id: newId(), attempt: 1 };
  await putPerson(bulkImport, 'ada@example.com', 7);
  await putPerson(bulkImport, 'nobody@example.com', null);

  const people = await getPeople({ ...bulkImport, attempt: 2 }, ['ada@example.com', 'nobody@example.com']);

  expect([...people]).toEqual([['ada@example.com', 7]]);
});
