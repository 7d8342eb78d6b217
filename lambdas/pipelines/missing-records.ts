import { RecordsMissingError } from '../domain/errors.ts';
import { messageText } from '../domain/failure-message.ts';
import { oncePerRun } from '../engine/once-per-run.ts';
import type { PipelineContext } from '../engine/relation.ts';
import {
  type CountedRelation,
  listTitles,
  relationInWords,
  type TitledRelation,
} from '../gitlab/api/project-counts.ts';
import type { Failure } from '../store/failures.ts';
import { type Compared, shortfallOf } from './counted-project.ts';
import { canImportRelations, failuresOfImport, isImportable } from './repairs.ts';

/** What has not arrived of one relation. */
export interface Missing {
  missing: number;
  /** Those of which no failure of the import tells. */
  untold: number;
  /** Whether a later attempt can bring them. */
  isBrought: boolean;
}

/** The failures that the import of the project has left, read when something is missing. */
const knownFailures = oncePerRun(({ entity }: PipelineContext) => failuresOfImport(entity));

const NOTHING_MISSING: Missing = { missing: 0, untold: 0, isBrought: false };

/** What is missing of a relation, and how much of that is not told yet. */
export async function missingOf(compared: Compared, context: PipelineContext): Promise<Missing> {
  const shortfall = shortfallOf(compared);
  if (shortfall === 0) return NOTHING_MISSING;
  const { relation } = compared;
  const missing = isTitled(relation) ? await withoutTaken(shortfall, relation, context) : shortfall;
  if (missing === 0) return NOTHING_MISSING;
  const told = toldOf(relation, await knownFailures(context));
  const untold = Math.max(0, missing - told);
  const isBrought = untold > 0 && isImportable(relation) && (await canImportRelations(context));
  return { missing, untold, isBrought };
}

const isTitled = (relation: CountedRelation): relation is TitledRelation =>
  relation === 'labels' || relation === 'milestones';

/**
 * How many are missing of those that a project has itself: GitLab's import takes a label or milestone of a group above
 * for the project's own of the same title, which is no loss.
 */
async function withoutTaken(
  shortfall: number,
  relation: TitledRelation,
  { source, destination, entity, target }: PipelineContext,
): Promise<number> {
  const here = await listTitles(source, entity.sourceId, relation, false);
  const there = new Set(await listTitles(destination, target().id, relation, true));
  return Math.min(shortfall, here.filter(title => !there.has(title)).length);
}

/** Of how many records the failures of the import tell. A repository that failed explains all that was in it. */
function toldOf(relation: CountedRelation, failures: Failure[]): number {
  const ofRepository = relation === 'branches' || relation === 'tags';
  const own = failures.filter(failure => failure.relation === (ofRepository ? 'repository' : relation));
  return ofRepository && own.length > 0 ? Number.POSITIVE_INFINITY : own.length;
}

/** The failure of a shortfall. */
export function recordsMissing(
  { relation, source = 0, missing, untold, isBrought }: Compared & Missing,
  { entity }: PipelineContext,
): RecordsMissingError {
  const words = relationInWords(relation);
  const told = missing - untold;
  const silent =
    told === 0 ? 'and GitLab gives no reason' : `and failures of the import name ${told} of them`;
  const advice = isBrought
    ? 'Retry when they are removed, or add them by hand.'
    : 'Add them by hand, or delete the project and import it again.';
  const message = messageText({
    before: `${missing} of ${source} ${words} are missing at the destination, in `,
    quoted: entity.destinationFullPath ?? '',
    after: `, ${silent}. Its administrator finds reasons in importer.log. ${advice}`,
  });
  return new RecordsMissingError(message, isBrought);
}
