import { noteIds } from '../shared/invocation.ts';
import { cancelImport } from '../workflow/close-import.ts';
import { stopExecution } from '../workflow/execution.ts';
import { endpoint, WRITE } from './endpoint.ts';
import { respond } from './http.ts';
import { forbidden, notFound } from './http-errors.ts';
import { presentImport } from './presenters.ts';
import { importFromPath } from './records.ts';

/** `POST /bulk_imports/:id/cancel`: stops an import for good. Its owner and administrators may; again is no error. */
export const handler = endpoint(WRITE, async event => {
  const record = await importFromPath(event);
  if (record === undefined) throw notFound();
  if (record.userId !== event.caller.id && !event.caller.isAdmin) throw forbidden();
  noteIds({ importId: record.id, correlationId: record.correlationId });
  const canceled = await cancelImport(record, () =>
    stopExecution(record.id, { error: 'Canceled', cause: 'The import was canceled.' }),
  );
  return respond(200, presentImport(canceled));
});
