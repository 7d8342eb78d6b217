import * as z from 'zod/mini';
import { globalId } from '../../gitlab/api/global-id.ts';
import { isPathTaken } from '../../gitlab/api/groups.ts';
import { lookUp, type Sought } from '../../gitlab/api/lookups.ts';
import type { GitLabClient } from '../../gitlab/client.ts';
import { destinationClient } from '../../gitlab/connections.ts';
import { TokenRejectedError } from '../../gitlab/errors.ts';
import type { Caller } from '../request/api-event.ts';
import type { RequestedEntity } from '../request/create-import-parameters.ts';
import { MESSAGES } from './messages.ts';
import type { Namespaces } from './namespaces.ts';
import { RefusedEntities, refused } from './refused-entities.ts';

/**
 * Paths of the top level about which `namespaces/:path/exists` is asked. GitLab allows 20 of these requests per user and
 * minute; half of them are left to the pipelines and to the next `POST`.
 */
const MOST_TOP_LEVEL_PATHS = 10;
/** On large instances that request takes up to 30 s; what it would have said, the creation of the group says later. */
const TOP_LEVEL_MS = 3_000;

/** Two entities of one request must not go to the same place: the second would end up inside the first. */
export function checkDistinct(entities: readonly RequestedEntity[]): void {
  const seen = new Set<string>();
  for (const entity of entities) {
    const path = destinationPath(entity).toLowerCase();
    if (seen.has(path)) throw refused(entity, MESSAGES.taken(destinationPath(entity)));
    seen.add(path);
  }
}

/**
 * Checks that nothing is in the way of any entity: a group or a project, and of a group at the top level a user.
 *
 * @throws HttpError 422 with GitLab's message for the first entity whose destination is taken
 */
export async function checkFree(
  destination: GitLabClient,
  entities: readonly RequestedEntity[],
  namespaces: Namespaces,
  deadline: number,
  caller: Caller,
): Promise<void> {
  const sought = entities.map(entity => inTheWayOf(entity, namespaces));
  const found = await lookUp(destination, sought.flat(), {
    fields: 'id',
    schema: z.object({ id: globalId }),
  });
  const isTaken = sought.map(({ length }) => found.splice(0, length).some(record => record !== undefined));
  const first = isTaken.indexOf(true);
  const before = first === -1 ? entities : entities.slice(0, first);
  const atTopLevel = await findTakenAtTopLevel(before, deadline, caller);
  const taken = entities.filter((entity, index) => entity === atTopLevel || isTaken[index]);
  if (taken.length > 0) {
    throw new RefusedEntities(taken.map(entity => [entity, MESSAGES.taken(destinationPath(entity))]));
  }
}

/** What would be in an entity's way. */
function inTheWayOf(entity: RequestedEntity, namespaces: Namespaces): Sought[] {
  const { destinationNamespace, destinationSlug } = entity;
  const namespace = namespaces.get(destinationNamespace)?.fullPath;
  // As requested and as GitLab will write it: old versions find exact spellings only.
  const paths = [...new Set([destinationSlug, destinationSlug.toLowerCase()])].map(slug =>
    namespace === undefined ? slug : `${namespace}/${slug}`,
  );
  const kinds: Sought['kind'][] = namespace === undefined ? ['group'] : ['group', 'project'];
  return paths.flatMap(fullPath => kinds.map(kind => ({ kind, fullPath })));
}

/**
 * The first group entity whose path at the top level belongs to a user, or to a group that the caller cannot see.
 * Neither can be looked up otherwise. When GitLab is too slow, limits the requests or fails, it is gone on without.
 */
async function findTakenAtTopLevel(
  entities: readonly RequestedEntity[],
  deadline: number,
  caller: Caller,
): Promise<RequestedEntity | undefined> {
  const some = entities
    .filter(({ destinationNamespace }) => destinationNamespace === '')
    .slice(0, MOST_TOP_LEVEL_PATHS);
  const destination = destinationClient(caller.token, Math.min(deadline, Date.now() + TOP_LEVEL_MS));
  const taken = await Promise.all(
    some.map(({ destinationSlug }) =>
      isPathTaken(destination, destinationSlug).catch((error: unknown) => {
        if (error instanceof TokenRejectedError) throw error;
        return false;
      }),
    ),
  );
  return some[taken.indexOf(true)];
}

function destinationPath({ destinationNamespace, destinationSlug }: RequestedEntity): string {
  return destinationNamespace === '' ? destinationSlug : `${destinationNamespace}/${destinationSlug}`;
}
