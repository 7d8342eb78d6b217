import type { PipelineContext } from '../engine/relation.ts';
import { differences } from '../engine/shown.ts';
import { getGroup } from '../gitlab/api/groups.ts';
import {
  COUNTED_RELATIONS,
  type Count,
  countProject,
  relationInWords,
} from '../gitlab/api/project-counts.ts';
import { getProject, type Project } from '../gitlab/api/projects.ts';
import { isNotFound } from '../gitlab/client-errors.ts';
import { isCompared } from './counted-project.ts';
import { visibilityWithin } from './group-rules.ts';
import { missingOf } from './missing-records.ts';
import { differingAttributes, notAsAsked } from './project-attributes-wanted.ts';

/** What of a project is at the destination other than at the source, in words; `undefined` when it is gone. */
export async function differencesOfProject(
  found: Project,
  context: PipelineContext,
): Promise<string[] | undefined> {
  if (context.entity.projectId === null) return undefined;
  const there = await getProject(context.destination, context.target().id).catch(error => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (there === undefined) return undefined;
  const { visibility, ...others } = differingAttributes(found, there);
  const most =
    visibility === undefined || there.namespace == null
      ? undefined
      : visibilityWithin(
          found.visibility ?? undefined,
          (await getGroup(context.destination, there.namespace.id)).visibility,
        );
  const asked = { ...others, ...(most !== undefined && { visibility: most }) };
  return [
    ...notAsAsked(asked, there).values(),
    ...differences({ archived: found.archived }, there).values(),
    ...(await shortfalls(context)),
  ];
}

/** What the destination has fewer of than the source, both counted now. */
async function shortfalls(context: PipelineContext): Promise<string[]> {
  const { source, destination, entity, target } = context;
  const [here, there] = await Promise.all([
    countProject(source, { id: entity.sourceId, fullPath: entity.sourceFullPath }),
    countProject(destination, { id: target().id, fullPath: entity.destinationFullPath ?? '' }),
  ]);
  const words: string[] = [];
  for (const relation of COUNTED_RELATIONS) {
    const compared = { relation, source: countOf(here.get(relation)), there: countOf(there.get(relation)) };
    if (!isCompared(compared)) continue;
    const { missing } = await missingOf(compared, context);
    if (missing > 0) words.push(`${missing} of ${compared.source} ${relationInWords(relation)} are missing`);
  }
  return words;
}

/** What a feature that is off hides may be there. */
function countOf(count: Count | undefined): number | undefined {
  if (count === 'missing') return 0;
  return count === 'off' ? undefined : count;
}
