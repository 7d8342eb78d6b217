import type { Instance } from '../../domain/errors.ts';
import { identifyGroup, isSameGroup } from '../../gitlab/api/group-identity.ts';
import type { GitLabClient } from '../../gitlab/client.ts';
import { MESSAGES } from './messages.ts';
import type { Namespaces } from './namespaces.ts';
import { RefusedEntities } from './refused-entities.ts';
import type { SourceEntity } from './source-entities.ts';

/**
 * Checks that no group goes into itself: its own subgroups would be migrated into it, and theirs, without an end. One
 * GitLab can have several names, so it is not told by the host's. By their paths it could be true of the first entity
 * only if the namespace is the group itself or lies below it; then both are asked for the namespace, which a user of
 * the group and a user who may write there can see. If they show the same group they are the same GitLab, and otherwise
 * they are two, so that one entity stands for all.
 *
 * @throws HttpError 422 with GitLab's message
 */
export async function checkOutsideOfSource(
  clients: Record<Instance, GitLabClient>,
  entities: readonly SourceEntity[],
  namespaces: Namespaces,
): Promise<void> {
  const inside = entities
    .filter(({ sourceType }) => sourceType === 'group_entity')
    .map(entity => ({ entity, into: namespaces.get(entity.destinationNamespace) }))
    .filter(({ entity, into }) => into !== undefined && lies(into.fullPath, entity.source.fullPath));
  const [first] = inside;
  if (first?.into === undefined) return;
  const { id } = first.into;
  const [atSource, atDestination] = await Promise.all([
    identifyGroup(clients.source, id),
    identifyGroup(clients.destination, id),
  ]);
  if (!isSameGroup(atSource, atDestination)) return;
  throw new RefusedEntities(inside.map(({ entity }) => [entity, MESSAGES.ownSubgroup]));
}

/** Whether a full path is that of a group or of something below it. */
function lies(path: string, group: string): boolean {
  return `${path}/`.toLowerCase().startsWith(`${group}/`.toLowerCase());
}
