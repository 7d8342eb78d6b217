import * as z from 'zod/mini';
import type { Download, StreamCall } from '../calls.ts';
import type { GitLabClient } from '../client.ts';
import { shortText } from '../schemas.ts';

/** The archives of whole projects at the source: GitLab makes them in the background, and keeps them for a day. */

/** `none` also before GitLab has begun, and after an export that has failed; some versions say `failed`. */
export type ExportState =
  | 'none'
  | 'queued'
  | 'started'
  | 'finished'
  | 'regeneration_in_progress'
  | 'failed'
  | (string & {});

const exportStatusSchema = z.object({
  id: z.int(),
  path_with_namespace: z.optional(shortText),
  export_status: shortText,
});

export interface ExportStatus {
  status: ExportState;
  /** The project's id at the source. */
  id: number;
}

const messageSchema = z.object({ message: z.optional(z.unknown()) });

/**
 * Asks for an archive (`POST /projects/:id/export`, 202; Maintainer). It deletes the one that the user had made before.
 *
 * @throws NetworkError 404 when exports are off, 400 when the project is too large; RateLimitedError beyond 6 a minute
 */
export async function startExport(client: GitLabClient, projectId: number): Promise<void> {
  await client.write({
    operation: 'export the project',
    method: 'POST',
    change: { kind: 'create', target: 'ProjectExport', title: null, id: projectId },
    path: `/projects/${projectId}/export`,
    json: {},
    action: 'project_export',
    schema: messageSchema,
  });
}

/**
 * How far the user's archive is (`GET /projects/:id/export`; Maintainer).
 *
 * @throws NetworkError 404 when exports are off, 403 without the role
 */
export async function exportStatus(client: GitLabClient, projectId: number): Promise<ExportStatus> {
  const { id, export_status: status } = await client.rest({
    operation: 'look up the export of the project',
    path: `/projects/${projectId}/export`,
    schema: exportStatusSchema,
  });
  return { id, status };
}

/**
 * The archive (`GET /projects/:id/export/download`; Maintainer). Some GitLabs redirect to an object store.
 *
 * @param namespace full path of the project's namespace: GitLab allows one download a minute for each
 * @param from the first byte that is wanted, and by what the file is known that it is wanted of
 * @throws NetworkError 404 when there is no file, or it has expired (24 hours)
 */
export function downloadExport(
  client: GitLabClient,
  projectId: number,
  namespace: string,
  { from, ifRange }: Pick<StreamCall, 'from' | 'ifRange'> = {},
): Promise<Download> {
  return client.stream({
    operation: 'download the export of the project',
    path: `/projects/${projectId}/export/download`,
    action: `project_download:${namespace}`,
    ...(from !== undefined && { from }),
    ifRange,
  });
}
