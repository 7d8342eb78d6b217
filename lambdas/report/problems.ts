import type { Kind } from '../domain/kinds.ts';
import { type CausedFailure, Causes } from './causes.ts';
import { MOST_PROBLEMS, type Problem, type Report, type ReportedEntity } from './report.ts';
import { fieldsIn, isOfRelation, kindOf, type VerifiedFailure } from './verification.ts';

/** Collects problems: all are counted, and the first ones kept. */
export class Problems {
  readonly #kind: Problem['kind'];
  readonly #entities: ReadonlyMap<number, ReportedEntity>;
  readonly #causes = new Causes();
  readonly #listed: Problem[] = [];
  /** What a verification says of a record, of which the failure of the import may say why. */
  readonly #verified = new Map<string, { problem: Problem; failure: VerifiedFailure }[]>();
  #total = 0;

  constructor(kind: Kind, entities: ReadonlyMap<number, ReportedEntity>) {
    this.#kind = kind === 'plan' ? 'blocked' : 'failed';
    this.#entities = entities;
  }

  /** Adds what a verification has found, before the failures of the import are added. */
  addVerified(failure: VerifiedFailure): void {
    const problem = this.#add(failure, kindOf(failure));
    const key = keyOf(failure);
    // Of two boards with the same name each is one.
    this.#verified.set(key, [...(this.#verified.get(key) ?? []), { problem, failure }]);
  }

  addFailure(failure: CausedFailure): void {
    this.#causes.add(failure);
    const verified = this.#verified.get(keyOf(failure))?.shift();
    // A record that has failed is missing, too, and a relation that has failed is not compared: that is one problem, and why
    // is what the failure of the import says.
    if (verified === undefined) this.#add(failure, this.#kind);
    else Object.assign(verified.problem, wordsOf(failure));
  }

  told(): Pick<Report, 'causes' | 'problems' | 'problemsTotal'> {
    for (const { failure } of [...this.#verified.values()].flat()) this.#causes.add(failure);
    this.#verified.clear();
    return { causes: this.#causes.list(), problems: this.#listed, problemsTotal: this.#total };
  }

  #add(failure: CausedFailure, kind: Problem['kind']): Problem {
    const { entityId, relation, sourceTitle: title } = failure;
    const entity = this.#entities.get(entityId);
    const sourceFullPath = entity?.sourceFullPath ?? '';
    const fields = fieldsIn(failure);
    const problem = { entityId, sourceFullPath, relation, title, kind, fields, ...wordsOf(failure) };
    this.#total += 1;
    if (entity !== undefined) entity.problems += 1;
    if (this.#listed.length < MOST_PROBLEMS) this.#listed.push(problem);
    return problem;
  }
}

const wordsOf = (failure: CausedFailure): Pick<Problem, 'message' | 'retryable'> => ({
  message: failure.exceptionMessage,
  retryable: failure.retryable,
});

/** What a failure is about: a relation as a whole, or a record, by its name or, without one, by what tells it apart. */
function keyOf(failure: CausedFailure): string {
  const { entityId, relation, sourceTitle, key } = failure;
  if (isOfRelation(failure)) return JSON.stringify([entityId, relation]);
  return JSON.stringify([entityId, relation, sourceTitle, ...(sourceTitle === null ? [key] : [])]);
}
