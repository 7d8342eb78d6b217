import type { PipelineContext } from '../engine/relation.ts';
import { knownGroup } from '../engine/source-group.ts';
import { listSourceMembers, type MemberRelation, type SourceMember } from '../gitlab/api/source-members.ts';
import { listProjectMembers } from '../gitlab/api/source-project-members.ts';
import type { Page } from '../gitlab/client.ts';

/** One page of the members of the entity's group or project at the source. */
export function listMembersAtSource(
  { entity, source }: Pick<PipelineContext, 'entity' | 'source'>,
  relations: MemberRelation[],
  cursor: string | null,
): Promise<Page<SourceMember>> {
  const list = entity.sourceType === 'project_entity' ? listProjectMembers : listSourceMembers;
  return list(source, knownGroup(entity), relations, cursor);
}
