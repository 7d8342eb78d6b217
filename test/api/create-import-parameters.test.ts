import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, TOKENS } from '../support/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service.ts';
import { scanTable } from '../support/stored-records.ts';

const SOURCE_PATH =
  "must be a relative path and not include protocol, sub-domain, or domain information. For example, 'source/full/path' not 'https://example.com/source/full/path'";
const NAMESPACE =
  "must be a relative path and not include protocol, sub-domain, or domain information. For example, 'destination/full/path' not 'https://example.com/destination/full/path'";
const SLUG =
  "can only include non-accented letters, digits, '_', '-' and '.'. It must not start with '-', '_', or '.', nor end with '-', '_', '.', '.git', or '.atom'. For example, 'destination_namespace' not 'destination/namespace'";
const NO_NAME =
  'entities[0][destination_slug], entities[0][destination_name] are missing, at least one parameter must be provided';
const BOTH_NAMES = 'entities[0][destination_slug], entities[0][destination_name] are mutually exclusive';

const CONFIGURATION = { url: 'https://old.example', access_token: TOKENS.source };
const ENTITY = {
  source_type: 'group_entity',
  source_full_path: 'acme',
  destination_slug: 'acme',
  destination_namespace: 'imported',
};

let service: TestService;
beforeAll(async () => {
  service = await startService();
});

function post(json: unknown): Promise<Answer> {
  return service.api.call('POST', '/bulk_imports', { json });
}

/** A request whose one entity differs from a good one. */
function entity(changes: Record<string, unknown>, without: string[] = []): unknown {
  const kept = Object.entries({ ...ENTITY, ...changes }).filter(([name]) => !without.includes(name));
  return { configuration: CONFIGURATION, entities: [Object.fromEntries(kept)] };
}

