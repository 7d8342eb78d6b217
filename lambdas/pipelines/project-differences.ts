import type { PipelineContext } from '../engine/relation.ts';
import { differences } from '../engine/shown.ts';
import type { Project } from '../gitlab/api/projects.ts';
import { isNotFound } from '../gitlab/client-errors.ts';
import { foundProject } from './projects-of-entity.ts';
import { compareArchived } from './verified-counts.ts';

/**
 * What of a project itself is at the destination other than at the source, in words; `undefined` when it is gone. What its
 * archive has brought is compared with it, and told by the names of those relations.
 */
export async function differencesOfProject(
  found: Project,
  context: PipelineContext,
): Promise<string[] | undefined> {
  if (context.entity.projectId === null) return undefined;
  const there = await foundProject(context).catch(error => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (there === undefined) return undefined;
  await compareArchived(context);
  return [...differences({ archived: found.archived }, there).values()];
}
