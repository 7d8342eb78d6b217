import type * as z from 'zod/mini';
import { accuracyOf } from '../../report/figures.ts';
import { type Changes, FATES } from '../../store/changes.ts';
import type { Import } from '../../store/imports.ts';
import { presentImport } from './present-import.ts';
import { type figuresSchema, verificationSchema } from './verification-schema.ts';

type Figures = z.infer<typeof figuresSchema>;

/** What a verification has found, by what its run would have done. */
export function figuresOf({ create, update, unchanged, skip, blocked }: Changes): Figures {
  return {
    matched: unchanged,
    different: update,
    missing: create,
    skipped: skip,
    // Of what is missing each has failed; what else has failed was not compared.
    unverified: blocked - create,
  };
}

const NOTHING = Object.fromEntries(FATES.map(fate => [fate, 0])) as Changes;

/** Presents a verification. */
export function presentVerification(record: Import): z.infer<typeof verificationSchema> {
  const { id, status, failure, created_at, updated_at } = presentImport(record);
  const figures = figuresOf(record.totals?.changes ?? NOTHING);
  const isKnown = record.totals !== undefined;
  const shown = isKnown ? figures : Object.fromEntries(Object.keys(figures).map(name => [name, null]));
  return verificationSchema.parse({
    id,
    bulk_import_id: record.subjectId,
    status,
    failure,
    created_at,
    updated_at,
    accuracy: accuracyOf({ verified: isKnown ? { ...figures, newAtSource: 0 } : null }),
    ...shown,
  });
}
