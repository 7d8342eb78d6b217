import { isTerminal } from '../domain/statuses.ts';
import type { Changes } from '../store/changes.ts';
import { entityPages } from '../store/entity-lists.ts';
import { failurePages } from '../store/failure-pages.ts';
import type { Failure } from '../store/failures.ts';
import { findImport, type Import } from '../store/imports.ts';
import type { VerifiedFigures } from './figures.ts';
import type { Verification } from './make-report.ts';
import type { VerifiedProblem } from './problems.ts';

/** More are only counted: of a report that lists more nobody reads more. */
const MOST_PROBLEMS = 10_000;

/** The classes of the failures by which a verification names a record. */
const KINDS: Readonly<Record<string, VerifiedProblem['kind']>> = {
  'BulkImports::DifferentRecordError': 'different',
  'BulkImports::MissingRecordError': 'missing',
};

/** Reads what the last verification of an import has found; `undefined` without one that has come to its end. */
export async function readVerification({
  verificationId,
}: Pick<Import, 'verificationId'>): Promise<Verification | undefined> {
  if (verificationId === undefined) return undefined;
  const record = await findImport(verificationId);
  if (record?.totals === undefined || !isTerminal(record.status)) return undefined;
  const figures = new Map<number, Record<string, VerifiedFigures>>();
  for await (const entities of entityPages(verificationId)) {
    for (const { id, changes = {} } of entities) figures.set(id, figuresIn(changes));
  }
  const problems: VerifiedProblem[] = [];
  for await (const failures of failurePages(verificationId)) {
    problems.push(...failures.flatMap(problemOf).slice(0, MOST_PROBLEMS - problems.length));
    if (problems.length >= MOST_PROBLEMS) break;
  }
  return { at: record.updatedAt, figures, problems };
}

/** By relation; without those of which nothing was compared. */
function figuresIn(changes: Readonly<Record<string, Changes>>): Record<string, VerifiedFigures> {
  const found: Record<string, VerifiedFigures> = {};
  for (const [relation, { unchanged: matched, update: different, create: missing }] of Object.entries(
    changes,
  )) {
    if (matched + different + missing > 0) found[relation] = { matched, different, missing, newAtSource: 0 };
  }
  return found;
}

function problemOf({
  entityId,
  relation,
  sourceTitle: title,
  exceptionClass,
  exceptionMessage: message,
}: Failure): VerifiedProblem[] {
  const kind = KINDS[exceptionClass];
  if (kind === undefined) return [];
  const fields = kind === 'different' ? fieldsIn(message) : [];
  return [{ entityId, relation, title, kind, fields, message }];
}

/** The names of the attributes in `… other than at the source: color is '#fff' instead of '#000'; description is …`. */
const fieldsIn = (message: string): string[] =>
  [...message.matchAll(/[:;] (\w+) is /g)].map(([, name = '']) => name);
