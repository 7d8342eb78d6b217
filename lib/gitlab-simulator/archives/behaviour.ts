import type { SampleRelationImport } from '../project-model.ts';

export type ExportState = 'none' | 'queued' | 'started' | 'regeneration_in_progress' | 'finished' | 'failed';

/** How a sample GitLab exports and imports projects; a test may change it at any time. */
export interface ArchiveBehaviour {
  /** The instance's setting; without it every export endpoint is a 404. */
  exportEnabled: boolean;
  /** Whether `gitlab_project` is an import source; without it imports are a 403. */
  importSourceEnabled: boolean;
  /** Whether there is `remote-import`; a 404 without. */
  remoteImportEnabled: boolean;
  /** Whether `remote-import` takes http as well, which GitLab never does. */
  httpAllowed: boolean;
  /** How long the answer to the HEAD of a remote import may take, ms. */
  headTimeoutMs: number;
  /**
   * What the requests for an export's status are answered, one after the other; the last one stays. `['none',
   * 'started']` is stuck, `['none', 'started', 'none']` is the failure of older versions. The file is there from the
   * first `finished` or `regeneration_in_progress` on.
   */
  exportStates: readonly ExportState[];
  /** The same for imports. With `finished` the archive is read, unless it is broken, which ends as `failed`. */
  importStates: readonly ('scheduled' | 'started' | 'finished')[];
  /** How long an export, and an import, takes at least, ms: before that it is `started` where it would be `finished`. */
  jobMs: number;
  /** With this text an import fails instead of finishing. */
  importError: string | undefined;
  /** Records that imports leave out: lines of the relations' files, counted from 0. */
  failedRelations: readonly { readonly relation: string; readonly lines: readonly number[] }[];
  /** Whether single relations can be imported where a flag decides on that, as before 17.1; a 404 without. */
  relationImportEnabled: boolean;
  /**
   * What the requests for the imports of relations say of the one that is open, one after the other; the last one stays.
   * The archive is read with the first `finished`, unless it is broken, which ends as `failed`.
   */
  relationImportStates: readonly SampleRelationImport['status'][];
  /** Whether the import of a relation takes the attributes of the project from the archive as well, as older versions do. */
  relationImportsSetAttributes: boolean;
  /** Whether projects are larger than the instance exports. */
  exportTooLarge: boolean;
  /** Bytes of filler in every archive, which is then as large as its content and no part of the project. */
  paddingBytes: number;
  /** Format that archives say they have. */
  archiveVersion: string;
  /** Whether exports end in the archives of 42 bytes that broken ones have. */
  brokenArchives: boolean;
  /** Whether downloads honour `Range`. */
  rangesHonoured: boolean;
  /** Whether downloads are redirected to another host, which must not get the token. */
  downloadRedirected: boolean;
  /** After so many bytes the connection of a download is cut. */
  cutDownloadAfter: number | undefined;
  /** Whether groups forbid runners of the instance, so that an archive in which they are on fails as a whole. */
  instanceRunnersForbidden: boolean;
  /** Whether project milestones whose title a group above has are renamed, as since 18.6.7; else the group's is used. */
  milestonesRenamed: boolean;
  /** GitLab's limits; 0 is off. Exports and imports per user, downloads per user and namespace. */
  exportsPerMinute: number;
  importsPerMinute: number;
  downloadsPerMinute: number;
}

export const DEFAULT_BEHAVIOUR: ArchiveBehaviour = {
  exportEnabled: true,
  importSourceEnabled: true,
  remoteImportEnabled: true,
  httpAllowed: false,
  headTimeoutMs: 1000,
  exportStates: ['none', 'started', 'finished'],
  importStates: ['scheduled', 'started', 'finished'],
  jobMs: 0,
  importError: undefined,
  failedRelations: [],
  relationImportEnabled: true,
  relationImportStates: ['created', 'started', 'finished'],
  relationImportsSetAttributes: true,
  exportTooLarge: false,
  paddingBytes: 0,
  archiveVersion: '0.2.4',
  brokenArchives: false,
  rangesHonoured: true,
  downloadRedirected: false,
  cutDownloadAfter: undefined,
  instanceRunnersForbidden: false,
  milestonesRenamed: false,
  exportsPerMinute: 6,
  importsPerMinute: 6,
  downloadsPerMinute: 1,
};
