import { SLOWEST_REQUEST_MS } from '../engine/late-effects.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { mayLag, replicaLag } from '../engine/replica-lag.ts';
import { firstMembers, holdsNothing } from '../gitlab/api/group-holdings.ts';
import type { Group } from '../gitlab/api/groups.ts';

/** By so much two clocks may differ that have been compared (`Date` has whole seconds, and was on the way). */
const TOLERANCE_MS = 60_000;

const OWNER = 50;

/**
 * Whether a group at the path that the entity claims was made by a request of the entity: it was created within the
 * time of its requests (by the destination's clock), the importing user alone is its member, as Owner, which GitLab
 * makes of whoever creates a group, and it holds nothing. In doubt it is somebody else's.
 *
 * @throws TemporaryError while the group has no member at all: its Owner is not shown yet
 */
export async function isOurs(group: Group, { destination, entity }: PipelineContext): Promise<boolean> {
  const { claimedAt, attemptedAt, userId } = entity;
  const createdAt = Date.parse(group.created_at ?? '') - destination.clockAheadMs;
  if (claimedAt === null || attemptedAt === null || Number.isNaN(createdAt)) return false;
  if (createdAt < Date.parse(claimedAt) - TOLERANCE_MS) return false;
  if (createdAt > Date.parse(attemptedAt) + SLOWEST_REQUEST_MS) return false;
  const members = await firstMembers(destination, group.id);
  if (members.length === 0 && mayLag(attemptedAt)) throw replicaLag('list its members');
  const [owner, ...others] = members;
  if (owner?.id !== userId || owner.access_level !== OWNER || others.length > 0) return false;
  return holdsNothing(destination, group.id);
}
