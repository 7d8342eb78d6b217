import { type Endpoint, GROUP_ID, type Param } from './declaration.ts';
import { PROJECT_ATTRIBUTES } from './projects.ts';

/** Of both ways to import. `namespace_id` and `namespace_path` are too new, and `overwrite` removes projects. */
const IMPORT = {
  path: { type: 'string', required: true },
  name: { type: 'string' },
  namespace: { type: 'string' },
  override_params: { type: 'object', fields: PROJECT_ATTRIBUTES },
} as const satisfies Record<string, Param>;

const NO_OTHER_WAY = 'No version tells whether single relations can be imported: before 17.1 a flag decides.';

/**
 * Exports and imports of whole projects, and of single relations of them. Their limits can be changed by administrators, so that they are no part of
 * the declaration. GitLab could also upload an export (`upload`), which the sample does not.
 */
export const PROJECT_ARCHIVES = {
  startExport: {
    method: 'POST',
    path: '/projects/:id/export',
    params: { ...GROUP_ID, description: { type: 'string' } },
  },
  exportStatus: { method: 'GET', path: '/projects/:id/export', params: GROUP_ID },
  downloadExport: { method: 'GET', path: '/projects/:id/export/download', params: GROUP_ID },
  importFile: {
    method: 'POST',
    path: '/projects/import',
    params: { file: { type: 'file', required: true }, ...IMPORT },
  },
  importUrl: {
    method: 'POST',
    path: '/projects/remote-import',
    since: '13.12',
    params: { url: { type: 'string', required: true }, ...IMPORT },
  },
  importStatus: { method: 'GET', path: '/projects/:id/import', params: GROUP_ID },
  // Which relations there are is no matter of the parameters: GitLab's own check names them.
  importRelation: {
    method: 'POST',
    path: '/projects/import-relation',
    since: '16.11',
    params: {
      path: { type: 'string', required: true },
      file: { type: 'file', required: true },
      relation: { type: 'string', required: true },
    },
    probedBecause: NO_OTHER_WAY,
  },
  relationImports: {
    method: 'GET',
    path: '/projects/:id/relation-imports',
    since: '16.11',
    params: GROUP_ID,
    probedBecause: NO_OTHER_WAY,
  },
} as const satisfies Record<string, Endpoint>;
