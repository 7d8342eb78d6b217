import { htmlReport } from '../../report/html.ts';
import { readReport } from '../../report/read-report.ts';
import { respondFile } from '../answers/respond.ts';
import { ownImport } from '../request/records.ts';
import { endpoint, READ } from './endpoint.ts';

/** `GET /bulk_imports/:id/report.html`: what became of an import, as HTML. */
export const handler = endpoint(READ, async event => {
  const record = await ownImport(event);
  return respondFile('text/html', `bulk-import-${record.id}.html`, htmlReport(await readReport(record)));
});
