import { holdsOf, verifiedFigures } from '../report/verification.ts';
import { getImports, type Import } from '../store/imports.ts';
import type { VerificationProgress } from './progress.ts';

/** The last verifications of these imports, by the ids of the imports: one read for all of them. */
export async function readVerifications(
  records: readonly Import[],
): Promise<ReadonlyMap<number, VerificationProgress>> {
  const wanted = records.flatMap(({ verificationId }) =>
    verificationId === undefined ? [] : [verificationId],
  );
  const found = wanted.length === 0 ? [] : await getImports(wanted);
  const byId = new Map(found.map(verification => [verification.id, verification]));
  return new Map(
    records.flatMap((record): [number, VerificationProgress][] => {
      const verification = byId.get(record.verificationId ?? 0);
      return verification === undefined ? [] : shown(record, verification);
    }),
  );
}

function shown(record: Import, verification: Import): [number, VerificationProgress][] {
  const { status, totals, startedAt, createdAt, updatedAt } = verification;
  if (startedAt !== undefined && !holdsOf(record, verification)) return [];
  const hasEnded = status === 'finished' && totals !== undefined;
  const figures = hasEnded ? verifiedFigures(totals.changes) : null;
  return [[record.id, { status, at: hasEnded ? updatedAt : (startedAt ?? createdAt), figures }]];
}
