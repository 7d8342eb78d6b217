import { expect } from 'vitest';
import type { Case } from '../case.ts';
import { configuration, ENTITY, PROJECT } from './good-import.ts';

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const CREATED = {
  id: expect.any(Number),
  status: 'created',
  source_type: 'gitlab',
  source_url: '{source}',
  created_at: TIME,
  updated_at: TIME,
  attempt: 1,
  has_failures: false,
  failure: null,
  plan_id: null,
  verification: null,
};

const accepted = (it: string, request: Partial<Case>): Case => ({
  it,
  send: 'POST /bulk_imports',
  as: 'dora',
  ...request,
  status: 201,
  body: CREATED,
});

/** Changes of a good entity, `undefined` taking a field away. */
const entity = (it: string, changes: Record<string, unknown>) =>
  accepted(it, { json: { configuration, entities: [{ ...ENTITY, ...changes }] } });

/** Paths with a word that is reserved elsewhere, or with signs that are allowed. */
const GOOD_PATHS = ['a/b/c/d', 'Acme/Plat-form', '_a/.b', 'a--b/c__d', 'acme/admin', 'new', '1/2'];

/** The fields of a form with two entities. */
const fields = (
  nameOf: (index: number, field: string) => string,
  second = 'acme/second',
): [string, string][] => [
  ['configuration[url]', '{source}'],
  ['configuration[access_token]', 'sample-source-owner-token'],
  ...['acme', second].flatMap((source_full_path, index) =>
    Object.entries({
      ...ENTITY,
      source_full_path,
      destination_slug: `form-${index}`,
      migrate_memberships: '0',
    }).map(([field, value]): [string, string] => [nameOf(index, field), value]),
  ),
];
const appended = (_: number, field: string) => `entities[][${field}]`;
const indexed = (index: number, field: string) => `entities[${index}][${field}]`;

/** A request whose parameters are all right, as the source is asked for what it does not have. */
const readable = (it: string, changes: Record<string, unknown>): Case => ({
  it,
  send: 'POST /bulk_imports',
  json: { configuration, entities: [{ ...ENTITY, source_full_path: 'nobody', ...changes }] },
  status: 422,
  body: { message: "Import failed. 'nobody' not found." },
});

/** A form of which both entities are read, as the source does not have the second. */
const readableForm = (it: string, request: Partial<Case>): Case => ({
  it,
  send: 'POST /bulk_imports',
  ...request,
  status: 422,
  body: { message: "Import failed. 'acme/second' not found." },
});

/** What a POST is accepted with. */
export const IMPORTS: Record<string, Case[]> = {
  'a new import is accepted': [
    entity('with the slug', { destination_slug: 'by-slug' }),
    entity('with the deprecated name alone', { destination_slug: undefined, destination_name: 'by-name' }),
    entity('at the top level', { destination_slug: 'top-level', destination_namespace: '' }),
    entity('with flags', { destination_slug: 'flags', migrate_projects: true, migrate_memberships: false }),
    entity('with excluded relations', {
      destination_slug: 'excluded',
      excluded_relations: ['labels', 'boards'],
    }),
    entity('of a project', { ...PROJECT, destination_slug: 'app' }),
    accepted('as JSON without a content type', {
      untyped: { configuration, entities: [{ ...ENTITY, destination_slug: 'untyped' }] },
    }),
    accepted('as a form', { form: fields(appended, 'acme') }),
  ],
  'a new import is understood': [
    readable('with a name that is null beside the slug', { destination_name: null }),
    readable('with a slug that is a number', { destination_slug: 42 }),
    readable('with flags that are texts', { migrate_projects: 'true', migrate_memberships: 'FALSE' }),
    readable('with flags that are numbers', { migrate_projects: 1, migrate_memberships: 0 }),
    readable('with flags that are null', { migrate_projects: null, migrate_memberships: null }),
    readable('with excluded relations as one text', { excluded_relations: ' labels, boards,' }),
    readable('with excluded relations that are null, or empty', {
      excluded_relations: null,
      included_relations: '',
    }),
    readable('with fields that nobody knows', { colour: 'green', constructor: 1 }),
    ...['0', 'Acme', 'a.b', 'a-1.b_2', 'a.gitlab'].map(slug =>
      readable(`with the slug ${slug}`, { destination_slug: slug }),
    ),
    ...['', ' ', ...GOOD_PATHS].map(path =>
      readable(`with the namespace '${path}'`, { destination_namespace: path }),
    ),
    ...[...GOOD_PATHS, 'acme/platform.'].map(
      (path): Case => ({
        ...readable(`with the source path ${path}`, { source_full_path: path }),
        body: { message: `Import failed. '${path}' not found.` },
      }),
    ),
    {
      ...readable('with spaces around the URL and the token of the source', {}),
      json: {
        configuration: { url: ' {source} ', access_token: ` ${configuration.access_token}\n` },
        entities: [{ ...ENTITY, source_full_path: 'nobody' }],
      },
    },
    readableForm('as a form with appended elements', { form: fields(appended) }),
    readableForm('as a form with indexed elements', { form: fields(indexed) }),
    readableForm('as a multipart form with appended elements', { form: fields(appended), multipart: true }),
    readableForm('as a multipart form with indexed elements', { form: fields(indexed), multipart: true }),
  ],
};
