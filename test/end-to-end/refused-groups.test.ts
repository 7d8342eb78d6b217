import { afterEach, beforeAll, expect, it } from 'vitest';
import { isLabelWrite, takeLabelsSingly } from '../support/gitlab/label-writes.ts';
import { addPeople, addTree } from '../support/gitlab/source-tree.ts';
import { startService, type TestService } from '../support/service/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService({ withoutAcme: true });
  addPeople(service.source);
  addTree(service.source);
});
afterEach(() => {
  service.destination.onRequest = undefined;
});

/** Lets the destination refuse to create the groups of these paths. */
function refuse(...paths: string[]): void {
  service.destination.onRequest = ({ method, path, body }) =>
    method === 'POST' && path === '/api/v4/groups' && paths.includes((body as { path: string }).path)
      ? { kind: 'respond', status: 403, body: '{"message":"403 Forbidden"}' }
      : undefined;
}

async function migrate(slugs: string[], sourcePath = 'acme') {
  const importId = await service.api.start(
    slugs.map(slug => ({ source_full_path: sourcePath, destination_slug: slug })),
  );
  const record = await service.api.untilEnded(importId);
  const entities = await service.api.getEntities(importId);
  return {
    record,
    entities,
    statuses: Object.fromEntries(
      entities.map(entity => [`${entity.destination_namespace}/${entity.destination_slug}`, entity.status]),
    ),
  };
}

it('a group that cannot be created fails with those below it left out, and the others go on', async () => {
  refuse('platform');

  const { record, entities, statuses } = await migrate(['one']);

  expect(statuses).toEqual({
    'imported/one': 'finished',
    'imported/one/platform': 'failed',
    'imported/one/empty': 'finished',
  });
  expect(record).toMatchObject({ status: 'finished', has_failures: true });
  const failed = entities.find(({ status }) => status === 'failed');
  expect(failed).toMatchObject({ has_failures: true, destination_full_path: null, namespace_id: null });
  const failures = failed?.failures.toSorted((a, b) =>
    `${a.source_title}`.localeCompare(`${b.source_title}`),
  );
  expect(failures).toMatchObject([
    {
      relation: 'group',
      step: 'loader',
      exception_class: 'BulkImports::Groups::Loaders::GroupLoader::GroupCreationError',
      source_title: 'Platform',
    },
    { relation: 'group', exception_class: 'BulkImports::ParentNotCreatedError', source_title: 'Tools' },
  ]);
  expect(service.destination.group('imported/one/empty')).toBeDefined();
  expect(service.destination.group('imported/one/platform')).toBeUndefined();
});

it('an import fails when all of its groups have failed', async () => {
  refuse('two', 'three');

  const { record, statuses } = await migrate(['two', 'three'], 'acme/empty');

  expect(statuses).toEqual({ 'imported/two': 'failed', 'imported/three': 'failed' });
  expect(record).toMatchObject({ status: 'failed', has_failures: true });
});

it('an import is finished when one of its groups is, whatever the others are', async () => {
  refuse('four');

  const { record, statuses } = await migrate(['four', 'five'], 'acme/empty');

  expect(statuses).toMatchObject({ 'imported/four': 'failed', 'imported/five': 'finished' });
  expect(record).toMatchObject({ status: 'finished', has_failures: true });
});

it('records that are refused make one failure each and stop nothing', async () => {
  takeLabelsSingly(service.destination, request =>
    isLabelWrite(request) && /00[12]$/.test((request.body as { name: string }).name)
      ? { kind: 'respond', status: 400, body: '{"message":{"title":["is not welcome"]}}' }
      : undefined,
  );

  const { record, entities, statuses } = await migrate(['six']);

  expect(new Set(Object.values(statuses))).toEqual(new Set(['finished']));
  expect(record.has_failures).toBe(true);
  const root = entities[0];
  expect(root?.stats.labels).toMatchObject({ source: 12, fetched: 12, imported: 10 });
  const labels = root?.failures.filter(({ relation }) => relation === 'labels');
  expect(labels?.map(failure => failure.source_title).sort()).toEqual(['label 001', 'label 002']);
  expect(labels?.[0]?.exception_message).toContain('title is not welcome');
  // The board wants the two labels for its lists.
  expect(root?.failures.filter(({ relation }) => relation === 'boards')).toHaveLength(1);
});

it('a token that is revoked in the middle ends the import at once', async () => {
  service.destination.onRequest = ({ method, path }) =>
    method === 'POST' && path.endsWith('/milestones')
      ? { kind: 'respond', status: 401, body: '{"message":"401 Unauthorized"}' }
      : undefined;

  const { record, entities } = await migrate(['seven']);

  expect(record).toMatchObject({ status: 'failed', has_failures: true });
  expect(entities.map(({ status }) => status)).toEqual(['failed']);
  expect(entities[0]?.failures).toContainEqual(
    expect.objectContaining({ relation: 'entity', exception_class: 'BulkImports::TokenRejectedError' }),
  );
  expect(service.destination.group('imported/seven/platform')).toBeUndefined();
});
