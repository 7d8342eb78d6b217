import {
  changeEntity,
  createEntity,
  markFailuresRecorded,
  moveEntity,
} from '../../../lambdas/store/entities.ts';
import { putFailure } from '../../../lambdas/store/failures.ts';
import { findLoads, type GitLabLoad, saveLoad } from '../../../lambdas/store/gitlab-loads.ts';
import { createImport, type Import } from '../../../lambdas/store/imports.ts';
import { putOpenImport } from '../../../lambdas/store/open-imports.ts';
import { countsOf } from './counts.ts';
import { setRelationCounts } from './entity-records.ts';
import { newId } from './new-id.ts';
import { newEntity, newFailure, newImport } from './records.ts';

export interface LargeImport {
  record: Import;
  entityIds: number[];
}

/** What is known of the destination, which names a limit. */
const LOAD: GitLabLoad = {
  entities: 5,
  isProbing: false,
  calmMs: 40,
  requestMs: 40,
  runMs: 1_000,
  limit: 600,
  changedAt: 1,
  shrunkAt: 0,
};

/**
 * An import in the middle of its work: of its groups a third has ended (every tenth of those with failures, one
 * failed), five are running, the others wait.
 *
 * @param names paths of the groups at the source
 */
export async function storeImport(names: string[]): Promise<LargeImport> {
  const minutesAgo = new Date(Date.now() - 250_000).toISOString();
  const times = { startedAt: minutesAgo, createdAt: minutesAgo, updatedAt: minutesAgo };
  const record = newImport({ status: 'started', ...times });
  await saveLoad(record.destinationUrl, LOAD, (await findLoads([record.destinationUrl]))[0]);
  await putOpenImport(record.id);
  await createImport(record);
  const ended = Math.floor(names.length / 3);
  const entityIds: number[] = [];
  for (const [index, sourceFullPath] of names.entries()) {
    const entity = newEntity({
      importId: record.id,
      destinationUrl: record.destinationUrl,
      userId: record.userId,
      sourceFullPath,
      destinationSlug: sourceFullPath.split('/').at(-1) ?? '',
      id: newId(),
    });
    entityIds.push(entity.id);
    await createEntity(entity);
    if (index >= ended + 5) continue;
    await moveEntity(entity, 'started');
    const requests = { sourceRequests: 12, destinationRequests: 30 };
    await changeEntity(entity, { set: { begunAt: minutesAgo, ...requests } });
    const isOver = index < ended;
    await setRelationCounts(entity, 'members', countsOf({ source: 8, fetched: 8, imported: 8 }));
    const read = isOver ? 40 : 4 * (index % 10) + 2;
    await setRelationCounts(entity, 'labels', countsOf({ source: 40, fetched: read, imported: read - 1 }));
    if (isOver && index % 10 === 0) await storeFailure(entity, index);
    if (isOver) await moveEntity(entity, index === 0 ? 'failed' : 'finished');
  }
  return { record, entityIds };
}

async function storeFailure(
  entity: { id: number; importId: number; sourceFullPath: string },
  index: number,
): Promise<void> {
  await markFailuresRecorded(entity);
  await putFailure(
    newFailure({
      importId: entity.importId,
      entityId: entity.id,
      key: `1#labels#${index}`,
      sourceTitle: index === 0 ? entity.sourceFullPath : `label ${index}`,
      exceptionMessage: `The destination refused the label (422): title is invalid in ${entity.sourceFullPath}. Rename it at the source.`,
      createdAt: new Date(Date.now() - 1000 * index).toISOString(),
    }),
  );
}
