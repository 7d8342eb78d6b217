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
import { type Failure, listFailures } from '../store/failures.ts';
import { type Compared, shortfallOf } from './counted-project.ts';

/** What has not arrived of one relation. */
export interface Missing {
  missing: number;
  /** Those of which no failure of the import tells. */
  untold: number;
}

/** The failures that the import of the project has left, read when something is missing. */
const failuresOfImport = oncePerRun(async ({ entity }: PipelineContext): Promise<Failure[]> => {
  const failures = await listFailures(entity.importId, entity.id);
  return failures.filter(({ key }) => key.split('#')[1] === 'project_import');
});

/** What is missing of a relation, and how much of that is not told yet. */
export async function missingOf(compared: Compared, context: PipelineContext): Promise<Missing> {
  const shortfall = shortfallOf(compared);
  if (shortfall === 0) return { missing: 0, untold: 0 };
  const { relation } = compared;
  const missing = isTitled(relation) ? await withoutTaken(shortfall, relation, context) : shortfall;
  if (missing === 0) return { missing, untold: 0 };
  const told = toldOf(relation, await failuresOfImport(context));
  return { missing, untold: Math.max(0, missing - told) };
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
  { relation, source = 0, missing, untold }: Compared & Missing,
  { entity }: PipelineContext,
): RecordsMissingError {
  const words = relationInWords(relation);
  const told = missing - untold;
  const silent =
    told === 0 ? 'and GitLab gives no reason' : `and failures of the import name ${told} of them`;
  return new RecordsMissingError(
    messageText({
      before: `${missing} of ${source} ${words} are missing at the destination, in `,
      quoted: entity.destinationFullPath ?? '',
      after: `, ${silent}. Its administrator finds reasons in importer.log. Add them by hand, or delete the project and import it again.`,
    }),
  );
}
