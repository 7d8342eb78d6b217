import { auditOutcomePages } from '../store/audit-pages.ts';
import { entityPages } from '../store/entity-lists.ts';
import { failurePages } from '../store/failure-pages.ts';
import { findImport, type Import } from '../store/imports.ts';
import { makeReport } from './make-report.ts';
import type { Report } from './report.ts';
import { holdsOf, type VerificationSources } from './verification.ts';

/** What is read: as much as a Lambda with one CPU reads and adds up in about half of API Gateway's 30 s. */
const MOST = { failures: 100_000, writes: 200_000 };

/**
 * Reads what the report of an import, or of a plan, is made of, and makes it. It takes as many requests as there are
 * megabytes.
 */
export async function readReport(bulkImport: Import): Promise<Report> {
  const { planId } = bulkImport;
  const plan = planId === undefined ? undefined : await findImport(planId);
  const verification = await verificationOf(bulkImport);
  return makeReport({
    bulkImport,
    ...(plan !== undefined && { plan: { id: plan.id, entities: entityPages(plan.id) } }),
    ...(verification !== undefined && { verification }),
    entities: entityPages(bulkImport.id),
    failures: failurePages(bulkImport.id),
    writes: auditOutcomePages(bulkImport.id),
    most: MOST,
  });
}

/** The last verification of an import; `undefined` until it has ended, and when it no longer holds. */
async function verificationOf(bulkImport: Import): Promise<VerificationSources | undefined> {
  const { verificationId } = bulkImport;
  const found = verificationId === undefined ? undefined : await findImport(verificationId);
  if (found?.status !== 'finished' || !holdsOf(bulkImport, found)) return undefined;
  return { at: found.updatedAt, entities: entityPages(found.id), failures: failurePages(found.id) };
}
