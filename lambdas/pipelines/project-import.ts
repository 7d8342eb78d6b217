import { JobFailedError } from '../domain/errors.ts';
import { messageText } from '../domain/failure-message.ts';
import { underWay, watchedSince } from '../engine/jobs.ts';
import type { PipelineContext, Relation } from '../engine/relation.ts';
import { mayLag, replicaLag } from '../engine/replica-lag.ts';
import { type ImportStatus, importStatus, importTypeOf } from '../gitlab/api/project-imports.ts';
import { deleteProject, findProject, getProject } from '../gitlab/api/projects.ts';
import { isNotFound, isRefusal } from '../gitlab/client-errors.ts';
import { TemporaryError } from '../gitlab/errors.ts';
import { NOTHING_MADE } from './earlier-target.ts';
import { recordFailedRelations } from './failed-relations.ts';
import { tellRepaired } from './repaired-records.ts';
import { THE_PROJECT, type TheProject } from './the-project.ts';

/** GitLab itself gives an import up after a day, and looks for such once an hour. */
const IMPORT_HOURS = 26;
/** What can be over when the import is tried once more. All else it says would be said again. */
const PASSES =
  /timed out|interrupted|unsupported response|execution expired|connection|\b50[0-4]\b|unavailable/i;

/** GitLab frees the path of a deleted project within minutes; where it has not after so long, it keeps it. */
const LONGEST_DELETION_MS = 3_600_000;

/** What a failed import has left. */
interface Left {
  id: number;
  fullPath: string;
  /** When GitLab took the request to delete it; ISO 8601. */
  deletedAt?: string;
}

/** What is kept between two looks at an import. */
interface Seen {
  /** When it was first looked at; ISO 8601. */
  since?: string;
  /** Of an import that has failed and is to be tried once more: the project that it has left, and its path. */
  left?: Left;
  hasTriedAgain?: boolean;
}

/** The import of the archive by the destination, waited for to its end; what GitLab could not import of it is told. */
export const projectImport: Relation<TheProject, TheProject, undefined> = {
  ...THE_PROJECT,
  name: 'project_import',
  pipelineClass: 'BulkImports::Projects::Pipelines::ProjectPipeline',
  relation: 'project_import',
  abortOnFailure: true,
  comesWhole: true,

  existing: async () => undefined,
  decide: () => 'create',
  // What has arrived before was imported, and was repaired just now.
  create: (_, context) =>
    context.entity.arrivedBefore === true ? tellRepaired(context) : new ImportJob(context).finish(),
};

/** GitLab's import of one project. */
class ImportJob {
  readonly #context: PipelineContext;

  constructor(context: PipelineContext) {
    this.#context = context;
  }

  async finish(): Promise<void> {
    if (this.#seen.left !== undefined) await this.#tryAgain(this.#seen.left);
    const status = await this.#status();
    switch (status.import_status) {
      case 'finished':
        return recordFailedRelations(this.#context, status);
      case 'failed':
      case 'canceled':
        return this.#failed(status);
      default:
        throw this.#underWay();
    }
  }

  get #seen(): Seen {
    return this.#context.state.get();
  }

  #note(seen: Seen): void {
    this.#context.state.set({ ...this.#seen, ...seen });
  }

  async #status(): Promise<ImportStatus> {
    const { destination, entity, target } = this.#context;
    try {
      return await importStatus(destination, target().id);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      if (mayLag(entity.destinationCreatedAt)) throw replicaLag('look up its import');
      throw new JobFailedError(
        'The project that GitLab was importing is gone at the destination: somebody has deleted it, or the destination token may not see it. Import the project again.',
        { cause: error },
      );
    }
  }

  #underWay(): Error {
    const since = this.#seen.since ?? new Date().toISOString();
    this.#note({ since });
    const watched = watchedSince(this.#context.state, since);
    return underWay({
      instance: 'destination',
      doing: 'imports the project',
      since: watched,
      hours: IMPORT_HOURS,
      advice:
        'The project is there, perhaps in part. Look for it in the log of its importer; delete it before you import it again.',
    });
  }

  /** @throws JobFailedError, or what makes the run wait for another try */
  async #failed(status: ImportStatus): Promise<never> {
    const words = status.import_error ?? '';
    const { hasTriedAgain = false } = this.#seen;
    const left = { id: status.id, fullPath: status.path_with_namespace };
    // Whoever retries has removed the cause, or wants to see.
    const isWorthIt = PASSES.test(words) || this.#context.entity.attempt > 1;
    if (isWorthIt && !hasTriedAgain && (await this.#isHalfProjectOfOurs(left.id))) {
      this.#note({ left, hasTriedAgain: true });
      await this.#context.save();
      await this.#tryAgain(left);
    }
    await recordFailedRelations(this.#context, status);
    throw new JobFailedError(
      messageText({
        before: 'The destination GitLab could not import the archive: ',
        quoted: words.replace(/\.+$/, '') || 'it does not say why',
        after: `. What it has made of the project is left there. Correct the cause, delete it, and import the project again.`,
      }),
    );
  }

  /**
   * Whether the project that a failed import has left may be deleted: it is the one whose id was noted, the importing
   * user made it, it came from an archive, and its import has failed.
   */
  async #isHalfProjectOfOurs(id: number): Promise<boolean> {
    const { destination, entity } = this.#context;
    const project = await getProject(destination, id);
    return (
      id === entity.projectId &&
      project.creator_id === entity.userId &&
      project.import_status === 'failed' &&
      (await importTypeOf(destination, project)) === 'gitlab_project'
    );
  }

  /**
   * Deletes what a failed import has left, and has the project made anew when its path is free.
   *
   * @throws TemporaryError so that the run comes again, or waits for the path
   */
  async #tryAgain(left: Left): Promise<void> {
    const { id, fullPath, deletedAt } = left;
    const { destination, noteOnEntity, reopen, save } = this.#context;
    const there = await findProject(destination, fullPath);
    if (there?.id === id && deletedAt !== undefined) {
      if (Date.now() - Date.parse(deletedAt) > LONGEST_DELETION_MS) return this.#keepHalf();
      throw again('it deletes what a failed import has left');
    }
    const isOurs = there?.id === id ? await this.#isHalfProjectOfOurs(id).catch(goneMeanwhile) : undefined;
    if (isOurs !== undefined) {
      if (!isOurs) return this.#keepHalf();
      try {
        await deleteProject(destination, id);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        return this.#keepHalf();
      }
      this.#note({ left: { ...left, deletedAt: new Date().toISOString() } });
      await save();
      throw again('it deletes what a failed import has left');
    }
    noteOnEntity({ ...NOTHING_MADE });
    reopen('project');
    this.#context.state.set({ hasTriedAgain: true });
    await save();
    throw again('its project is to be imported once more');
  }

  /** Leaves what a failed import has made where it is: it cannot be deleted, or is not sure to be ours. */
  #keepHalf(): void {
    this.#context.state.set({ hasTriedAgain: true });
  }
}

/** Nothing of a project that has gone since it was looked up. @throws any other error */
function goneMeanwhile(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}

/** The wait is one of the workflow: the run after it begins with the project that is to be made anew. */
function again(reason: string): TemporaryError {
  return new TemporaryError(`The destination GitLab failed to import the project: ${reason}.`, {
    instance: 'destination',
    method: 'DELETE',
    reason,
    waitsFor: 'job',
    retryAfter: 5,
  });
}
