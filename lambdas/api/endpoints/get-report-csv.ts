import { csvReport } from '../../report/csv.ts';
import { reportFile } from './report-file.ts';

/** `GET /bulk_imports/:id/report.csv`: what became of an import, as CSV. */
export const handler = reportFile('import', 'csv', 'text/csv', csvReport);
