import { csvReport } from '../../report/csv.ts';
import { reportFile } from './report-file.ts';

/** `GET /bulk_imports/plans/:plan_id/report.csv`: what an import would do, as CSV. */
export const handler = reportFile('plan', 'csv', 'text/csv', csvReport);
