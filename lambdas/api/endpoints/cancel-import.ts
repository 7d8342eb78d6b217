import { cancelImport } from '../../engine/end-import.ts';
import { noteIds } from '../../platform/invocation.ts';
import type { Import } from '../../store/imports.ts';
import { stopExecution } from '../../workflow/execution.ts';
import { forbidden, notFound } from '../answers/http-errors.ts';
import { presentWithVerification } from '../answers/present-imports.ts';
import { respond } from '../answers/respond.ts';
import { importFromPath, type KindInPaths } from '../request/records.ts';
import { endpoint, WRITE } from './endpoint.ts';

/** `POST /bulk_imports/:id/cancel`: stops an import for good. Its owner and administrators may; again is no error. */
export const handler = cancelOf('import', presentWithVerification);

/** Stops an import of a kind, which is presented then. */
export function cancelOf(kind: KindInPaths, present: (record: Import) => unknown) {
  return endpoint(WRITE, async event => {
    const record = await importFromPath(event, kind);
    if (record === undefined) throw notFound();
    if (record.userId !== event.caller.id && !event.caller.isAdmin) throw forbidden();
    noteIds({ importId: record.id, correlationId: record.correlationId, kind: record.kind });
    const canceled = await cancelImport(record, now =>
      stopExecution(now, { error: 'Canceled', cause: 'The import was canceled.' }),
    );
    return respond(200, await present(canceled));
  });
}
