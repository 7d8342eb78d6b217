import { MissingRecordError } from '../domain/errors.ts';
import { messageText } from '../domain/failure-message.ts';
import type { PipelineContext } from '../engine/relation.ts';
import {
  COUNTED_RELATIONS,
  type Count,
  type CountedRelation,
  countProject,
  relationInWords,
} from '../gitlab/api/project-counts.ts';
import { type Changes, sumChanges } from '../store/changes.ts';
import { type Compared, isCompared, notCompared, thereOf } from './counted-project.ts';
import { pipelineClassOf } from './failed-relations.ts';
import { missingOf } from './missing-records.ts';

/** Of what cannot be counted at the source there is so much at least, or nobody knows whether there is. */
const SOME = 1;

/**
 * Counts at both GitLabs what the archive of a project has brought, and notes by relation how many records are there and
 * how many are missing. GitLab's archives leave no trace of single records, so that these are compared by their numbers. What is
 * missing, and what cannot be counted, is told as a failure.
 */
export async function compareArchived(context: PipelineContext): Promise<void> {
  const { source, destination, entity, target, noteOnEntity, recordFailure } = context;
  const [here, there] = await Promise.all([
    countProject(source, { id: entity.sourceId, fullPath: entity.sourceFullPath }),
    countProject(destination, { id: target().id, fullPath: entity.destinationFullPath ?? '' }),
  ]);
  const found: Record<string, Changes> = {};
  const unknown: Compared[] = [];
  for (const relation of COUNTED_RELATIONS) {
    const one = { relation, source: sourceOf(here.get(relation)), there: thereOf(there.get(relation)) };
    const { source: count = SOME } = one;
    if (!isCompared(one)) {
      unknown.push(one);
      found[relation] = { ...NOTHING, blocked: count };
      continue;
    }
    const { missing } = await missingOf(one, context);
    found[relation] = { ...NOTHING, unchanged: count - missing, create: missing, blocked: missing };
    if (missing > 0) await recordFailure('loader', nameOf(relation), missingRecords(one, missing, context));
  }
  if (unknown.length > 0) {
    await recordFailure('extractor', { key: 'counts', title: 'counts' }, notCompared(unknown));
  }
  noteOnEntity({ compared: found });
}

const NOTHING: Changes = sumChanges([]);

const nameOf = (relation: CountedRelation) => ({
  key: `counts:${relation}`,
  title: relationInWords(relation),
  as: { relation, pipelineClass: pipelineClassOf(relation) },
});

/** What a feature that is off hides is in no archive; where the source shows no repository there may be one all the same. */
function sourceOf(count: Count | undefined): number | undefined {
  if (count === 'off') return 0;
  return count === 'missing' ? undefined : count;
}

function missingRecords(
  { relation, source }: Compared,
  missing: number,
  { entity }: PipelineContext,
): MissingRecordError {
  const words = relationInWords(relation);
  return new MissingRecordError(
    messageText({
      before: `${missing} of ${source} ${words} are at the source, and not at the destination, in '`,
      quoted: entity.destinationFullPath ?? entity.destinationSlug,
      after: "'. Add them there by hand, or delete the project and import it again.",
    }),
  );
}
