import { entityPages } from '../store/entity-lists.ts';
import { failurePages } from '../store/failure-pages.ts';
import type { Import } from '../store/imports.ts';
import { makeReport } from './make-report.ts';
import type { Report } from './report.ts';

/** Failures that are read: what a Lambda with one CPU reads and groups in about half of API Gateway's 30 s. */
const MOST_FAILURES = 200_000;

/** Reads what the report of an import is made of, and makes it. It takes as many requests as there are megabytes. */
export function readReport(bulkImport: Import): Promise<Report> {
  return makeReport({
    bulkImport,
    entities: entityPages(bulkImport.id),
    failures: failurePages(bulkImport.id),
    mostFailures: MOST_FAILURES,
  });
}