describe('POST /bulk_imports names in its 400', () => {
  it.each<[string, unknown, string]>([
    [
      'everything that an empty body lacks',
      {},
      'configuration is missing, configuration[url] is missing, configuration[access_token] is missing, entities is missing',
    ],
    ['missing entities', { configuration: CONFIGURATION }, 'entities is missing'],
    ['entities that are null', { configuration: CONFIGURATION, entities: null }, 'entities is missing'],
    ['an empty list of entities', { configuration: CONFIGURATION, entities: [] }, 'entities is empty'],
    ['entities that are a text', { configuration: CONFIGURATION, entities: 'acme' }, 'entities is invalid'],
    [
      'entities that are one object',
      { configuration: CONFIGURATION, entities: ENTITY },
      'entities is invalid',
    ],
    [
      'an entity that is a number',
      { configuration: CONFIGURATION, entities: [ENTITY, 7] },
      'entities is invalid',
    ],
    ['an entity that is null', { configuration: CONFIGURATION, entities: [null] }, 'entities is invalid'],
    [
      'a missing configuration',
      { entities: [ENTITY] },
      'configuration is missing, configuration[url] is missing, configuration[access_token] is missing',
    ],
    [
      'a configuration that is null',
      { configuration: null, entities: [ENTITY] },
      'configuration is missing, configuration[url] is missing, configuration[access_token] is missing',
    ],
    [
      'a configuration that is a text',
      { configuration: 'https://old.example', entities: [ENTITY] },
      'configuration is invalid, configuration[url] is missing, configuration[access_token] is missing',
    ],
    [
      'a missing token of the source',
      { configuration: { url: 'https://old.example' }, entities: [ENTITY] },
      'configuration[access_token] is missing',
    ],
    [
      'a URL of the source that is null',
      { configuration: { ...CONFIGURATION, url: null }, entities: [ENTITY] },
      'configuration[url] is missing',
    ],
    [
      'a URL of the source that is a list',
      { configuration: { ...CONFIGURATION, url: ['https://old.example'] }, entities: [ENTITY] },
      'configuration[url] is invalid',
    ],
  ])('%s', async (_, json, error) => {
    const { status, body } = await post(json);

    expect(status).toBe(400);
    expect(body).toEqual({ error });
  });

  it.each<[string, unknown, string]>([
    ['a missing source type', entity({}, ['source_type']), 'entities[0][source_type] is missing'],
    [
      'an unknown source type',
      entity({ source_type: 'user_entity' }),
      'entities[0][source_type] does not have a valid value',
    ],
    [
      'a missing source path, with the rule for paths',
      entity({}, ['source_full_path']),
      `entities[0][source_full_path] is missing, entities[0][source_full_path] ${SOURCE_PATH}`,
    ],
    [
      'a source path that is a URL',
      entity({ source_full_path: 'https://old.example/acme' }),
      `entities[0][source_full_path] ${SOURCE_PATH}`,
    ],
    [
      'a source path that is an object',
      entity({ source_full_path: { path: 'acme' } }),
      'entities[0][source_full_path] is invalid',
    ],
    [
      'a missing destination namespace',
      entity({}, ['destination_namespace']),
      'entities[0][destination_namespace] is missing',
    ],
    [
      'a destination namespace that is null',
      entity({ destination_namespace: null }),
      'entities[0][destination_namespace] is missing',
    ],
    [
      'a destination namespace that is a URL',
      entity({ destination_namespace: 'https://new.example/imported' }),
      `entities[0][destination_namespace] ${NAMESPACE}`,
    ],
    ['a missing slug', entity({}, ['destination_slug']), NO_NAME],
    ['two names that are both null', entity({ destination_slug: null, destination_name: null }), NO_NAME],
    ['both names', entity({ destination_name: 'acme' }), BOTH_NAMES],
    [
      'a slug with a slash',
      entity({ destination_slug: 'imported/acme' }),
      `entities[0][destination_slug] ${SLUG}`,
    ],
    [
      'a wrong deprecated name',
      entity({ destination_name: '-acme' }, ['destination_slug']),
      `entities[0][destination_name] ${SLUG}`,
    ],
    [
      'a flag that is no boolean',
      entity({ migrate_projects: 'maybe' }),
      'entities[0][migrate_projects] is invalid',
    ],
    [
      'a flag that is an object',
      entity({ migrate_memberships: {} }),
      'entities[0][migrate_memberships] is invalid',
    ],
  ])('%s', async (_, json, error) => {
    const { status, body } = await post(json);

    expect(status).toBe(400);
    expect(body).toEqual({ error });
  });

  it('all problems at once, parameter by parameter and in each of them entity by entity', async () => {
    const { status, body } = await post({
      configuration: { url: 'https://old.example' },
      entities: [
        { ...ENTITY, source_type: 'group', destination_slug: '.acme' },
        { source_full_path: 'acme', destination_slug: 'acme', migrate_projects: 'no idea' },
      ],
    });

    expect(status).toBe(400);
    expect(body).toEqual({
      error: [
        'configuration[access_token] is missing',
        'entities[0][source_type] does not have a valid value',
        'entities[1][source_type] is missing',
        'entities[1][destination_namespace] is missing',
        `entities[0][destination_slug] ${SLUG}`,
        'entities[1][migrate_projects] is invalid',
      ].join(', '),
    });
  });
});

describe('POST /bulk_imports accepts', () => {
  // The source is asked for the group only when all parameters are right.
  it.each<[string, Record<string, unknown>, string[]?]>([
    ['the deprecated name alone', { destination_name: 'acme' }, ['destination_slug']],
    ['a name that is null beside the slug', { destination_name: null }],
    ['an empty destination namespace', { destination_namespace: '' }],
    ['a slug that is a number', { destination_slug: 42 }],
    ['flags that are texts', { migrate_projects: 'true', migrate_memberships: 'FALSE' }],
    ['flags that are numbers', { migrate_projects: 1, migrate_memberships: 0 }],
    ['flags that are null', { migrate_projects: null, migrate_memberships: null }],
    ['fields that it does not know', { colour: 'green', constructor: 1 }],
  ])('%s', async (_, changes, without = []) => {
    const source_full_path = 'nothing/here';
    const configuration = { url: service.source.url, access_token: TOKENS.source };
    const wanted = { ...(entity({ ...changes, source_full_path }, without) as object), configuration };

    const { status, body } = await post(wanted);

    expect(body).toEqual({ message: "Import failed. 'nothing/here' not found." });
    expect(status).toBe(422);
  });
});

it('writes nothing for a request that it refuses', async () => {
  await post({});
  await post(entity({ destination_slug: '-' }));

  const items = await scanTable();

  expect(items.filter(item => String(item.pk).startsWith('IMPORT#'))).toEqual([]);
});
