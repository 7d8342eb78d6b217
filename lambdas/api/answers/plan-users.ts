import type { MappedUser, MappingTarget } from '../../domain/user-mapping.ts';
import type { PlanUser } from '../../store/plan-users.ts';

/**
 * The users whom a plan has met, as a mapping to be filled in: those first of whom nobody knows who they are. Whom the
 * plan's own mapping decides about is there as it has them, met or not, so that the file can take its place.
 *
 * @param decided the users of that mapping
 */
export function mappingOfPlan(users: readonly PlanUser[], decided: readonly MappedUser[]): MappedUser[] {
  const rows = new Map(decided.map(user => [user.sourceUserId, user]));
  for (const { sourceUserId, name, username, publicEmail, foundBy } of users) {
    const before = rows.get(sourceUserId)?.target ?? 'open';
    const matched: MappingTarget =
      foundBy === 'public_email' && publicEmail !== null ? { email: publicEmail } : 'open';
    rows.set(sourceUserId, { sourceUserId, name, username, target: before === 'open' ? matched : before });
  }
  const isOpen = ({ target }: MappedUser) => target === 'open';
  return [...rows.values()].sort(
    (a, b) => Number(isOpen(b)) - Number(isOpen(a)) || a.sourceUserId - b.sourceUserId,
  );
}
