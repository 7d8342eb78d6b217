import type { RelationRequest } from './fixture.ts';

/**
 * All that the relations of a project ask the two GitLabs for, by their names: the fault matrix meets each of them with
 * faults. What they move is one archive, so that they have nothing else of a fixture.
 */
export const PROJECT_REQUESTS: Readonly<Record<string, readonly RelationRequest[]>> = {
  project_export: [
    { role: 'look-up', request: 'GET /user' },
    { role: 'read', request: 'GET /projects/:id/export' },
    { role: 'order', request: 'POST /projects/:id/export' },
  ],
  archive: [{ role: 'read', request: 'GET /projects/:id/export/download', isStream: true }],
  project: [
    { role: 'read', request: 'GET /projects/:id' },
    { role: 'look-up', request: 'GET /groups/:id' },
    { role: 'look-up', request: 'GET /projects/:path' },
    { role: 'look-up', request: 'POST /api/graphql' },
    { role: 'write', request: 'POST /projects/import', isStream: true },
  ],
  project_import: [
    { role: 'look-up', request: 'GET /projects/:id/import' },
    { role: 'look-up', request: 'GET /projects/:id', after: 'interrupted import' },
    { role: 'look-up', request: 'GET /projects/:path', after: 'interrupted import' },
    { role: 'write', request: 'DELETE /projects/:id', after: 'interrupted import' },
  ],
  members: [
    { role: 'read', request: 'GET /projects/:id/members' },
    { role: 'look-up', request: 'GET /projects/:id/members/all' },
    { role: 'write', request: 'POST /projects/:id/members' },
  ],
  project_attributes: [
    { role: 'read', request: 'GET /projects/:id' },
    { role: 'look-up', request: 'GET /projects/:id' },
    { role: 'write', request: 'PUT /projects/:id' },
  ],
};
