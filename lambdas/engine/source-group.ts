import { type Group, getGroup } from '../gitlab/api/groups.ts';
import type { KnownGroup } from '../gitlab/api/source-members.ts';
import type { Entity } from '../store/entity.ts';
import { oncePerRun } from './once-per-run.ts';
import type { PipelineContext } from './relation.ts';

/** The group at the source as REST shows it: read once per run, for whichever of its relations asks first. */
export const sourceGroup = oncePerRun(
  ({ entity, source }: Pick<PipelineContext, 'entity' | 'source'>): Promise<Group> =>
    getGroup(source, entity.sourceId),
);

/** The entity's group at the source, as it is asked for by GraphQL and by REST. */
export const knownGroup = ({ sourceId, sourceFullPath }: Entity): KnownGroup => ({
  id: sourceId,
  fullPath: sourceFullPath,
});
