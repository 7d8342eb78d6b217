import { ApiError } from '../answer.ts';
import type { SampleUser } from '../model.ts';
import type { SampleProject, SampleRelationImport } from '../project-model.ts';
import { RateLimit } from '../rate-limit.ts';
import { TemporaryFiles } from '../temporary-files.ts';
import { type ArchiveBehaviour, DEFAULT_BEHAVIOUR } from './behaviour.ts';
import type { RelationImportJob } from './relation-import-job.ts';

/** Of what is larger, a request for the status is answered while the work goes on. */
export const WAITED_FOR_BYTES = 32 * 1024 * 1024;

/** What exports and imports have in common. */
interface Job {
  /** When it began, epoch ms. */
  readonly since: number;
  /** How often its status was asked for. */
  asked: number;
  /** The work on its file. Never rejects. */
  work: Promise<void>;
  /** What has gone wrong that no GitLab tells of. */
  mistake: Error | undefined;
  /** Aborted when nobody wants the result any more. */
  readonly ending: AbortController;
}

/** The archive of a project that a user has asked for. */
export interface ProjectExport extends Job {
  readonly path: string;
  file: 'none' | 'being written' | 'ready';
}

/** An import that is under way, or over. */
export interface ProjectImport extends Job {
  readonly importer: SampleUser;
  /** Where the archive comes from: a file that was sent, or a URL. */
  readonly source: { readonly path: string } | { readonly url: string };
  /** Size of the archive, as far as it is known. */
  readonly bytes: number;
  readonly overrides: ImportOverrides;
  /** The file of the archive, once it is here. */
  archive: string | undefined;
  /** Steps that have begun and not ended: one follows the other. */
  steps: number;
}

/** Attributes that an import takes from its request. */
export type ImportOverrides = Partial<Pick<SampleProject, 'description' | 'visibility'>> & {
  readonly settings: Partial<SampleProject['settings']>;
};

export type LimitedAction = 'export' | 'import' | 'download';

/** The exports and imports of one instance, and their files. */
export class ProjectArchives {
  /** May be changed at any time. */
  behaviour: ArchiveBehaviour;
  readonly files = new TemporaryFiles();
  /** Imports of relations that are not over. */
  readonly relationImports = new Map<SampleRelationImport, RelationImportJob>();
  readonly #imports = new Map<SampleProject, ProjectImport>();
  readonly #exports = new Map<string, ProjectExport>();
  readonly #limits = new Map<string, RateLimit>();
  readonly #limited: boolean;

  /** `limited`: whether the limits per minute hold. */
  constructor(behaviour: Partial<ArchiveBehaviour>, limited: boolean) {
    this.behaviour = { ...DEFAULT_BEHAVIOUR, ...behaviour };
    this.#limited = limited;
  }

  exportOf(project: SampleProject, user: SampleUser): ProjectExport | undefined {
    return this.#exports.get(keyOf(project, user));
  }

  /** Begins a new export, and removes the archive that the user had of the project before. */
  async beginExport(project: SampleProject, user: SampleUser): Promise<void> {
    const path = await this.files.newFile();
    const earlier = this.exportOf(project, user);
    this.#exports.set(keyOf(project, user), { ...newJob(), path, file: 'none' });
    await this.#end(earlier);
  }

  async removeExport(project: SampleProject, user: SampleUser): Promise<void> {
    const earlier = this.exportOf(project, user);
    this.#exports.delete(keyOf(project, user));
    await this.#end(earlier);
  }

  importOf(project: SampleProject): ProjectImport | undefined {
    return this.#imports.get(project);
  }

  beginImport(
    project: SampleProject,
    wanted: Pick<ProjectImport, 'importer' | 'source' | 'bytes' | 'overrides'>,
  ): void {
    this.#imports.set(project, { ...newJob(), ...wanted, archive: undefined, steps: 0 });
  }

  /** Removes the file of an import that is over. */
  async endImport(project: SampleProject): Promise<void> {
    const job = this.importOf(project);
    this.#imports.delete(project);
    if (job) await this.files.remove(...filesOf(job));
  }

  /** Ends all that has to do with a project that was removed, and removes its files. */
  async forget(project: SampleProject): Promise<void> {
    const ended: (ProjectExport | ProjectImport | undefined)[] = [this.importOf(project)];
    for (const [key, job] of this.#exports) {
      if (!key.startsWith(keyOf(project))) continue;
      this.#exports.delete(key);
      ended.push(job);
    }
    this.#imports.delete(project);
    await Promise.all(ended.map(job => this.#end(job)));
    for (const one of project.relationImports) {
      const job = this.relationImports.get(one);
      this.relationImports.delete(one);
      if (job !== undefined) await this.files.remove(job.path);
    }
  }

  /** Counts an action against its limit. Throws a 429 when it is one too many. */
  take(action: LimitedAction, user: SampleUser, namespaceId = 0): void {
    const perMinute = this.behaviour[`${action}sPerMinute`];
    if (!this.#limited || perMinute === 0) return;
    // A limit that is changed begins anew.
    const key = `${action} ${namespaceId} ${perMinute}`;
    const limit = this.#limits.get(key) ?? new RateLimit(perMinute);
    this.#limits.set(key, limit);
    if (limit.take(user.username).allowed) return;
    throw new ApiError(
      429,
      { message: { error: 'This endpoint has been requested too many times. Try again later.' } },
      { 'Retry-After': '60' },
    );
  }

  /** Removes all files, and with them the exports. What imports have fetched they fetch again. */
  async clear(): Promise<void> {
    this.#exports.clear();
    await this.files.clear();
    for (const job of this.#imports.values()) {
      await job.work;
      Object.assign(job, { archive: undefined, mistake: undefined });
    }
  }

  async #end(job: ProjectExport | ProjectImport | undefined): Promise<void> {
    if (!job) return;
    job.ending.abort();
    await job.work;
    await this.files.remove(...filesOf(job));
  }
}

function newJob(): Job {
  return {
    since: Date.now(),
    asked: 0,
    work: Promise.resolve(),
    mistake: undefined,
    ending: new AbortController(),
  };
}

function filesOf(job: ProjectExport | ProjectImport): string[] {
  if ('path' in job) return [job.path];
  return [
    ...('path' in job.source ? [job.source.path] : []),
    ...(job.archive === undefined ? [] : [job.archive]),
  ];
}

const keyOf = (project: SampleProject, user?: SampleUser) => `${project.id} ${user?.id ?? ''}`;
