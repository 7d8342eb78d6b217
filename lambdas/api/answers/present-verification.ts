import type * as z from 'zod/mini';
import { accuracyOf } from '../../report/figures.ts';
import { verifiedFigures } from '../../report/verification.ts';
import { type Changes, FATES } from '../../store/changes.ts';
import type { Import } from '../../store/imports.ts';
import { presentImport } from './present-import.ts';
import { type figuresSchema, verificationSchema } from './verification-schema.ts';

type Figures = z.infer<typeof figuresSchema>;

/** What a verification has found, by what its run would have done. */
export function figuresOf(changes: Changes): Figures {
  const { newAtSource, ...figures } = verifiedFigures(changes);
  return { ...figures, new_at_source: newAtSource, skipped: changes.skip };
}

const NOTHING = Object.fromEntries(FATES.map(fate => [fate, 0])) as Changes;

/** Presents a verification. */
export function presentVerification(record: Import): z.infer<typeof verificationSchema> {
  const { id, status, failure, created_at, updated_at } = presentImport(record);
  const changes = record.totals?.changes ?? NOTHING;
  const figures = figuresOf(changes);
  const isKnown = record.totals !== undefined;
  const shown = isKnown ? figures : Object.fromEntries(Object.keys(figures).map(name => [name, null]));
  return verificationSchema.parse({
    id,
    bulk_import_id: record.subjectId,
    status,
    failure,
    created_at,
    updated_at,
    accuracy: accuracyOf({ verified: isKnown ? verifiedFigures(changes) : null }),
    ...shown,
  });
}
