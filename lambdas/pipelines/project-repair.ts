import { MigrationError, NotImportedError } from '../domain/errors.ts';
import type { ImportableRelation } from '../domain/relation-names.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { isWorthAnotherTry } from '../engine/retryable.ts';
import { relationInWords } from '../gitlab/api/project-counts.ts';
import { isRefusal } from '../gitlab/client-errors.ts';
import { NetworkError } from '../gitlab/errors.ts';
import { putFailure } from '../store/failures.ts';
import { pipelineClassOf } from './failed-relations.ts';
import { refused } from './relation-import-errors.ts';
import { RelationImportJob } from './relation-import-job.ts';
import { failuresOfImport, isToBring } from './repairs.ts';

/** Why a relation did not come, as it is kept until all have ended. */
interface Reason {
  name: string;
  message: string;
  retryable: boolean;
}

/** What is kept between two runs; what its jobs keep is beside it. */
interface Progress {
  /** Relations of which nothing is to be sent or waited for any more. */
  done?: ImportableRelation[];
  reasons?: Partial<Record<ImportableRelation, Reason>>;
}

/** The repair of one project: its relations are imported one after the other, for GitLab imports no two at a time. */
export class ProjectRepair {
  readonly #context: PipelineContext;

  constructor(context: PipelineContext) {
    this.#context = context;
  }

  /** Has each of these come, or says why it does not. @throws TemporaryError while one is under way */
  async run(relations: readonly ImportableRelation[]): Promise<void> {
    for (const relation of relations) {
      if (this.#progress.done?.includes(relation)) continue;
      await this.#end(relation, await this.#reasonOf(relation));
    }
    const { reasons = {} } = this.#progress;
    for (const [relation, reason] of Object.entries(reasons)) {
      await this.#tell(relation as ImportableRelation, reason);
    }
  }

  get #progress(): Progress {
    return this.#context.state.get();
  }

  /** Why a relation does not come; `undefined` where it was imported. @throws whatever is to be waited for */
  async #reasonOf(relation: ImportableRelation): Promise<Reason | undefined> {
    try {
      await new RelationImportJob(this.#context, relation).finish();
      return undefined;
    } catch (error) {
      const cause = isRefusal(error) ? refused(error, relation) : error;
      if (!(cause instanceof MigrationError) || cause instanceof NetworkError) throw error;
      return { name: cause.name, message: cause.message, retryable: isWorthAnotherTry(cause) };
    }
  }

  async #end(relation: ImportableRelation, reason: Reason | undefined): Promise<void> {
    const { done = [], reasons = {} } = this.#progress;
    this.#context.state.set({
      done: [...done, relation],
      reasons: { ...reasons, ...(reason !== undefined && { [relation]: reason }) },
    });
    await this.#context.save();
  }

  /** Writes a failure that says why a relation did not come; those of its records stay as they are. */
  async #tell(relation: ImportableRelation, { name, message, retryable }: Reason): Promise<void> {
    const { entity, recordFailure, save } = this.#context;
    await save();
    const record = {
      key: `repair:${relation}`,
      title: relationInWords(relation),
      as: { relation, pipelineClass: pipelineClassOf(relation) },
    };
    await recordFailure('loader', record, new NotImportedError(message, retryable, name));
    // After it: where none is to be brought any more, nobody comes here again.
    for (const failure of await failuresOfImport(entity)) {
      if (failure.relation !== relation || !isToBring(failure, this.#context)) continue;
      await putFailure({ ...failure, retryable, attempt: entity.attempt });
    }
  }
}
