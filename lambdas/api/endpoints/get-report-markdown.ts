import { markdownReport } from '../../report/markdown.ts';
import { readReport } from '../../report/read-report.ts';
import { respondFile } from '../answers/respond.ts';
import { ownImport } from '../request/records.ts';
import { endpoint, READ } from './endpoint.ts';

/** `GET /bulk_imports/:id/report.md`: what became of an import, as Markdown. */
export const handler = endpoint(READ, async event => {
  const record = await ownImport(event);
  return respondFile(
    'text/markdown',
    `bulk-import-${record.id}.md`,
    markdownReport(await readReport(record)),
  );
});
