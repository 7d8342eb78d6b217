import { MigrationError } from '../domain/errors.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { knownGroup } from '../engine/source-group.ts';
import { getSourceGroup, type SourceGroup } from '../gitlab/api/group-query.ts';

/** The attributes of the entity's group at the source. @throws MigrationError when it is gone */
export async function readSourceGroup({
  entity,
  source,
}: Pick<PipelineContext, 'entity' | 'source'>): Promise<SourceGroup> {
  const found = await getSourceGroup(source, knownGroup(entity));
  if (found !== undefined) return found;
  throw new MigrationError(
    "The group does not exist at the source any more, or the source token's user cannot see it.",
  );
}
