import type { SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import type { RelationRequest } from '../relations/fixture.ts';
import { FIXTURES } from '../relations/fixtures.ts';
import { PROJECT_REQUESTS } from '../relations/project-requests.ts';
import { relationOf } from './request-turns.ts';

/** A kind of request, and the relation that sends it. */
export type OwnRequest = RelationRequest & {
  pipeline: string;
  /** Of which kind of entity the relation is. */
  of: 'group' | 'project';
};

const OF_GROUPS = [...FIXTURES].map(([pipeline, { requests }]) => [pipeline, requests] as const);

/** All that relations ask the two GitLabs for, as their fixtures say it. */
export const REQUESTS: readonly OwnRequest[] = (
  [
    ['group', OF_GROUPS],
    ['project', Object.entries(PROJECT_REQUESTS)],
  ] as const
).flatMap(([of, all]) =>
  all.flatMap(([pipeline, requests]) => requests.map(request => ({ ...request, pipeline, of }))),
);

/** Which of both GitLabs is asked. */
export const gitlabOf = ({ role }: OwnRequest) =>
  role === 'read' || role === 'order' ? 'source' : 'destination';

/** The requests of a kind, and no other pipeline's of the same form. */
export function isOf({ pipeline, request, page }: Omit<OwnRequest, 'of'>) {
  return (sent: SampleRequest): boolean =>
    relationOf(sent) === pipeline &&
    formOf(sent) === request &&
    (page === undefined || sent.query.get('page') === page);
}

function formOf({ method, path }: SampleRequest): string {
  const form = path
    .replace('/api/v4', '')
    .replace(/^\/projects\/(?!((remote-)?import|import-relation)$)[^/\d].*/, '/projects/:path')
    .replaceAll(/\/\d+/g, '/:id');
  return `${method} ${form}`;
}

export const nameOf = ({ role, request, page, after, version }: OwnRequest) =>
  [role, request, page && `page ${page}`, after && `after a ${after}`, version && `at GitLab ${version}`]
    .filter(Boolean)
    .join(' ');
