import { htmlReport } from '../../report/html.ts';
import { reportFile } from './report-file.ts';

/** `GET /bulk_imports/:id/report.html`: what became of an import, as HTML. */
export const handler = reportFile('import', 'html', 'text/html', htmlReport);
