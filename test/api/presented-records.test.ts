import { beforeAll, describe, expect, it } from 'vitest';
import { markEntityFailures, setDestinationGroup, setRelationCounts } from '../../lambdas/store/entities.ts';
import type { Import } from '../../lambdas/store/imports.ts';
import { markImportFailures } from '../../lambdas/store/imports.ts';
import type { BulkEntity } from '../support/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service.ts';
import { CORRELATION_ID, storeEntity, storeFailure, storeImport } from '../support/stored-records.ts';

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

let service: TestService;
let record: Import;
beforeAll(async () => {
  service = await startService();
  record = await storeImport(service.destination.group('imported')?.members[0]?.userId ?? 0);
});

async function get(path: string): Promise<unknown> {
  const { status, body } = await service.api.call('GET', path);
  expect(status).toBe(200);
  return body;
}

const pathOf = (entityId: number) => `/bulk_imports/${record.id}/entities/${entityId}`;

describe('an import', () => {
  it('is shown with these fields and no others', async () => {
    expect(await get(`/bulk_imports/${record.id}`)).toEqual({
      id: record.id,
      status: 'created',
      source_type: 'gitlab',
      source_url: 'https://old.example',
      created_at: TIME,
      updated_at: TIME,
      has_failures: false,
    });
  });

  it('tells that it has failures', async () => {
    const { id } = await storeImport(record.userId, { status: 'finished' });

    await markImportFailures(id);

    expect(await get(`/bulk_imports/${id}`)).toMatchObject({ status: 'finished', has_failures: true });
  });
});

describe('an entity', () => {
  it('has no destination before its group exists', async () => {
    const { id } = await storeEntity(record, { destinationSlug: 'Acme.Old', destinationNamespace: '' });

    expect(await get(pathOf(id))).toEqual({
      id,
      bulk_import_id: record.id,
      status: 'created',
      entity_type: 'group',
      source_full_path: 'acme',
      destination_full_path: null,
      destination_name: 'Acme.Old',
      destination_slug: 'Acme.Old',
      destination_namespace: '',
      parent_id: null,
      namespace_id: null,
      project_id: null,
      created_at: TIME,
      updated_at: TIME,
      failures: [],
      migrate_projects: true,
      migrate_memberships: true,
      has_failures: false,
      stats: {},
    });
  });

  it('shows its group, its parent, its options and its counts', async () => {
    const parent = await storeEntity(record);
    const entity = await storeEntity(record, {
      status: 'finished',
      parentId: parent.id,
      generation: 1,
      migrateMemberships: false,
    });
    await setDestinationGroup(entity, { id: 77, fullPath: 'imported/acme_1' });
    await setRelationCounts(entity, 'labels', { source: 10, fetched: 10, imported: 9 });

    expect(await get(pathOf(entity.id))).toMatchObject({
      status: 'finished',
      parent_id: parent.id,
      destination_full_path: 'imported/acme_1',
      namespace_id: 77,
      project_id: null,
      migrate_projects: true,
      migrate_memberships: false,
      stats: { labels: { source: 10, fetched: 10, imported: 9 } },
    });
  });

  it('of a project says so', async () => {
    const { id } = await storeEntity(record, { sourceType: 'project_entity' });

    expect(await get(pathOf(id))).toMatchObject({
      entity_type: 'project',
      namespace_id: null,
      project_id: null,
    });
  });

  it('is the same in both lists', async () => {
    const { id } = await storeEntity(record);

    const alone = await get(pathOf(id));

    for (const path of [`/bulk_imports/${record.id}/entities?sort=desc`, '/bulk_imports/entities']) {
      expect(((await get(path)) as BulkEntity[])[0]).toEqual(alone);
    }
  });
});

describe('a failure', () => {
  it('has the fields of both generations', async () => {
    const entity = await storeEntity(record);
    await storeFailure(entity, { sourceUrl: 'https://old.example/groups/acme/-/milestones/1' });
    await markEntityFailures(entity);

    const failure = {
      relation: 'labels',
      exception_message: 'The label was refused.',
      exception_class: 'BulkImports::NetworkError',
      correlation_id_value: CORRELATION_ID,
      source_url: 'https://old.example/groups/acme/-/milestones/1',
      source_title: 'bug',
      step: 'loader',
      pipeline_step: 'loader',
      pipeline_class: 'BulkImports::Common::Pipelines::LabelsPipeline',
      created_at: TIME,
    };
    expect(await get(`${pathOf(entity.id)}/failures`)).toEqual([failure]);
    expect(await get(pathOf(entity.id))).toMatchObject({ failures: [failure], has_failures: true });
  });

  it('of a whole entity has neither step nor record', async () => {
    const entity = await storeEntity(record);
    await storeFailure(entity, { step: null, sourceTitle: null, relation: 'entity' });

    expect(await get(`${pathOf(entity.id)}/failures`)).toMatchObject([
      { relation: 'entity', step: null, pipeline_step: null, source_url: null, source_title: null },
    ]);
  });

  it.each([
    ['a path', 'could not read /var/opt/gitlab here', 'could not read [FILTERED] here'],
    ['a URL', "refused by 'https://old.example/acme'.", 'refused by [FILTERED]'],
    ['several of them', 'a/b and c/d\tor\ne/', '[FILTERED] and [FILTERED]\tor\n[FILTERED]'],
    ['no path', 'plain: 403 Forbidden.', 'plain: 403 Forbidden.'],
    ['more than 255 characters', 'x'.repeat(300), 'x'.repeat(255)],
    ['a long path, which is hidden before the rest is cut', `/${'p'.repeat(300)} end`, '[FILTERED] end'],
  ])('has its message filtered and cut: %s', async (_, exceptionMessage, shown) => {
    const entity = await storeEntity(record);
    await storeFailure(entity, { exceptionMessage, sourceTitle: 't'.repeat(300) });

    expect(await get(`${pathOf(entity.id)}/failures`)).toMatchObject([
      { exception_message: shown, source_title: 't'.repeat(255) },
    ]);
  });

  it('stands in its list by age', async () => {
    const entity = await storeEntity(record);
    await storeFailure(entity, { key: 'a', sourceTitle: 'later', createdAt: '2026-01-02T00:00:00.000Z' });
    await storeFailure(entity, { key: 'b', sourceTitle: 'earlier', createdAt: '2026-01-01T00:00:00.000Z' });

    expect(await get(`${pathOf(entity.id)}/failures`)).toMatchObject([
      { source_title: 'earlier' },
      { source_title: 'later' },
    ]);
  });
});
