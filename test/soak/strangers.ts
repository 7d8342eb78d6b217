import { ACCESS_LEVELS, type SampleGroup, type SampleUser } from '../../lib/gitlab-simulator/model.ts';
import type { SampleProject } from '../../lib/gitlab-simulator/project-model.ts';
import type { Fault, SampleGitLab, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { SINGLE } from './fault-kinds.ts';
import type { ProjectStranger, Stranger } from './schedule.ts';

/** The stranger, who has an account at the destination. */
export const STRANGER = 'eve';

/** A group or project that somebody else has made, and how it was then. */
export interface Foreign {
  id: number;
  fullPath: string;
  was: string;
}

/**
 * Lets a stranger come before one of the requests that create a group; after them, what happens anyway happens.
 *
 * @returns the stranger's group, as soon as there is one
 */
export function invite(gitlab: SampleGitLab, stranger: Stranger | undefined): Foreign[] {
  const foreign: Foreign[] = [];
  const others = gitlab.onRequest;
  let creations = 0;
  gitlab.onRequest = request => {
    const fault = others?.(request);
    if (stranger === undefined || !isCreation(request)) return fault;
    creations += 1;
    if (creations !== stranger.nth) return fault;
    const made = makeGroup(gitlab, stranger, request);
    if (made === undefined) return fault;
    foreign.push({ id: made.id, fullPath: made.fullPath, was: portrait(made) });
    return stranger.isOursLost ? lost() : fault;
  };
  return foreign;
}

const lost = (): Fault => SINGLE['524']();

const isCreation = ({ method, path }: SampleRequest) => method === 'POST' && path === '/api/v4/groups';

/** All there is to know of something, to see later whether anybody has changed it. */
export const portrait = (of: SampleGroup | SampleProject) => JSON.stringify(of);

/** Makes the group at the very path; `undefined` when something stands there already. */
function makeGroup(
  gitlab: SampleGitLab,
  stranger: Stranger,
  { body }: SampleRequest,
): SampleGroup | undefined {
  const { name, path, parent_id: parentId } = body as { name: string; path: string; parent_id?: number };
  const parent = gitlab.groups().find(({ id }) => id === parentId);
  if (parentId !== undefined && parent === undefined) return undefined;
  const fullPath = parent === undefined ? path : `${parent.fullPath}/${path}`;
  if (gitlab.group(fullPath) !== undefined) return undefined;
  const { owner, guest } = ACCESS_LEVELS;
  return gitlab.addGroup({
    name: stranger.hasSameName ? name : 'Of somebody else',
    path,
    ...(parent !== undefined && { parent: parent.fullPath }),
    visibility: parent?.visibility ?? stranger.visibility,
    labels: stranger.holds === 'a label' ? [{ title: 'Theirs' }] : [],
    members: [
      ...(stranger.includesUs ? [{ username: 'owner', accessLevel: owner }] : []),
      { username: STRANGER, accessLevel: owner },
      { username: 'ann', accessLevel: guest },
    ],
  });
}

/**
 * Lets somebody make a project just where the import is about to have one made.
 *
 * @returns their project, as soon as there is one
 */
export function inviteToProjects(gitlab: SampleGitLab, stranger: ProjectStranger | undefined): Foreign[] {
  const foreign: Foreign[] = [];
  const others = gitlab.onRequest;
  let imports = 0;
  gitlab.onRequest = request => {
    const fault = others?.(request);
    if (stranger === undefined || !isImport(request)) return fault;
    imports += 1;
    if (imports !== stranger.nth) return fault;
    const { name, path, namespace } = request.body as Record<'name' | 'path' | 'namespace', string>;
    const group = gitlab.groups().find(({ id }) => id === Number(namespace));
    const fullPath = `${group?.fullPath}/${path}`;
    const isFree = gitlab.project(fullPath) === undefined && gitlab.group(fullPath) === undefined;
    if (group === undefined || !isFree) return fault;
    const project = gitlab.addProject(group.fullPath, {
      name: stranger.hasSameName ? name : 'Of somebody else',
      path,
      issues: [{ title: 'Theirs' }],
    });
    Object.assign(project, { creatorId: gitlab.userId(stranger.isUs ? 'owner' : STRANGER) });
    // An archive that the importing user has imported at this very moment is one that nobody could tell from ours.
    if (stranger.isImported && !stranger.isUs) {
      Object.assign(project.import, { type: 'gitlab_project', status: 'finished' });
    }
    foreign.push({ id: project.id, fullPath, was: portrait(project) });
    return stranger.isOursLost ? lost() : fault;
  };
  return foreign;
}

const isImport = ({ method, path }: SampleRequest) => method === 'POST' && /\/projects\/import$/.test(path);

/** Whether a request asks for the export of a project. */
export const isExport = ({ method, path }: Pick<SampleRequest, 'method' | 'path'>) =>
  method === 'POST' && /\/projects\/\d+\/export$/.test(path);

/** Notes the projects whose export is asked for while there is one, which GitLab then deletes. */
export function noteReplacedExports(gitlab: SampleGitLab): number[] {
  const replaced: number[] = [];
  /** Projects whose export could not be found, or came as something else. */
  const gone = new Set<number>();
  const others = gitlab.onRequest;
  gitlab.onRequest = request => {
    const fault = others?.(request);
    const id = Number(/\/projects\/(\d+)\/export/.exec(request.path)?.[1]);
    if (fault !== undefined && 'status' in fault && [200, 404].includes(fault.status)) gone.add(id);
    if (!isExport(request) || gone.has(id)) return fault;
    const project = gitlab
      .groups()
      .flatMap(({ projects }) => projects)
      .find(one => one.id === id);
    const user = { id: gitlab.userId('owner') } as SampleUser;
    if (project !== undefined && gitlab.archives.exportOf(project, user) !== undefined) replaced.push(id);
    return fault;
  };
  return replaced;
}
