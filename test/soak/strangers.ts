import { ACCESS_LEVELS, type SampleGroup } from '../../lib/gitlab-simulator/model.ts';
import type { Fault, SampleGitLab, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { SINGLE } from './fault-kinds.ts';
import type { Stranger } from './schedule.ts';

/** The stranger, who has an account at the destination. */
export const STRANGER = 'eve';

/** A group that somebody else has made, and how it was then. */
export interface ForeignGroup {
  id: number;
  fullPath: string;
  was: string;
}

/**
 * Lets a stranger come before one of the requests that create a group; after them, what happens anyway happens.
 *
 * @returns the stranger's group, as soon as there is one
 */
export function invite(gitlab: SampleGitLab, stranger: Stranger | undefined): ForeignGroup[] {
  const foreign: ForeignGroup[] = [];
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

/** All there is to know of a group, to see later whether anybody has changed it. */
export const portrait = (group: SampleGroup) => JSON.stringify(group);

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
