import type * as z from 'zod/mini';
import { getImports, type Import } from '../../store/imports.ts';
import type { bulkImportSchema } from './import-schema.ts';
import { presentImport } from './present-import.ts';

type Presented = z.infer<typeof bulkImportSchema>;

/** Presents imports, with their last verifications: one read for all of them, and none where none was verified. */
export async function presentImports(records: readonly Import[]): Promise<Presented[]> {
  const wanted = records.flatMap(({ verificationId }) => verificationId ?? []);
  const found = wanted.length === 0 ? [] : await getImports(wanted);
  const byId = new Map(found.map(verification => [verification.id, verification]));
  return records.map(record => presentImport(record, byId.get(record.verificationId ?? 0)));
}

/** Presents an import, with its last verification. */
export async function presentWithVerification(record: Import): Promise<Presented> {
  const [presented] = await presentImports([record]);
  return presented as Presented;
}
