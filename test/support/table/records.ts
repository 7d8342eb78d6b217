import type { NewEntity } from '../../../lambdas/store/entity.ts';
import type { Failure } from '../../../lambdas/store/failures.ts';
import type { Import } from '../../../lambdas/store/imports.ts';
import { newId } from './new-id.ts';

/** The destination of what is made here. */
export const DESTINATION = 'https://new.example';

const TIME = '2026-01-02T03:04:05.678Z';

export function newImport(attributes: Partial<Import> = {}): Import {
  return {
    id: newId(),
    destinationUrl: DESTINATION,
    userId: newId(),
    status: 'created',
    sourceUrl: 'https://gitlab.example',
    sourceVersion: '17.5.1-ee',

    attempt: 1,
    hasFailures: false,
    correlationId: 'fake-correlation-id',
    createdAt: TIME,
    updatedAt: TIME,
    ...attributes,
  };
}

export function newEntity(attributes: Partial<NewEntity> = {}): NewEntity {
  return {
    id: newId(),
    importId: newId(),
    destinationUrl: DESTINATION,
    userId: newId(),
    sourceType: 'group_entity',
    sourceFullPath: 'acme/platform',
    sourceId: newId(),
    destinationSlug: 'platform',
    destinationNamespace: 'imported',
    parentId: null,
    generation: 0,
    relations: {},
    ...attributes,
  };
}

export function newFailure(attributes: Partial<Failure> = {}): Failure {
  return {
    importId: newId(),
    entityId: newId(),
    key: '1#labels#abc',
    relation: 'labels',
    pipelineClass: 'BulkImports::Common::Pipelines::LabelsPipeline',
    step: 'loader',
    exceptionClass: 'BulkImports::NetworkError',
    exceptionMessage: 'It was refused.',
    correlationId: 'fake-correlation-id',
    sourceUrl: null,
    sourceTitle: 'bug',
    createdAt: TIME,
    attempt: 1,
    retryable: true,
    ...attributes,
  };
}
