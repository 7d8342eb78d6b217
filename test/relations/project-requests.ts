import type { RelationRequest } from './fixture.ts';

const counted = (role: 'read' | 'look-up', what: readonly string[]): RelationRequest[] =>
  what.map(one => ({ role, request: `GET /projects/:id/${one}`, isAside: true }));

/** What an archive carries is counted at both GitLabs, and what it does not at the source. */
const CARRIED = ['labels', 'milestones', 'boards', 'snippets', 'protected_branches', 'repository/branches'];
const ALL_CARRIED = [...CARRIED, 'repository/tags'];
const LEFT_OUT = ['variables', 'hooks', 'deploy_keys', 'environments', 'feature_flags', 'packages'];
const ALL_LEFT_OUT = [...LEFT_OUT, 'registry/repositories'];

/** Whether a repair can be made is asked before it costs an export. */
const BEFORE_REPAIRS: RelationRequest[] = [
  { role: 'look-up', request: 'GET /projects/:id/relation-imports', after: 'left out record' },
  { role: 'look-up', request: 'POST /api/graphql', after: 'left out record' },
];

/**
 * All that the relations of a project ask the two GitLabs for, by their names: the fault matrix meets each of them with
 * faults. What they move is one archive, so that they have nothing else of a fixture.
 */
export const PROJECT_REQUESTS: Readonly<Record<string, readonly RelationRequest[]>> = {
  project_export: [
    { role: 'look-up', request: 'GET /user' },
    { role: 'look-up', request: 'GET /groups/:id' },
    { role: 'write', request: 'POST /projects/remote-import', isAside: true },
    { role: 'read', request: 'GET /projects/:id/export' },
    { role: 'order', request: 'POST /projects/:id/export' },
    { role: 'read', request: 'POST /api/graphql', isAside: true },
    ...counted('read', ALL_CARRIED),
    ...BEFORE_REPAIRS,
  ],
  archive: [
    { role: 'read', request: 'GET /projects/:id/export/download', isStream: true },
    ...BEFORE_REPAIRS,
  ],
  project: [
    { role: 'read', request: 'GET /projects/:id' },
    { role: 'look-up', request: 'GET /groups/:id' },
    { role: 'look-up', request: 'GET /projects/:path' },
    { role: 'look-up', request: 'POST /api/graphql' },
    { role: 'write', request: 'POST /projects/import', isStream: true },
    { role: 'look-up', request: 'GET /projects/:id', after: 'left out record' },
    { role: 'look-up', request: 'GET /projects/:id/relation-imports', after: 'left out record' },
    { role: 'write', request: 'POST /projects/import-relation', after: 'left out record', isStream: true },
  ],
  project_import: [
    { role: 'look-up', request: 'GET /projects/:id/import' },
    { role: 'look-up', request: 'GET /projects/:id', after: 'interrupted import' },
    { role: 'look-up', request: 'GET /projects/:path', after: 'interrupted import' },
    { role: 'write', request: 'DELETE /projects/:id', after: 'interrupted import' },
    { role: 'look-up', request: 'GET /projects/:id/relation-imports', after: 'left out record' },
    { role: 'look-up', request: 'GET /projects/:id/issues', after: 'left out record' },
  ],
  members: [
    { role: 'look-up', request: 'GET /projects/:id/members' },
    { role: 'look-up', request: 'GET /projects/:id/members/all' },
    { role: 'write', request: 'POST /projects/:id/members' },
  ],
  project_attributes: [
    { role: 'read', request: 'GET /projects/:id' },
    // The members ask, too, and what is found is there for both.
    { role: 'look-up', request: 'GET /projects/:id', isMadeUpFor: true },
    { role: 'write', request: 'PUT /projects/:id' },
    { role: 'write', request: 'POST /projects/:id/unarchive', isMadeUpFor: true },
  ],
  project_counts: [
    ...counted('read', ALL_LEFT_OUT),
    { role: 'look-up', request: 'POST /api/graphql', isAside: true },
    ...counted('look-up', ALL_CARRIED),
  ],
  finisher: [
    { role: 'read', request: 'POST /api/graphql' },
    { role: 'look-up', request: 'GET /projects/:id' },
    { role: 'look-up', request: 'GET /user' },
    { role: 'look-up', request: 'GET /projects/:id/members/:id' },
    { role: 'write', request: 'DELETE /projects/:id/members/:id' },
    { role: 'write', request: 'POST /projects/:id/archive' },
  ],
};
