import type { Kind } from '../domain/kinds.ts';
import { type CausedFailure, Causes } from './causes.ts';
import { remedyOf } from './remedies.ts';
import { MOST_PROBLEMS, type Problem, type Report, type ReportedEntity } from './report.ts';

/** A record that a verification has found to differ or to be missing. */
export type VerifiedProblem = Pick<Problem, 'entityId' | 'relation' | 'title' | 'fields' | 'message'> & {
  kind: 'different' | 'missing';
};

/** Collects problems: all are counted, and the first ones kept. */
export class Problems {
  readonly #kind: Problem['kind'];
  readonly #entities: ReadonlyMap<number, ReportedEntity>;
  readonly #causes = new Causes();
  readonly #listed: Problem[] = [];
  /** What was verified, by the record: its failure then says why. */
  readonly #verified = new Map<string, Problem>();
  #total = 0;

  constructor(
    kind: Kind,
    entities: ReadonlyMap<number, ReportedEntity>,
    verified: readonly VerifiedProblem[],
  ) {
    this.#kind = kind === 'plan' ? 'blocked' : 'failed';
    this.#entities = entities;
    for (const problem of verified) {
      const added = this.#add({ ...problem, retryable: true });
      if (problem.title !== null) this.#verified.set(keyOf(problem), added);
    }
  }

  addFailure(failure: CausedFailure): void {
    this.#causes.add(failure);
    const { entityId, relation, sourceTitle: title, exceptionMessage: message } = failure;
    const retryable = failure.retryable ?? remedyOf(failure).retryHelps;
    const verified = this.#verified.get(keyOf({ entityId, relation, title }));
    // A record that has failed is missing, too: it is one problem, and why is what its failure says.
    if (verified !== undefined) Object.assign(verified, { message, retryable });
    else this.#add({ entityId, relation, title, kind: this.#kind, fields: [], message, retryable });
  }

  told(): Pick<Report, 'causes' | 'problems' | 'problemsTotal'> {
    return { causes: this.#causes.list(), problems: this.#listed, problemsTotal: this.#total };
  }

  #add(found: Omit<Problem, 'sourceFullPath'>): Problem {
    const entity = this.#entities.get(found.entityId);
    const problem = { ...found, sourceFullPath: entity?.sourceFullPath ?? '' };
    this.#total += 1;
    if (entity !== undefined) entity.problems += 1;
    if (this.#listed.length < MOST_PROBLEMS) this.#listed.push(problem);
    return problem;
  }
}

const keyOf = ({ entityId, relation, title }: Pick<Problem, 'entityId' | 'relation' | 'title'>) =>
  JSON.stringify([entityId, relation, title]);
