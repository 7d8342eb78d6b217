import type { PipelineContext } from '../engine/relation.ts';
import type { SourceMember } from '../gitlab/api/source-members.ts';
import { type PlanUser, putPlanUser } from '../store/plan-users.ts';

/** Plans of which this process knows whom it has noted, the latest used last. */
const noted = new Map<string, Set<number>>();
const PLANS_AT_HAND = 10;

/** Forgets whom this process has noted, as a new one does not know it. For tests. */
export function forgetPlanPeople(): void {
  noted.clear();
}

/** Notes a member of the source once per plan, and who that would be at the destination. */
export async function notePlanUser(
  { user }: SourceMember,
  counterpart: Pick<PlanUser, 'userId' | 'foundBy'>,
  { bulkImport: { id: importId, createdAt } }: PipelineContext,
): Promise<void> {
  if (!user) return;
  const known = knownOf(`${importId} ${createdAt}`);
  if (known.has(user.id)) return;
  const { id: sourceUserId, name, username, publicEmail } = user;
  await putPlanUser({
    importId,
    sourceUserId,
    name,
    username,
    publicEmail: publicEmail || null,
    ...counterpart,
  });
  known.add(user.id);
}

function knownOf(key: string): Set<number> {
  const known = noted.get(key) ?? new Set();
  noted.delete(key);
  noted.set(key, known);
  const [oldest] = noted.keys();
  if (noted.size > PLANS_AT_HAND && oldest !== undefined) noted.delete(oldest);
  return known;
}
