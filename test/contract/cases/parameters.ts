import type { Case } from '../case.ts';
import { configuration, ENTITY } from './good-import.ts';

const OF_GROUPS =
  'namespace_settings, members, labels, milestones, badges, wikis, boards, uploads, projects, group_attributes, project_attributes';
const SOURCE_PATH =
  "must be a relative path and not include protocol, sub-domain, or domain information. For example, 'source/full/path' not 'https://example.com/source/full/path'";
const NAMESPACE =
  "must be a relative path and not include protocol, sub-domain, or domain information. For example, 'destination/full/path' not 'https://example.com/destination/full/path'";
const SLUG =
  "can only include non-accented letters, digits, '_', '-' and '.'. It must not start with '-', '_', or '.', nor end with '-', '_', '.', '.git', or '.atom'. For example, 'destination_namespace' not 'destination/namespace'";
const NO_NAME =
  'entities[0][destination_slug], entities[0][destination_name] are missing, at least one parameter must be provided';
const BOTH_NAMES = 'entities[0][destination_slug], entities[0][destination_name] are mutually exclusive';
const NO_CONFIGURATION_FIELDS = 'configuration[url] is missing, configuration[access_token] is missing';

const post = (it: string, request: Partial<Case>, error: string): Case => ({
  it,
  send: 'POST /bulk_imports',
  ...request,
  status: 400,
  body: { error },
});

/** A body that is wrong as a whole. */
const wrong = (it: string, json: unknown, error: string) => post(it, { json }, error);

/** A body whose one entity differs from a good one; `undefined` takes a field away. */
const entity = (it: string, changes: Record<string, unknown>, error: string) =>
  wrong(it, { configuration, entities: [{ ...ENTITY, ...changes }] }, error);

const source = (path: unknown) =>
  entity(JSON.stringify(path), { source_full_path: path }, `entities[0][source_full_path] ${SOURCE_PATH}`);
const namespace = (path: unknown) =>
  entity(
    JSON.stringify(path),
    { destination_namespace: path },
    `entities[0][destination_namespace] ${NAMESPACE}`,
  );
const slug = (value: unknown) =>
  entity(JSON.stringify(value), { destination_slug: value }, `entities[0][destination_slug] ${SLUG}`);

/** Paths that neither the source nor the destination can have. */
const BAD_PATHS = [
  'https://old.example/acme',
  '/acme',
  'acme/',
  'acme//platform',
  'acme/plat form',
  'acme/ä',
  '-acme',
  'acme.git',
  'acme.atom/platform',
  'admin',
  'Dashboard/acme',
  'acme/-/platform',
  'acme/tree',
  'acme/environments/folders',
  'acme/info/lfs/objects/x',
  'a'.repeat(256),
];

