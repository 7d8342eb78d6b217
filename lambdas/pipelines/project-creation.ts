import { archiveStore } from '../archives/archive-stores.ts';
import { ProjectCreationError } from '../domain/errors.ts';
import { messageText } from '../domain/failure-message.ts';
import { underWay, watchedSince } from '../engine/jobs.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { findByFullPath } from '../gitlab/api/group-query.ts';
import type { Group } from '../gitlab/api/groups.ts';
import type { WantedProject } from '../gitlab/api/project-imports.ts';
import { findProject, type Project } from '../gitlab/api/projects.ts';
import { isRefusal } from '../gitlab/client-errors.ts';
import type { NetworkError } from '../gitlab/errors.ts';
import { adviceOnImport, isStillDeleting, isTaken } from '../gitlab/project-refusals.ts';
import { ArchiveTransport } from './archive-transport.ts';
import { normalizeSlug, numbered, suffixOf, visibilityWithin } from './group-rules.ts';
import type { ProjectClaim } from './project-claim.ts';

/** How many `_1`, `_2`, … of a path are looked up before it counts as taken for good. */
const MOST_SUFFIXES = 100;
/** Each other name costs one of the six imports that GitLab allows in a minute. */
const MOST_NAMES = 5;
/** GitLab deletes a project within minutes; what it has not deleted after so long has got stuck. */
const DELETION_HOURS = 2;

type Made = Pick<Project, 'id' | 'path_with_namespace'>;

/**
 * Has the destination make one project of its archive, at a path and under a name that are free. A project that was
 * asked for by name gets no other path; those of a migrated group give way with `_1`, `_2`, … as their groups do. What
 * stands at the path is used only if it is proved to be ours.
 */
export class ProjectCreation {
  readonly #context: PipelineContext;
  readonly #claim: ProjectClaim;
  readonly #source: Project;
  readonly #parent: Group;
  readonly #transport: ArchiveTransport;
  #pathSuffix: number;

  constructor(context: PipelineContext, claim: ProjectClaim, source: Project, parent: Group | null) {
    if (parent === null) throw new ProjectCreationError('A project goes into a group, and none was named.');
    this.#context = context;
    this.#claim = claim;
    this.#source = source;
    this.#parent = parent;
    this.#transport = new ArchiveTransport(context, archiveStore());
    this.#pathSuffix = suffixOf(claim.pathInDoubt, this.#fullPath(this.#slug));
  }

  /** @returns the project, which GitLab goes on to fill */
  async run(): Promise<Made> {
    let ours: 'foreign' | 'nothing' | Made =
      this.#claim.pathInDoubt === null ? 'nothing' : await this.#claim.find(false);
    for (;;) {
      if (typeof ours === 'object') return ours;
      if (ours === 'foreign') this.#nextPath(PATH_TAKEN);
      await this.#findFreePath();
      const path = numbered(this.#slug, '_', this.#pathSuffix);
      if (!(await this.#claim.take(this.#fullPath(path)))) {
        this.#nextPath(PATH_CLAIMED);
        ours = 'nothing';
        continue;
      }
      try {
        return await this.#transport.send(this.#wanted(path));
      } catch (error) {
        ours = await this.#afterError(error);
      }
    }
  }

  /** The number of the name that is next. It outlives a run: the slot of an import is a wait of the workflow away. */
  get #nameSuffix(): number {
    const { nameSuffix = 0 }: { nameSuffix?: number } = this.#context.state.get();
    return nameSuffix;
  }

  get #slug(): string {
    const { destinationSlug } = this.#context.entity;
    return normalizeSlug(destinationSlug) || normalizeSlug(this.#source.name) || `project-${this.#source.id}`;
  }

  #wanted(path: string): WantedProject {
    const visibility = visibilityWithin(this.#source.visibility ?? undefined, this.#parent.visibility);
    const { shared_runners_setting: runners } = this.#parent;
    return {
      name: numbered(this.#source.name, '_', this.#nameSuffix),
      path,
      namespaceId: this.#parent.id,
      overrides: {
        ...(visibility !== undefined && { visibility }),
        // An archive with instance runners fails as a whole in a group that forbids them.
        ...(runners === 'disabled_and_unoverridable' && { shared_runners_enabled: false }),
      },
    };
  }

  /** Moves on to a path at which neither a project nor a group is: to try costs one of six imports a minute. */
  async #findFreePath(): Promise<void> {
    const { destination } = this.#context;
    for (;;) {
      const fullPath = this.#fullPath(numbered(this.#slug, '_', this.#pathSuffix));
      const [project, group] = await Promise.all([
        findProject(destination, fullPath),
        findByFullPath(destination, fullPath),
      ]);
      if (project === undefined && group === undefined) return;
      this.#nextPath(PATH_TAKEN);
    }
  }

  /** Prepares the next request after one that brought no project. @throws when there is none to prepare */
  async #afterError(error: unknown): Promise<'foreign' | 'nothing' | Made> {
    const made = await this.#claim.afterError(error);
    if (made !== undefined) return made;
    if (isStillDeleting(error)) throw this.#stillDeleting();
    if (!isTaken(error)) throw explained(error);
    const isPath = /\bpath\b|\broute\b/i.test((error as NetworkError).reason);
    // A request of an earlier run that was given up, or of a run that still lives, has arrived in the meantime.
    const ours = await this.#claim.find(isPath);
    if (typeof ours === 'object' || isPath) return ours;
    if (this.#nameSuffix === MOST_NAMES) throw new ProjectCreationError(NAME_TAKEN);
    const { state } = this.#context;
    state.set({ ...state.get(), nameSuffix: this.#nameSuffix + 1 });
    return 'nothing';
  }

  /** The path is free when the deletion is done: until then the import waits, as for a job. */
  #stillDeleting(): Error {
    const { state } = this.#context;
    const { deletingSince = new Date().toISOString() }: { deletingSince?: string } = state.get();
    state.set({ ...state.get(), deletingSince });
    return underWay({
      instance: 'destination',
      doing: 'is still deleting what was at the path of the project',
      since: watchedSince(state, deletingSince),
      hours: DELETION_HOURS,
      advice: 'Look there whether the deletion got stuck, and import the project again when it is done.',
    });
  }

  #fullPath(path: string): string {
    return `${this.#parent.full_path}/${path}`;
  }

  /** A project of a migrated group evades what is in the way; one that was asked for by name does not. */
  #nextPath(message: string): void {
    const mayEvade = this.#context.entity.parentId !== null && this.#pathSuffix < MOST_SUFFIXES;
    if (!mayEvade) throw new ProjectCreationError(message);
    this.#pathSuffix += 1;
  }
}

const PATH_TAKEN =
  'Unable to import project: something else took this path after the import was started. Start an import with another destination.';
const PATH_CLAIMED =
  'Unable to import project: another import is creating something at this path now. Start an import with another destination.';
const NAME_TAKEN =
  'Unable to import project: its name and the next ones are taken in the destination group. Rename it at the source, and import it again.';

/** What an administrator or the user has to do, where GitLab's words do not say. */
function explained(error: unknown): unknown {
  // What is no refusal of the GitLab itself, as a redirect is, says so itself.
  if (!isRefusal(error) || (error.status ?? 0) < 400) return error;
  const advice = adviceOnImport(error);
  if (advice !== undefined) return new ProjectCreationError(advice, { cause: error });
  const message = messageText({
    before: 'Unable to import project. The destination GitLab refused it: ',
    quoted: error.reason.replace(/\.+$/, ''),
    after: '. Correct it at the source or choose another destination, and import it again.',
  });
  return new ProjectCreationError(message, { cause: error });
}
