import type { Readable } from 'node:stream';
import * as z from 'zod/mini';
import type { ImportableRelation } from '../../domain/relation-names.ts';
import { LIST } from '../budgets.ts';
import type { GitLabClient } from '../client.ts';
import { list, shortText } from '../schemas.ts';

/** The import of one relation of an archive into a project that is there (16.11; before 17.1 behind a flag). */

const relationImportSchema = z.object({
  id: z.int(),
  relation: shortText,
  /** `created`, `started`, `finished`, `failed`. */
  status: shortText,
  created_at: shortText,
});
export type RelationImport = z.infer<typeof relationImportSchema>;

/**
 * All imports of relations of a project (`GET /projects/:id/relation-imports`; Maintainer), in one response.
 *
 * @throws NetworkError 404 where there is no such endpoint, 403 without the role
 */
export function listRelationImports(client: GitLabClient, projectId: number): Promise<RelationImport[]> {
  return client.rest({
    operation: 'list the imports of relations of the project',
    path: `/projects/${projectId}/relation-imports`,
    schema: list(relationImportSchema, LIST.elements),
  });
}

/**
 * Sends an archive of which GitLab imports one relation (`POST /projects/import-relation`, 201; Maintainer). Records whose
 * `iid` is there are left alone. What is written down of it is the relation: which records come of it nobody knows before.
 *
 * **GitLab does more by it than its documentation says** (`lib/gitlab/import_export/members_mapper.rb`): unless the user is
 * the first direct member of the project and a Maintainer, all of its direct members are removed and the user is made one.
 * Of an administrator the members in the archive become members again. Older versions take the attributes of the project
 * from the archive, too.
 *
 * @throws NetworkError 409 while another import is under way, 404 where there is no such project or endpoint, 403 without
 *   the role or where archives are no source of imports; RateLimitedError beyond 6 imports a minute
 */
export function importRelation(
  client: GitLabClient,
  wanted: {
    projectPath: string;
    relation: ImportableRelation;
    bytes: number;
    open: () => Promise<Readable>;
  },
): Promise<RelationImport> {
  const { projectPath, relation, bytes, open } = wanted;
  return client.write({
    operation: 'import a relation of the project',
    method: 'POST',
    change: { kind: 'create', target: 'RelationImport', title: relation, within: projectPath },
    path: '/projects/import-relation',
    upload: {
      fields: { path: projectPath, relation },
      file: { name: 'file', fileName: 'archive.tar.gz', type: 'application/gzip', bytes, open },
    },
    action: 'project_import',
    schema: relationImportSchema,
  });
}
