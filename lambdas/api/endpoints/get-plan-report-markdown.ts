import { markdownReport } from '../../report/markdown.ts';
import { reportFile } from './report-file.ts';

/** `GET /bulk_imports/plans/:plan_id/report.md`: what an import would do, as Markdown. */
export const handler = reportFile('plan', 'md', 'text/markdown', markdownReport);
