import { describe, expect, it } from 'vitest';
import { presentImport } from '../../lambdas/api/answers/present-import.ts';
import { presentImports } from '../../lambdas/api/answers/present-imports.ts';
import { sumChanges } from '../../lambdas/store/changes.ts';
import { createImport, type Import } from '../../lambdas/store/imports.ts';
import { newImport } from '../support/table/records.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const table = useTableInMemory();

const TOTALS: NonNullable<Import['totals']> = {
  changes: { ...sumChanges([]), unchanged: 3, update: 1, unknown: 5 },
  writes: 0,
  emails: 0,
  users: { mapped: 0, matched: 0, unmatched: 0 },
  notMigrated: {},
  limit: 0,
};
const EARLIER = '2026-01-02T03:04:05.678Z';
const LATER = '2026-01-02T04:04:05.678Z';

const verification = (attributes: Partial<Import> = {}) =>
  newImport({ id: 61, kind: 'verification', status: 'finished', totals: TOTALS, ...attributes });

describe('the verification of an import', () => {
  it('has its accuracy when it has ended', () => {
    const record = newImport({ verificationId: 61, updatedAt: EARLIER });
    const shownOf = (attributes: Partial<Import>) =>
      presentImport(record, verification(attributes)).verification;

    expect(shownOf({ startedAt: LATER })).toEqual({ id: 61, status: 'finished', accuracy: 0.75 });
    expect(shownOf({ status: 'created' })).toEqual({ id: 61, status: 'created', accuracy: null });
    expect(shownOf({ startedAt: LATER, status: 'failed' })).toMatchObject({ accuracy: null });
  });

  it('is shown no longer when the import was tried again since', () => {
    const record = newImport({ verificationId: 61, updatedAt: LATER });

    expect(presentImport(record, verification({ startedAt: EARLIER })).verification).toBeNull();
  });

  it('costs a list one read, and none where nothing was verified', async () => {
    const verifications = await Promise.all(
      [61, 62, 63].map(id => createImport(verification({ id, startedAt: LATER }))),
    );
    const requests = async (records: Import[]) => {
      const before = table().read.requests;
      const presented = await presentImports(records);
      return { presented, requests: table().read.requests - before };
    };
    const records = verifications.map(({ id }) => newImport({ id: id - 20, verificationId: id }));

    const { presented, requests: of } = await requests(records);

    expect(presented.map(({ verification: shown }) => shown?.id)).toEqual([61, 62, 63]);
    expect(of).toBe(1);
    expect((await requests(records.map(({ id }) => newImport({ id })))).requests).toBe(0);
  });
});
