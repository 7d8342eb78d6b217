import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiError } from '../answer.ts';
import type { SampleUser } from '../model.ts';
import type { SampleProject } from '../project-model.ts';
import { RateLimit } from '../rate-limit.ts';
import { type ArchiveBehaviour, DEFAULT_BEHAVIOUR } from './behaviour.ts';

/** The archive of a project that a user has asked for. */
export interface ProjectExport {
  readonly path: string;
  /** How often its status was asked for. */
  asked: number;
  /** The writing of the file, once it has begun. */
  writing: Promise<void> | undefined;
  /** Whether the file is there. */
  ready: boolean;
}

/** An import that is under way, or over. */
export interface ProjectImport {
  readonly importer: SampleUser;
  /** Where the archive comes from: a file that was sent, or a URL. */
  readonly source: { readonly path: string } | { readonly url: string };
  readonly overrides: ImportOverrides;
  asked: number;
  /** The file of the archive, once it is here. */
  archive: string | undefined;
  /** The end of the last step: one follows the other. */
  turn: Promise<void>;
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
  readonly #imports = new WeakMap<SampleProject, ProjectImport>();
  readonly #exports = new Map<string, ProjectExport>();
  readonly #limits = new Map<string, RateLimit>();
  readonly #limited: boolean;
  #folder: Promise<string> | undefined;

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
    const path = await this.newFile();
    const earlier = this.exportOf(project, user);
    this.#exports.set(keyOf(project, user), { path, asked: 0, writing: undefined, ready: false });
    await removeExport(earlier);
  }

  async removeExport(project: SampleProject, user: SampleUser): Promise<void> {
    const earlier = this.exportOf(project, user);
    this.#exports.delete(keyOf(project, user));
    await removeExport(earlier);
  }

  importOf(project: SampleProject): ProjectImport | undefined {
    return this.#imports.get(project);
  }

  beginImport(
    project: SampleProject,
    wanted: Pick<ProjectImport, 'importer' | 'source' | 'overrides'>,
  ): void {
    this.#imports.set(project, { ...wanted, asked: 0, archive: undefined, turn: Promise.resolve() });
  }

  /** Path of a new file, which is not there yet. */
  async newFile(): Promise<string> {
    this.#folder ??= mkdtemp(join(tmpdir(), 'sample-gitlab-archives-'));
    return join(await this.#folder, `${randomUUID()}.tar.gz`);
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

  /** Removes all files, and with them the exports. */
  async clear(): Promise<void> {
    const folder = await this.#folder;
    this.#folder = undefined;
    const writing = [...this.#exports.values()].map(at => at.writing);
    this.#exports.clear();
    await Promise.allSettled(writing);
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

async function removeExport(earlier: ProjectExport | undefined): Promise<void> {
  await earlier?.writing;
  if (earlier) await rm(earlier.path, { force: true });
}

const keyOf = (project: SampleProject, user: SampleUser) => `${project.id} ${user.id}`;
