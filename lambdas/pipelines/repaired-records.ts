import type { PipelineContext } from '../engine/relation.ts';
import { findNumbers, type NumberedRelation } from '../gitlab/api/project-records.ts';
import { isRefusal } from '../gitlab/client-errors.ts';
import { type Failure, putFailure } from '../store/failures.ts';
import { failuresOfImport, isToBring } from './repairs.ts';

/** GitLab lists no pipelines by their numbers: those are counted. */
const NUMBERED: readonly string[] = ['issues', 'merge_requests', 'milestones'] satisfies NumberedRelation[];

/**
 * Tells of each record that an earlier attempt has failed to import whether it is there now: GitLab shows only what failed
 * when it imported the project, whatever has become of it since. What is not written once more is overcome when the relation
 * ends. A record without a number counts as brought with its relation: what is missing is counted after it.
 */
export async function tellRepaired(context: PipelineContext): Promise<void> {
  const { entity, save } = context;
  const left = (await failuresOfImport(entity)).filter(({ attempt }) => attempt < entity.attempt);
  const brought = left.filter(failure => isToBring(failure, context));
  const missing = await missingOf(brought, context);
  await save();
  for (const failure of left) {
    if (!brought.includes(failure)) await putFailure({ ...failure, attempt: entity.attempt });
    else if (missing.has(failure)) await putFailure(asStillMissing(failure, entity.attempt));
  }
}

/** Those of these failures whose records are not at the destination. What it does not show is not there. */
async function missingOf(
  failures: readonly Failure[],
  { destination, target }: PipelineContext,
): Promise<ReadonlySet<Failure>> {
  const missing = new Set<Failure>();
  for (const [relation, all] of Map.groupBy(failures, failure => failure.relation)) {
    const numbered = all.filter(({ iid }) => iid !== undefined);
    if (!NUMBERED.includes(relation) || numbered.length === 0) continue;
    const iids = numbered.map(({ iid }) => iid as number);
    const there = await findNumbers(destination, target().id, relation as NumberedRelation, iids).catch(
      nothing,
    );
    for (const failure of numbered) if (!there.has(failure.iid as number)) missing.add(failure);
  }
  return missing;
}

/** Nothing of a list that is refused, as that of a feature that is off. @throws any other error */
function nothing(error: unknown): ReadonlySet<number> {
  if (isRefusal(error)) return new Set();
  throw error;
}

const STILL_MISSING =
  'The destination GitLab has imported what was missing of its relation once more, without this, and shows no reason. Its administrator finds one in importer.log. Retry when that is removed, or add it by hand.';

function asStillMissing(failure: Failure, attempt: number): Failure {
  const createdAt = new Date().toISOString();
  return { ...failure, exceptionMessage: STILL_MISSING, retryable: true, createdAt, attempt };
}
