import type * as z from 'zod/mini';
import { LONGEST_MESSAGE } from '../../domain/failure-message.ts';
import { isTerminal } from '../../domain/statuses.ts';
import type { Import } from '../../store/imports.ts';
import { bulkImportSchema } from './import-schema.ts';

/** Presents an import. Apart from the other presenters: a `POST` loads no schemas of entities and failures. */
export function presentImport(record: Import): z.infer<typeof bulkImportSchema> {
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
  });
}