/** What a POST is refused for with 400. */
export const PARAMETERS: Record<string, Case[]> = {
  'POST /bulk_imports names in its 400': [
    post(
      'an Idempotency-Key that is none',
      { json: { configuration, entities: [ENTITY] }, with: { 'idempotency-key': 'a b' } },
      'Idempotency-Key is invalid',
    ),
    wrong(
      'all that an empty body lacks',
      {},
      `configuration is missing, ${NO_CONFIGURATION_FIELDS}, entities is missing`,
    ),
    wrong('missing entities', { configuration }, 'entities is missing'),
    wrong('entities that are null', { configuration, entities: null }, 'entities is missing'),
    wrong('an empty list of entities', { configuration, entities: [] }, 'entities is empty'),
    wrong('entities that are a text', { configuration, entities: 'acme' }, 'entities is invalid'),
    wrong('entities that are one object', { configuration, entities: ENTITY }, 'entities is invalid'),
    wrong('an entity that is a number', { configuration, entities: [ENTITY, 7] }, 'entities is invalid'),
    wrong('an entity that is null', { configuration, entities: [null] }, 'entities is invalid'),
    wrong(
      'a missing configuration',
      { entities: [ENTITY] },
      `configuration is missing, ${NO_CONFIGURATION_FIELDS}`,
    ),
    wrong(
      'a configuration that is null',
      { configuration: null, entities: [ENTITY] },
      `configuration is missing, ${NO_CONFIGURATION_FIELDS}`,
    ),
    wrong(
      'a configuration that is a text',
      { configuration: 'https://old.example', entities: [ENTITY] },
      `configuration is invalid, ${NO_CONFIGURATION_FIELDS}`,
    ),
    wrong(
      'a missing token of the source',
      { configuration: { url: 'https://old.example' }, entities: [ENTITY] },
      'configuration[access_token] is missing',
    ),
    wrong(
      'a URL of the source that is null',
      { configuration: { ...configuration, url: null }, entities: [ENTITY] },
      'configuration[url] is missing',
    ),
    wrong(
      'a URL of the source that is a list',
      { configuration: { ...configuration, url: ['https://old.example'] }, entities: [ENTITY] },
      'configuration[url] is invalid',
    ),
    entity('a missing source type', { source_type: undefined }, 'entities[0][source_type] is missing'),
    entity(
      'an unknown source type',
      { source_type: 'user_entity' },
      'entities[0][source_type] does not have a valid value',
    ),
    entity(
      'a missing source path, with the rule for paths',
      { source_full_path: undefined },
      `entities[0][source_full_path] is missing, entities[0][source_full_path] ${SOURCE_PATH}`,
    ),
    entity(
      'a source path that is an object',
      { source_full_path: {} },
      'entities[0][source_full_path] is invalid',
    ),
    entity(
      'a missing namespace',
      { destination_namespace: undefined },
      'entities[0][destination_namespace] is missing',
    ),
    entity(
      'a namespace that is null',
      { destination_namespace: null },
      'entities[0][destination_namespace] is missing',
    ),
    entity('a missing slug', { destination_slug: undefined }, NO_NAME),
    entity('two names that are both null', { destination_slug: null, destination_name: null }, NO_NAME),
    entity('both names', { destination_name: 'acme' }, BOTH_NAMES),
    entity(
      'a wrong deprecated name',
      { destination_slug: undefined, destination_name: '-acme' },
      `entities[0][destination_name] ${SLUG}`,
    ),
    entity(
      'a flag that is no boolean',
      { migrate_projects: 'maybe' },
      'entities[0][migrate_projects] is invalid',
    ),
    entity(
      'a flag that is an object',
      { migrate_memberships: {} },
      'entities[0][migrate_memberships] is invalid',
    ),
    entity(
      'excluded relations that are no words',
      { excluded_relations: [1, {}] },
      'entities[0][excluded_relations] is invalid',
    ),
    entity(
      'an excluded relation that nobody knows',
      { excluded_relations: ['labels', 'epics'] },
      `entities[0][excluded_relations] has a value not allowed (allowed: ${OF_GROUPS})`,
    ),
    ...['group', 'subgroup_entities', 'project_export', 'constructor'].map(name =>
      entity(
        `the excluded relation ${name}, without which there is nothing, or which is none`,
        { excluded_relations: name },
        `entities[0][excluded_relations] has a value not allowed (allowed: ${OF_GROUPS})`,
      ),
    ),
    entity(
      'an excluded relation that the archive of a project carries',
      { source_type: 'project_entity', excluded_relations: ['labels'] },
      'entities[0][excluded_relations] has a value not allowed (allowed: members, project_attributes; the archive of a project comes as a whole)',
    ),
    entity(
      'an included relation that comes anyway',
      { included_relations: ['labels'] },
      'entities[0][included_relations] has a value not allowed (allowed: none)',
    ),
    wrong(
      'all problems at once, parameter by parameter and in each of them entity by entity',
      {
        configuration: { url: 'https://old.example' },
        entities: [
          { ...ENTITY, source_type: 'group', destination_slug: '.acme' },
          { source_full_path: 'acme', destination_slug: 'acme', migrate_projects: 'no idea' },
        ],
      },
      [
        'configuration[access_token] is missing',
        'entities[0][source_type] does not have a valid value',
        'entities[1][source_type] is missing',
        'entities[1][destination_namespace] is missing',
        `entities[0][destination_slug] ${SLUG}`,
        'entities[1][migrate_projects] is invalid',
      ].join(', '),
    ),
  ],
  'a source path is refused:': BAD_PATHS.map(source),
  'a destination namespace is refused:': [...BAD_PATHS, 'acme/platform.'].map(namespace),
  'a slug is refused:': [
    '',
    ' ',
    '-a',
    '_a',
    '.a',
    'a-',
    'a_',
    'a.',
    'a--b',
    'a._b',
    'a/b',
    'ä',
    'a.git',
    'a.atom',
  ].map(slug),
};
