import { csvReport } from '../../report/csv.ts';
import { readReport } from '../../report/read-report.ts';
import { respondFile } from '../answers/respond.ts';
import { ownImport } from '../request/records.ts';
import { endpoint, READ } from './endpoint.ts';

/** `GET /bulk_imports/:id/report.csv`: what became of an import, as CSV. */
export const handler = endpoint(READ, async event => {
  const record = await ownImport(event);
  return respondFile('text/csv', `bulk-import-${record.id}.csv`, csvReport(await readReport(record)));
});
