import type { Readable } from 'node:stream';
import * as z from 'zod/mini';
import { LIST } from '../budgets.ts';
import type { GitLabClient } from '../client.ts';
import { list, shortText } from '../schemas.ts';
import type { Project } from './projects.ts';

/** The import of a project's archive: the destination makes the project at once, and fills it in the background. */

const text = z.nullish(shortText);

const failedRelationSchema = z.object({
  id: z.optional(z.int()),
  created_at: text,
  exception_class: text,
  /** `null` in current versions, whatever happened. */
  exception_message: text,
  source: text,
  relation_name: text,
  /** Counted from 0, in `tree/project/<relation>.ndjson`. */
  line_number: z.nullish(z.int()),
});
export type FailedRelation = z.infer<typeof failedRelationSchema>;

const importStatusSchema = z.object({
  id: z.int(),
  path_with_namespace: shortText,
  /** `none`, `scheduled`, `started`, `finished`, `failed`, `canceled`. */
  import_status: shortText,
  import_type: text,
  import_error: text,
  correlation_id: text,
  /** The newest 100. */
  failed_relations: z._default(list(failedRelationSchema, LIST.elements), []),
});
export type ImportStatus = z.infer<typeof importStatusSchema>;

/** A project that is to be made of an archive. */
export interface WantedProject {
  name: string;
  path: string;
  namespaceId: number;
  /** What does not come from the archive. */
  overrides: { visibility?: string; shared_runners_enabled?: boolean };
}

const changeOf = ({ name }: WantedProject) =>
  ({ kind: 'create', target: 'ProjectImport', title: name }) as const;

/**
 * Lets GitLab fetch an archive (`POST /projects/remote-import`, 201; Maintainer; 13.12).
 *
 * @throws NetworkError 403 when this source of imports is off, 404 when the endpoint is, 400 when the name is taken or
 *   the URL refused; RateLimitedError beyond 6 a minute
 */
export function importFromUrl(
  client: GitLabClient,
  wanted: WantedProject & { url: string },
): Promise<ImportStatus> {
  const { name, path, namespaceId, overrides, url } = wanted;
  return client.write({
    operation: 'import the project',
    method: 'POST',
    change: changeOf(wanted),
    path: '/projects/remote-import',
    json: { url, name, path, namespace: String(namespaceId), override_params: { ...overrides } },
    action: 'project_import',
    schema: importStatusSchema,
  });
}

/**
 * Sends an archive to GitLab (`POST /projects/import`, 201; Maintainer).
 *
 * @throws NetworkError as `importFromUrl`, and 413 when the archive is too large
 */
export function importFromFile(
  client: GitLabClient,
  wanted: WantedProject & { bytes: number; open: () => Promise<Readable> },
): Promise<ImportStatus> {
  const { name, path, namespaceId, overrides, bytes, open } = wanted;
  const overridden = Object.entries(overrides).filter(([, value]) => value !== undefined);
  return client.write({
    operation: 'import the project',
    method: 'POST',
    change: changeOf(wanted),
    path: '/projects/import',
    upload: {
      fields: {
        name,
        path,
        namespace: String(namespaceId),
        ...Object.fromEntries(overridden.map(([key, value]) => [`override_params[${key}]`, String(value)])),
      },
      file: { name: 'file', fileName: 'archive.tar.gz', type: 'application/gzip', bytes, open },
    },
    action: 'project_import',
    schema: importStatusSchema,
  });
}

/** How far an import is (`GET /projects/:id/import`; whoever sees the project). */
export function importStatus(client: GitLabClient, projectId: number): Promise<ImportStatus> {
  return client.rest({
    operation: 'look up the import of the project',
    path: `/projects/${projectId}/import`,
    schema: importStatusSchema,
  });
}

/** Of what kind the import was that has made a project. Older versions tell it with the status of the import only. */
export async function importTypeOf(
  client: GitLabClient,
  { id, import_type: shown }: Pick<Project, 'id' | 'import_type'>,
): Promise<string | null | undefined> {
  return shown === undefined ? (await importStatus(client, id)).import_type : shown;
}

/**
 * Asks for an import that GitLab refuses whatever it allows, since the URL is not https: how it refuses says what is
 * missing. It counts against the limit of imports.
 *
 * @throws NetworkError: `isLinkRefused` when all is well, `isSourceOff`, `isRemoteImportHidden`, `isNamespaceMissing`
 */
export async function probeImports(client: GitLabClient, namespaceId: number): Promise<void> {
  await client.write({
    operation: 'check whether projects can be imported',
    method: 'POST',
    change: { kind: 'create', target: 'ProjectImport', title: null },
    path: '/projects/remote-import',
    json: { url: 'http://invalid.example/x', path: 'probe', namespace: String(namespaceId) },
    action: 'project_import',
    schema: z.unknown(),
  });
}
