import type * as z from 'zod/mini';
import { LONGEST_MESSAGE } from '../../domain/failure-message.ts';
import { isTerminal } from '../../domain/statuses.ts';
import { accuracyOf } from '../../report/figures.ts';
import { holdsOf, verifiedFigures } from '../../report/verification.ts';
import type { Import } from '../../store/imports.ts';
import { bulkImportSchema } from './import-schema.ts';

/** Presents an import. Apart from the other presenters: a `POST` loads no schemas of entities and failures. */
export function presentImport(record: Import, verification?: Import): z.infer<typeof bulkImportSchema> {
  return bulkImportSchema.parse({
    id: record.id,
    status: record.status,
    source_type: 'gitlab',
    source_url: record.sourceUrl,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    attempt: record.attempt,
    has_failures: record.hasFailures,
    failure:
      record.failure === undefined || !isTerminal(record.status)
        ? null
        : {
            exception_class: record.failure.exceptionClass,
            exception_message: record.failure.message.slice(0, LONGEST_MESSAGE),
          },
    plan_id: record.planId ?? null,
    verification: verification === undefined ? null : shownVerification(record, verification),
  });
}

/** A verification as its import shows it; `null` for one of what the import has brought before it was tried again. */
function shownVerification(record: Import, { id, status, totals, startedAt }: Import) {
  if (startedAt !== undefined && !holdsOf(record, { startedAt })) return null;
  const hasEnded = status === 'finished' && totals !== undefined;
  const verified = hasEnded ? verifiedFigures(totals.changes) : null;
  return { id, status, accuracy: accuracyOf({ verified }) };
}
