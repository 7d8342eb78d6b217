import type { SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { relationOf } from './request-turns.ts';

/** A kind of request that a pipeline sends. */
export interface OwnRequest {
  pipeline: string;
  /** A `read` goes to the source, the others to the destination. */
  role: 'read' | 'look-up' | 'write';
  /** Method and path, with names for what differs from group to group. */
  request: string;
  /** Only this page of a list. */
  page?: string;
  /**
   * Sent only when a group's creation was not answered: what it may have made is looked for, and proved to be ours; or
   * when the document about the group cannot be read: what is in it is read by itself.
   */
  after?: 'lost creation' | 'unread document';
  /** Sent only to destinations of this version. */
  version?: string;
}

/** A lost answer to the creation of a group. */
const after = 'lost creation';
const unread = 'unread document';

/** All that pipelines ask the two GitLabs for. A new pipeline, or a new request of one, is a new line. */
export const REQUESTS: readonly OwnRequest[] = [
  { pipeline: 'group', role: 'read', request: 'POST /api/graphql' },
  { pipeline: 'group', role: 'look-up', request: 'GET /groups/:id' },
  { pipeline: 'group', role: 'look-up', request: 'POST /api/graphql', after },
  { pipeline: 'group', role: 'look-up', request: 'GET /groups/:id/members', after },
  { pipeline: 'group', role: 'look-up', request: 'GET /groups/:id/subgroups', after },
  { pipeline: 'group', role: 'look-up', request: 'GET /groups/:id/projects', after },
  { pipeline: 'group', role: 'look-up', request: 'GET /groups/:id/labels', after },
  { pipeline: 'group', role: 'look-up', request: 'GET /groups/:id/milestones', after },
  { pipeline: 'group', role: 'write', request: 'POST /groups' },
  { pipeline: 'group_attributes', role: 'read', request: 'GET /groups/:id' },
  { pipeline: 'group_attributes', role: 'look-up', request: 'GET /groups/:id' },
  { pipeline: 'group_attributes', role: 'write', request: 'PUT /groups/:id' },
  { pipeline: 'namespace_settings', role: 'look-up', request: 'GET /groups/:id' },
  { pipeline: 'namespace_settings', role: 'write', request: 'PUT /groups/:id' },
  { pipeline: 'members', role: 'read', request: 'POST /api/graphql', after: unread },
  { pipeline: 'members', role: 'look-up', request: 'GET /groups/:id/members' },
  { pipeline: 'members', role: 'read', request: 'POST /api/graphql' },
  { pipeline: 'members', role: 'look-up', request: 'GET /groups/:id/members/all' },
  { pipeline: 'members', role: 'look-up', request: 'GET /users' },
  { pipeline: 'members', role: 'look-up', request: 'POST /api/graphql', version: '16.11.0-ee' },
  { pipeline: 'members', role: 'write', request: 'POST /groups/:id/members' },
  { pipeline: 'labels', role: 'read', request: 'GET /groups/:id/labels', page: '1' },
  { pipeline: 'labels', role: 'read', request: 'GET /groups/:id/labels', page: '2' },
  { pipeline: 'labels', role: 'look-up', request: 'GET /groups/:id/labels', page: '1' },
  { pipeline: 'labels', role: 'write', request: 'POST /groups/:id/labels' },
  { pipeline: 'milestones', role: 'read', request: 'GET /groups/:id/milestones', after: unread },
  { pipeline: 'milestones', role: 'look-up', request: 'GET /groups/:id/milestones' },
  { pipeline: 'milestones', role: 'write', request: 'POST /groups/:id/milestones' },
  { pipeline: 'milestones', role: 'write', request: 'PUT /groups/:id/milestones/:id' },
  { pipeline: 'badges', role: 'read', request: 'GET /groups/:id/badges' },
  { pipeline: 'badges', role: 'look-up', request: 'GET /groups/:id/badges' },
  { pipeline: 'badges', role: 'write', request: 'POST /groups/:id/badges' },
  { pipeline: 'boards', role: 'read', request: 'GET /groups/:id/boards', after: unread },
  { pipeline: 'boards', role: 'look-up', request: 'GET /groups/:id/boards' },
  { pipeline: 'boards', role: 'read', request: 'GET /groups/:id/boards' },
  { pipeline: 'boards', role: 'look-up', request: 'GET /groups/:id/labels' },
  { pipeline: 'boards', role: 'write', request: 'POST /api/graphql' },
  { pipeline: 'uploads', role: 'read', request: 'GET /groups/:id/avatar' },
  { pipeline: 'uploads', role: 'write', request: 'PUT /groups/:id' },
  { pipeline: 'project_entities', role: 'read', request: 'GET /groups/:id/projects', after: unread },
  { pipeline: 'subgroup_entities', role: 'read', request: 'GET /groups/:id/subgroups', after: unread },
];

/** Which of both GitLabs is asked. */
export const gitlabOf = ({ role }: OwnRequest) => (role === 'read' ? 'source' : 'destination');

/** The requests of a kind, and no other pipeline's of the same form. */
export function isOf({ pipeline, request, page }: OwnRequest) {
  return (sent: SampleRequest): boolean =>
    relationOf(sent) === pipeline &&
    formOf(sent) === request &&
    (page === undefined || sent.query.get('page') === page);
}

function formOf({ method, path }: SampleRequest): string {
  const form = path.replace('/api/v4', '').replaceAll(/\/\d+/g, '/:id');
  return `${method} ${form}`;
}

export const nameOf = ({ role, request, page, after, version }: OwnRequest) =>
  [role, request, page && `page ${page}`, after && `after a ${after}`, version && `at GitLab ${version}`]
    .filter(Boolean)
    .join(' ');
