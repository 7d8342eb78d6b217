import { BatchWriteCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Status } from '../../../lambdas/domain/statuses.ts';
import { environment } from '../../../lambdas/platform/environment.ts';
import { takeIds } from '../../../lambdas/store/counters.ts';
import {
  createEntity,
  getEntity,
  markFailuresRecorded,
  moveEntity,
} from '../../../lambdas/store/entities.ts';
import type { Entity } from '../../../lambdas/store/entity.ts';
import { type Failure, putFailure } from '../../../lambdas/store/failures.ts';
import { createImport, getImport, type Import, moveImport } from '../../../lambdas/store/imports.ts';
import type { Item } from '../../../lambdas/store/item.ts';
import { keys, padId } from '../../../lambdas/store/keys.ts';
import { deleteOpenImport, findOpenImport } from '../../../lambdas/store/open-imports.ts';
import { documents, getItem } from '../../../lambdas/store/table.ts';

/** Imports and entities written straight into the table, for tests that need no migration. */

export const CORRELATION_ID = '0123456789abcdef0123456789abcdef';

/** The statuses that a record passes on its way to another. */
const WAY_TO: Record<Status, Exclude<Status, 'created'>[]> = {
  created: [],
  started: ['started'],
  finished: ['started', 'finished'],
  timeout: ['timeout'],
  failed: ['failed'],
  canceled: ['canceled'],
};

/** Writes an import of a user. */
export async function storeImport(
  userId: number,
  { status = 'created', ...attributes }: Partial<Omit<Import, 'id' | 'userId'>> = {},
): Promise<Import> {
  const now = new Date().toISOString();
  const record: Import = {
    id: await takeIds('IMPORT'),
    destinationUrl: environment.destinationUrl(),
    userId,
    status: 'created',
    sourceUrl: 'https://old.example',
    sourceVersion: '17.11.2-ee',

    attempt: 1,
    hasFailures: false,
    correlationId: CORRELATION_ID,
    createdAt: now,
    updatedAt: now,
    ...attributes,
  };
  await createImport(record);
  for (const next of WAY_TO[status]) await moveImport(record, next);
  return getImport(record.id);
}

/** Takes an import off the list of open ones. */
export async function takeOffList(importId: number): Promise<void> {
  const open = await findOpenImport(importId);
  if (open !== undefined) await deleteOpenImport(open);
}

/** Writes an entity of an import. */
export async function storeEntity(
  record: Pick<Import, 'id' | 'kind' | 'userId'> & { destinationUrl?: string },
  { status = 'created', ...attributes }: Partial<Entity> = {},
): Promise<Entity> {
  const id = attributes.id ?? (await takeIds('ENTITY'));
  const entity = {
    sourceType: 'group_entity' as const,
    sourceFullPath: 'acme',
    sourceId: 7,
    destinationSlug: 'acme',
    destinationNamespace: 'imported',
    parentId: null,
    generation: 0,
    relations: {},
    ...(record.kind && { kind: record.kind }),
    ...attributes,
    id,
    importId: record.id,
    destinationUrl: record.destinationUrl ?? environment.destinationUrl(),
    userId: record.userId,
  };
  await createEntity(entity);
  for (const next of WAY_TO[status]) await moveEntity(entity, next, attributes.hasFailures);
  return getEntity(record.id, id);
}

/** DynamoDB's limit for one BatchWriteItem. */
const BATCH_WRITE_ITEMS = 25;

/** Writes copies of an entity under the ids after its own. Fast, for tests that need thousands. */
export async function storeCopies(entity: Entity, count: number): Promise<void> {
  const item = await getItem(keys.entity(entity.importId, entity.id));
  const copies = Array.from({ length: count }, (_, index) => {
    const id = entity.id + index + 1;
    const listed = { listSk: padId(id), statusSk: padId(id) };
    return { PutRequest: { Item: { ...item, ...keys.entity(entity.importId, id), ...listed, id } } };
  });
  while (copies.length > 0) {
    const batch = copies.splice(0, BATCH_WRITE_ITEMS);
    await documents().send(new BatchWriteCommand({ RequestItems: { [environment.tableName()]: batch } }));
  }
}

/** Writes a failure of an entity. */
export async function storeFailure(
  entity: Pick<Entity, 'id' | 'importId'>,
  attributes: Partial<Failure> = {},
): Promise<void> {
  await markFailuresRecorded(entity);
  await putFailure({
    importId: entity.importId,
    entityId: entity.id,
    key: '1#labels#bug',
    relation: 'labels',
    pipelineClass: 'BulkImports::Common::Pipelines::LabelsPipeline',
    step: 'loader',
    exceptionClass: 'BulkImports::NetworkError',
    exceptionMessage: 'The label was refused.',
    correlationId: CORRELATION_ID,
    sourceUrl: null,
    sourceTitle: 'bug',
    createdAt: new Date().toISOString(),
    ...attributes,
  });
}

/** Every item of the table. */
export async function scanTable(): Promise<Item[]> {
  const items: Item[] = [];
  let start: Item | undefined;
  do {
    const answer = await documents().send(
      new ScanCommand({ TableName: environment.tableName(), ExclusiveStartKey: start }),
    );
    items.push(...(answer.Items ?? []));
    start = answer.LastEvaluatedKey;
  } while (start !== undefined);
  return items;
}
