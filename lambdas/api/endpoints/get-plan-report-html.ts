import { htmlReport } from '../../report/html.ts';
import { reportFile } from './report-file.ts';

/** `GET /bulk_imports/plans/:plan_id/report.html`: what an import would do, as HTML. */
export const handler = reportFile('plan', 'html', 'text/html', htmlReport);
