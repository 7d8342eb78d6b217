import { pagesOf } from '../engine/page-walk.ts';
import type { PipelineContext } from '../engine/relation.ts';
import type { SourceMember } from '../gitlab/api/source-members.ts';
import { listProjectMembers } from '../gitlab/api/source-project-members.ts';

/** What GitLab asks of the importing user. */
const MAINTAINER = 40;

/**
 * How many direct members GitLab would remove from the project if a relation were imported into it now: all but the
 * importing user, unless they are the first of them, by the id of the membership, and a Maintainer. In doubt it would.
 */
export async function membersAtRisk(context: PipelineContext): Promise<number> {
  const { userId } = context.entity;
  const members = await directMembers(context);
  const others = members.filter(({ user }) => user?.id !== userId);
  const own = members.find(({ user }) => user?.id === userId);
  const level = own?.accessLevel?.integerValue ?? 0;
  const isFirst = own !== undefined && others.every(other => idOf(own) < idOf(other));
  return isFirst && level >= MAINTAINER ? 0 : others.length;
}

/** The number in the global id of a membership; no number where there is none, which is smaller or larger than none. */
const idOf = ({ id }: SourceMember) => Number(/\/(\d+)$/.exec(id ?? '')?.[1]);

/** The direct members of the project, and those who were invited. */
async function directMembers({ destination, entity, target }: PipelineContext): Promise<SourceMember[]> {
  const project = { id: target().id, fullPath: entity.destinationFullPath ?? '' };
  const read = (cursor: string | null) => listProjectMembers(destination, project, ['DIRECT'], cursor);
  const members: SourceMember[] = [];
  for await (const { records } of pagesOf('members', ({ id }) => id ?? '', read)) members.push(...records);
  return members;
}
