import { findImport, type Import } from '../../store/imports.ts';
import type { Owner } from '../../store/keys.ts';
import { recordNotFound, unprocessable } from '../answers/http-errors.ts';
import { PLAN_LIFETIME_MS } from '../answers/present-plan.ts';
import type { CreateImportParameters } from './create-import-parameters.ts';
import { digestOfEntities } from './idempotency-key.ts';
import { findById, ownedBy } from './records.ts';

/**
 * Checks the plan to which a request for an import is bound, if it is. A plan promises no more than that this very
 * request was looked at within a day, and that nothing stood against it then.
 *
 * @throws 404 for one that is not there or somebody else's, 422 for one that does not hold
 */
export async function checkBoundPlan(wanted: CreateImportParameters, owner: Owner): Promise<void> {
  if (wanted.planId === undefined) return;
  const found = await findById(wanted.planId, findImport);
  const [plan] = ownedBy(owner, found === undefined ? [] : [found]);
  if (plan?.kind !== 'plan') throw recordNotFound();
  const problem = problemOf(plan, wanted);
  if (problem !== undefined) throw unprocessable(problem);
}

function problemOf(plan: Import, wanted: CreateImportParameters): string | undefined {
  if (plan.request !== digestOfEntities(wanted)) return 'The plan is for another request.';
  if (plan.hasFailures) return 'The plan has blockers.';
  if (plan.status !== 'finished') return 'The plan is not finished.';
  if (Date.now() - Date.parse(plan.createdAt) > PLAN_LIFETIME_MS) return 'The plan is older than a day.';
  return undefined;
}
