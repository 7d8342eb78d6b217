import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { bulkImportSchema, entitySchema, failureSchema } from '../../lambdas/api/answers/record-schemas.ts';
import { addPeople, addTree } from '../support/gitlab/source-tree.ts';
import { TOKENS } from '../support/service/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service/service.ts';
import { runPython } from './python-client.ts';

const REVOKED = 'sample-revoked-token';

const ids = z.array(z.int());
const errorSchema = z.nullable(z.object({ kind: z.string(), status: z.int(), message: z.unknown() }));
const seenSchema = z.object({
  version: z.string(),
  at_creation: bulkImportSchema,
  statuses: z.array(z.string()),
  after_refresh: bulkImportSchema,
  got: bulkImportSchema,
  got_as_bearer: bulkImportSchema,
  entities: z.array(entitySchema),
  root: entitySchema,
  root_after_refresh: entitySchema,
  failures: z.array(failureSchema),
  others: ids,
  canceled: bulkImportSchema,
  first_page: z.record(z.string(), z.unknown()),
  iterated: ids,
  ascending: ids,
  only_canceled: ids,
  all_entities: z.array(z.tuple([z.int(), z.string()])),
  finished_entities: z.int(),
  of_somebody_else: ids,
  read_only: ids,
  errors: z.record(z.string(), errorSchema),
});

let service: TestService;
let seen: z.infer<typeof seenSchema>;
/** All imports of the script, in the order in which it started them. */
let all: number[];
beforeAll(async () => {
  service = await startService({ withoutAcme: true });
  const { source, destination } = service;
  addPeople(source);
  addTree(source);
  destination.addToken(REVOKED, { username: 'dora', state: 'revoked' });
  seen = seenSchema.parse(
    await runPython('python-gitlab.py', {
      url: service.api.url,
      token: TOKENS.dora,
      other_token: TOKENS.otto,
      read_api_token: TOKENS.doraReadApi,
      revoked_token: REVOKED,
      source_url: source.url,
      source_token: TOKENS.source,
    }),
  );
  all = [seen.at_creation.id, ...seen.others];
});

it('the client has the version that the requirements name', async () => {
  const requirements = await readFile(new URL('requirements.txt', import.meta.url), 'utf8');

  expect(requirements).toContain(`python-gitlab==${seen.version}\n`);
});

describe('python-gitlab', () => {
  it('creates an import and is given it', () => {
    expect(seen.at_creation).toMatchObject({
      status: 'created',
      source_type: 'gitlab',
      source_url: service.source.url,
      has_failures: false,
    });
  });

  it('follows it with refresh() until it has finished', () => {
    expect(seen.statuses.at(0)).toBe('created');
    expect(seen.statuses.at(-1)).toBe('finished');
    expect(seen.after_refresh).toMatchObject({ id: seen.at_creation.id, status: 'finished' });
    expect(service.destination.group('imported/first/platform/tools')).toBeDefined();
  });

  it('gets it by its id, with a personal access token and with an OAuth token', () => {
    expect(seen.got).toEqual(seen.after_refresh);
    expect(seen.got_as_bearer).toEqual(seen.after_refresh);
  });

  it('lists its entities, gets one of them and refreshes it', () => {
    const paths = seen.entities.map(({ source_full_path }) => source_full_path);
    expect(paths.sort()).toEqual(['acme', 'acme/empty', 'acme/platform', 'acme/platform/tools']);
    expect(seen.root).toEqual(seen.entities[0]);
    expect(seen.root_after_refresh).toEqual(seen.root);
    expect(seen.root).toMatchObject({
      bulk_import_id: seen.at_creation.id,
      status: 'finished',
      destination_full_path: 'imported/first',
      namespace_id: service.destination.group('imported/first')?.id,
      stats: { labels: { source: 12, fetched: 12, imported: 12 } },
    });
  });

  it('reads the failures of an entity', () => {
    expect(seen.failures).toEqual(seen.root.failures);
  });

  it('walks over all pages of the imports, newest first', () => {
    expect(seen.first_page).toEqual({ page: 1, next: 2, per_page: 2, total: 5, total_pages: 3 });
    expect(seen.iterated).toEqual([...all].reverse());
  });

  it('sorts imports and picks them by status', () => {
    expect(seen.ascending).toEqual(all);
    expect(seen.only_canceled).toEqual([all.at(-1)]);
  });

  it('lists the entities of all imports', () => {
    expect(seen.all_entities.map(([importId]) => importId)).toEqual([
      ...Array(4).fill(all[0]),
      ...seen.others,
    ]);
    expect(seen.all_entities.map(([, status]) => status)).toEqual([...Array(7).fill('finished'), 'canceled']);
    expect(seen.finished_entities).toBe(7);
  });

  it('cancels an import by a call of its own', () => {
    expect(seen.canceled).toMatchObject({ id: all.at(-1), status: 'canceled' });
  });

  it('reads with a read_api token, and of nobody else', () => {
    expect(seen.read_only).toEqual(all);
    expect(seen.of_somebody_else).toEqual([]);
  });

  it.each([
    ['unknown token', 'GitlabAuthenticationError', 401, '401 Unauthorized'],
    ['revoked token', 'GitlabAuthenticationError', 401, 'invalid_token'],
    ['read_api token', 'GitlabCreateError', 403, 'insufficient_scope'],
    [
      'path that is taken',
      'GitlabCreateError',
      422,
      "Import failed. 'imported/first' already exists. Change the destination and try again.",
    ],
    [
      'namespace without a right',
      'GitlabCreateError',
      422,
      "Import failed. 'imported' is invalid, or you do not have permission.",
    ],
    [
      'field that is missing',
      'GitlabCreateError',
      400,
      expect.stringContaining('entities[0][source_type] is missing'),
    ],
    ['import of somebody else', 'GitlabGetError', 404, '404 Not found'],
    ['status that does not exist', 'GitlabListError', 400, 'status does not have a valid value'],
  ])('raises what is wrong: %s', (problem, kind, status, message) => {
    expect(seen.errors[problem]).toEqual({ kind, status, message });
  });
});
