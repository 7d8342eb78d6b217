import { describe, expect, it } from 'vitest';
import { takeIds } from '../../lambdas/store/counters.ts';
import { keys } from '../../lambdas/store/keys.ts';
import { countRequest } from '../../lambdas/store/rate-windows.ts';
import { getItem } from '../../lambdas/store/table.ts';
import { newId } from '../support/table/new-id.ts';
import { DESTINATION } from '../support/table/records.ts';
import { useTestTable } from '../support/table/test-table.ts';

useTestTable();

describe('ids', () => {
  it('begin at 1 and are counted for imports and entities apart', async () => {
    const ids = [await takeIds('IMPORT'), await takeIds('IMPORT'), await takeIds('ENTITY')];

    expect(ids).toEqual([1, 2, 1]);
  });

  it('are never given twice, in blocks or singly', async () => {
    const sizes = Array.from({ length: 40 }, (_, index) => 1 + (index % 5));

    const firsts = await Promise.all(sizes.map(size => takeIds('ENTITY', size)));

    const ids = firsts.flatMap((first, index) =>
      Array.from({ length: sizes[index] ?? 0 }, (_, n) => first + n),
    );
    expect(ids).toHaveLength(120);
    expect(new Set(ids).size).toBe(120);
    expect(Math.max(...ids) - Math.min(...ids)).toBe(119);
  });
});

const newOwner = () => ({ destinationUrl: DESTINATION, userId: newId() });

describe('requests of a minute', () => {
  const minute = Date.parse('2026-01-01T00:00:00Z');

  it('are allowed up to the limit', async () => {
    const owner = newOwner();

    const allowed = [];
    for (let request = 0; request < 5; request++)
      allowed.push(await countRequest(owner, 3, minute + request));

    expect(allowed).toEqual([true, true, true, false, false]);
  });

  it('are allowed up to the limit when they come together', async () => {
    const owner = newOwner();

    const allowed = await Promise.all(Array.from({ length: 20 }, () => countRequest(owner, 6, minute)));

    expect(allowed.filter(Boolean)).toHaveLength(6);
  });

  it('do not count against another user, another destination or another minute', async () => {
    const owner = newOwner();
    await countRequest(owner, 1, minute);

    const allowed = [
      await countRequest(owner, 1, minute + 59_999),
      await countRequest(owner, 1, minute + 60_000),
      await countRequest(newOwner(), 1, minute),
      await countRequest({ ...owner, destinationUrl: 'https://other.example' }, 1, minute),
    ];

    expect(allowed).toEqual([false, true, true, true]);
  });

  it('are forgotten by the table after two minutes', async () => {
    const owner = newOwner();

    await countRequest(owner, 1, minute + 30_000);

    const window = await getItem(keys.rateWindow(owner, minute / 60_000));
    expect(window).toMatchObject({ requests: 1, expiresAt: minute / 1000 + 120 });
  });
});
