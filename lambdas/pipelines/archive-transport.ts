import type { ArchiveStore, StoredArchive } from '../archives/archive-store.ts';
import { ProjectCreationError } from '../domain/errors.ts';
import type { PipelineContext } from '../engine/relation.ts';
import {
  type ImportStatus,
  importFromFile,
  importFromUrl,
  type WantedProject,
} from '../gitlab/api/project-imports.ts';
import { isLinkRefused, isRemoteImportHidden } from '../gitlab/project-refusals.ts';
import { warmLink } from '../gitlab/warm-link.ts';
import { environment } from '../platform/environment.ts';
import { createLink } from '../store/archive-links.ts';
import { type ArchiveRecord, findArchive } from '../store/archives.ts';
import { findingOf, noteFinding } from '../store/firsts.ts';

/** GitLab gives the head of a link one second: what was too slow so often is not what is in its way. */
const MOST_LINKS = 3;

/**
 * How an archive gets to the destination: by a link under which it fetches the archive itself, or, where there is no
 * such link, or it does not take or reach it, as a file that is sent to it. Which it was is kept for the next try.
 */
export class ArchiveTransport {
  readonly #context: PipelineContext;
  readonly #store: ArchiveStore;

  constructor(context: PipelineContext, store: ArchiveStore) {
    this.#context = context;
    this.#store = store;
  }

  /** Has the destination make a project of the archive. @throws what it refuses, or meets */
  async send(wanted: WantedProject): Promise<ImportStatus> {
    const { importId, id } = this.#context.entity;
    const record = await findArchive(importId, id);
    if (record === undefined || record.archive === null) throw gone();
    if (this.#usesLink && !(await this.#isRefusedToOthers())) {
      try {
        return await this.#byLink(wanted, record);
      } catch (error) {
        if (!isRemoteImportHidden(error) && !isLinkRefused(error)) throw error;
        await this.#noteRefusal(error);
      }
      if (this.#usesLink) return this.send(wanted);
    }
    return this.#asFile(wanted, record.archive);
  }

  get #state(): { refusedLinks?: number } {
    return this.#context.state.get();
  }

  get #usesLink(): boolean {
    const { refusedLinks = 0 } = this.#state;
    const isReachable = this.#store.signedUrl !== undefined && environment.archiveLinksUrl() !== undefined;
    return isReachable && refusedLinks < MOST_LINKS;
  }

  /** Whether another project of the import has found that the destination takes no links: to try costs an import's slot. */
  async #isRefusedToOthers(): Promise<boolean> {
    return (await findingOf(this.#context.entity.importId, 'LINKS')) !== undefined;
  }

  async #noteRefusal(error: unknown): Promise<void> {
    const { refusedLinks = 0 } = this.#state;
    const words = (error as Error).message;
    const isSlow = isLinkRefused(error) && /headers/i.test(words);
    this.#context.state.set({ ...this.#state, refusedLinks: isSlow ? refusedLinks + 1 : MOST_LINKS });
    // What is wrong with one archive, or one answer, is no matter of the others.
    const isOfAll = isRemoteImportHidden(error) || /is blocked|CheckViolation/i.test(words);
    if (isOfAll) await noteFinding(this.#context.entity, 'LINKS', words);
  }

  async #byLink(wanted: WantedProject, record: ArchiveRecord): Promise<ImportStatus> {
    const token = await createLink(record);
    // Whoever has canceled the import has removed its archive just now.
    if (token === undefined) throw gone();
    const url = `${environment.archiveLinksUrl()}/archives/${token}`;
    await warmLink(url);
    return importFromUrl(this.#context.destination, { ...wanted, url });
  }

  async #asFile(wanted: WantedProject, archive: StoredArchive): Promise<ImportStatus> {
    return importFromFile(this.#context.destination, {
      ...wanted,
      bytes: archive.bytes,
      open: () => this.#store.read(archive),
    });
  }
}

function gone(): ProjectCreationError {
  return new ProjectCreationError(
    'The archive of the project is not there any more, after days in which it was not used or a cancel. Import the project again.',
  );
}
