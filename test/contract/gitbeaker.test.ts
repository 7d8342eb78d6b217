import { GitbeakerRequestError, Gitlab } from '@gitbeaker/rest';
import { beforeAll, describe, expect, it } from 'vitest';
import { TOKENS, until } from '../support/service/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service/service.ts';
import { storeEntity, storeFailure, storeImport } from '../support/table/stored-records.ts';

/** GitLab's API as a client knows it that was never told about this service. */
let service: TestService;
let gitlab: InstanceType<typeof Gitlab>;
beforeAll(async () => {
  service = await startService();
  service.source.addGroup({
    name: 'Platform',
    path: 'platform',
    parent: 'acme',
    labels: [{ title: 'bug', color: '#ff0000' }],
  });
  gitlab = new Gitlab({ host: service.local.url, token: TOKENS.dora });
});

const configuration = () => ({ url: service.source.url, access_token: TOKENS.source });

const ENTITY = {
  sourceType: 'group_entity',
  sourceFullPath: 'acme',
  destinationSlug: 'acme',
  destinationNamespace: 'imported',
};

/** The error that a call is rejected with, as the client shows it. */
async function refusal(call: Promise<unknown>): Promise<{ status: number; description: string }> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof GitbeakerRequestError)) throw error;
  return {
    status: error.cause?.response.status ?? 0,
    description: error.cause?.description ?? '',
  };
}

it('gitbeaker starts a migration, follows it to its end and finds what was migrated', async () => {
  const { id, status, source_type } = await gitlab.Migrations.create(configuration(), [ENTITY]);
  expect([status, source_type]).toEqual(['created', 'gitlab']);

  const ended = await until('the end of the migration', async () => {
    const shown = await gitlab.Migrations.show(id);
    return ['created', 'started'].includes(shown.status) ? undefined : shown;
  });

  expect(ended).toMatchObject({ id, status: 'finished', has_failures: false });
  const entities = await gitlab.Migrations.allEntities({ bulkImportId: id });
  expect(entities).toMatchObject([
    { destination_full_path: 'imported/acme', parent_id: null },
    { destination_full_path: 'imported/acme/platform', parent_id: entities[0]?.id },
  ]);
  const platform = await gitlab.Migrations.showEntity(id, entities[1]?.id ?? 0);
  expect(platform).toEqual(entities[1]);
  expect(platform.stats).toMatchObject({ labels: { source: 1, fetched: 1, imported: 1 } });
  expect(service.destination.group('imported/acme/platform')?.labels).toMatchObject([{ title: 'bug' }]);
});

describe('gitbeaker', () => {
  const token = 'sample-petra-token';
  let reader: InstanceType<typeof Gitlab>;
  let ids: number[];
  let entityIds: number[];
  beforeAll(async () => {
    const { id } = service.destination.addUser({ username: 'petra' });
    service.destination.addToken(token, { username: 'petra' });
    reader = new Gitlab({ host: service.local.url, token });
    const imports = [];
    for (let index = 0; index < 5; index++) imports.push(await storeImport(id));
    imports.push(await storeImport(id, { status: 'failed' }));
    ids = imports.map(record => record.id);
    entityIds = [];
    for (const record of imports.slice(0, 3)) entityIds.push((await storeEntity(record)).id);
    await storeFailure({ id: entityIds[0] ?? 0, importId: ids[0] ?? 0 });
  });

  it('reads all pages of a list by their links', async () => {
    const all = await reader.Migrations.all({ perPage: 2 });

    expect(all.map(({ id }) => id)).toEqual([...ids].reverse());
  });

  it('reads one page and what the headers tell about it', async () => {
    const { data, paginationInfo } = await reader.Migrations.all({
      perPage: 2,
      page: 2,
      showExpanded: true,
    });

    expect(data.map(({ id }) => id)).toEqual([ids[3], ids[2]]);
    expect(paginationInfo).toEqual({
      total: 6,
      next: 3,
      current: 2,
      previous: 1,
      perPage: 2,
      totalPages: 3,
    });
  });

  it('lists by status', async () => {
    const failed = await reader.Migrations.all({ status: 'failed' });

    expect(failed.map(({ id }) => id)).toEqual([ids[5]]);
  });

  it('reads the entities of all imports, page by page, and of one', async () => {
    const all = await reader.Migrations.allEntities({ perPage: 1 });
    const ofOne = await reader.Migrations.allEntities({ bulkImportId: ids[1] ?? 0, status: 'created' });

    expect(all.map(({ id }) => id)).toEqual([...entityIds].reverse());
    expect(ofOne.map(({ id }) => id)).toEqual([entityIds[1]]);
  });

  it('finds the fields of failures that its types name', async () => {
    const { failures } = await reader.Migrations.showEntity(ids[0] ?? 0, entityIds[0] ?? 0);

    expect(failures).toMatchObject([
      {
        pipeline_class: 'BulkImports::Common::Pipelines::LabelsPipeline',
        pipeline_step: 'loader',
        exception_class: 'BulkImports::NetworkError',
      },
    ]);
  });
});

describe('gitbeaker shows the reason', () => {
  it('when the token is unknown', async () => {
    const stranger = new Gitlab({ host: service.local.url, token: 'sample-unknown-token' });

    expect(await refusal(stranger.Migrations.all())).toEqual({
      status: 401,
      description: '401 Unauthorized',
    });
  });

  it('when parameters are missing', async () => {
    expect(await refusal(gitlab.Migrations.create(configuration(), []))).toEqual({
      status: 400,
      description: 'entities is empty',
    });
  });

  it('when the source does not have the group', async () => {
    const nobody = { ...ENTITY, sourceFullPath: 'nobody', destinationSlug: 'nobody' };

    expect(await refusal(gitlab.Migrations.create(configuration(), [nobody]))).toEqual({
      status: 422,
      description: "Import failed. 'nobody' not found.",
    });
  });

  it('when an import does not exist', async () => {
    expect(await refusal(gitlab.Migrations.show(999))).toEqual({
      status: 404,
      description: '404 Not found',
    });
  });
});
