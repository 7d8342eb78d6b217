import { markdownReport } from '../../report/markdown.ts';
import { reportFile } from './report-file.ts';

/** `GET /bulk_imports/:id/report.md`: what became of an import, as Markdown. */
export const handler = reportFile('import', 'md', 'text/markdown', markdownReport);
