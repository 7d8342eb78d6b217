import type { Kind } from '../../domain/kinds.ts';
import { readReport } from '../../report/read-report.ts';
import type { Report } from '../../report/report.ts';
import { respondFile, type TextType } from '../answers/respond.ts';
import { ownImport } from '../request/records.ts';
import { endpoint, READ } from './endpoint.ts';

/**
 * The handler of a report that is a file.
 *
 * @param kind of what is reported
 * @param ending of its name
 */
export function reportFile(
  kind: Extract<Kind, 'import' | 'plan'>,
  ending: string,
  type: TextType,
  render: (report: Report) => string,
) {
  return endpoint(READ, async event => {
    const record = await ownImport(event, kind);
    const name = `${kind === 'plan' ? 'plan' : 'bulk-import'}-${record.id}.${ending}`;
    return respondFile(type, name, render(await readReport(record)));
  });
}
