import type { Instance } from '../../domain/errors.ts';
import { identifyGroup, isSameGroup } from '../../gitlab/api/group-identity.ts';
import type { GitLabClient } from '../../gitlab/client.ts';
import { unprocessable } from '../answers/http-errors.ts';
import { MESSAGES } from './messages.ts';
import type { Namespaces } from './namespaces.ts';
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
  const namespace = entities
    .filter(({ sourceType }) => sourceType === 'group_entity')
    .map(({ source, destinationNamespace }) => ({ source, into: namespaces.get(destinationNamespace) }))
    .find(({ source, into }) => into !== undefined && lies(into.fullPath, source.fullPath))?.into;
  if (namespace === undefined) return;
  const [atSource, atDestination] = await Promise.all([
    identifyGroup(clients.source, namespace.id),
    identifyGroup(clients.destination, namespace.id),
  ]);
  if (isSameGroup(atSource, atDestination)) throw unprocessable(MESSAGES.ownSubgroup);
}

/** Whether a full path is that of a group or of something below it. */
function lies(path: string, group: string): boolean {
  return `${path}/`.toLowerCase().startsWith(`${group}/`.toLowerCase());
}
