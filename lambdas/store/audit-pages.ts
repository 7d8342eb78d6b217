import * as z from 'zod/mini';
import { AUDIT_RESULTS, type AuditEvent } from './audit-events.ts';
import { AUDIT_PREFIX, importPk } from './keys.ts';
import { itemPages } from './table-queries.ts';

/** Events per page: about a megabyte, which DynamoDB reads in one request. */
const PAGE = 2_000;

/** What of an event says what became of it. */
export type AuditOutcome = Pick<AuditEvent, 'target' | 'result'>;
const outcomeSchema = z.object({ target: z.string(), result: z.enum(AUDIT_RESULTS) });

/** What became of all writes of an import, those of an entity one after the other, page by page. */
export async function* auditOutcomePages(importId: number): AsyncGenerator<AuditOutcome[]> {
  const pages = itemPages(importPk(importId), {
    beginsWith: AUDIT_PREFIX,
    attributes: ['target', 'result'],
    pageSize: PAGE,
  });
  for await (const items of pages) yield items.map(item => outcomeSchema.parse(item));
}
