import { keptPerImport } from '../engine/kept-per-import.ts';
import type { PipelineContext } from '../engine/relation.ts';
import type { SourceMember } from '../gitlab/api/source-members.ts';
import { type PlanUser, putPlanUser } from '../store/plan-users.ts';

/** Whom this process has noted for ten plans, by their ids at the source. */
const notedOf = keptPerImport(() => new Set<number>(), 10);

/** Notes a member of the source once per plan, and who that would be at the destination. */
export async function notePlanUser(
  { user }: SourceMember,
  counterpart: Pick<PlanUser, 'userId' | 'foundBy'>,
  { bulkImport }: PipelineContext,
): Promise<void> {
  if (!user) return;
  const noted = notedOf(bulkImport);
  if (noted.has(user.id)) return;
  const { id: sourceUserId, name, username, publicEmail } = user;
  await putPlanUser({
    importId: bulkImport.id,
    sourceUserId,
    name,
    username,
    publicEmail: publicEmail || null,
    ...counterpart,
  });
  noted.add(user.id);
}
