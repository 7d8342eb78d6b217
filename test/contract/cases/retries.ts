import { expect } from 'vitest';
import type { Case } from '../case.ts';

const configuration = { access_token: 'sample-source-owner-token' };

const retry = (it: string, of: string, more: Partial<Case> & Pick<Case, 'status'>): Case => ({
  it,
  send: `POST /bulk_imports/{${of}}/retry`,
  as: 'vera',
  json: { configuration },
  ...more,
});

const wrong = (it: string, json: unknown, error: string): Case =>
  retry(it, 'veras-faultless', { json, status: 400, body: { error } });

const refused = (
  it: string,
  of: string,
  status: 409 | 422,
  message: string,
  json: unknown = { configuration },
) => retry(it, of, { json, status, body: { message } });

const NO_LIST = 'is too long (maximum is 1000 elements)';

/** What has an import tried again. */
export const RETRIES: Record<string, Case[]> = {
  'a retry is refused when its parameters are wrong:': [
    wrong('nothing', {}, 'configuration is missing, configuration[access_token] is missing'),
    wrong(
      'no object',
      { configuration: 'x' },
      'configuration is invalid, configuration[access_token] is missing',
    ),
    wrong('another scope', { configuration, scope: 'none' }, 'scope does not have a valid value'),
    wrong('no list of entities', { configuration, entity_ids: 'x' }, 'entity_ids is invalid'),
    wrong('no entities', { configuration, entity_ids: [] }, 'entity_ids is empty'),
    wrong('no id of an entity', { configuration, entity_ids: ['x'] }, 'entity_ids is invalid'),
    wrong('an impossible id of an entity', { configuration, entity_ids: [0] }, 'entity_ids is invalid'),
    wrong(
      'too many entities',
      { configuration, entity_ids: Array.from({ length: 1001 }, (_, index) => index + 1) },
      `entity_ids ${NO_LIST}`,
    ),
    wrong(
      'an unknown relation',
      { configuration, relations: ['epics'] },
      'relations does not have a valid value',
    ),
    wrong(
      'several things',
      { scope: 1, relations: {} },
      'configuration is missing, configuration[access_token] is missing, scope does not have a valid value, relations is invalid',
    ),
    {
      ...wrong('a bad key', { configuration }, 'Idempotency-Key is invalid'),
      with: { 'idempotency-key': 'a b' },
    },
  ],
  'a retry does not find': [
    ...(['otto', 'admin'] as const).map(as =>
      retry(`an import of somebody else, also for ${as}`, 'veras-faultless', {
        as,
        status: 404,
        body: { message: '404 Not found' },
      }),
    ),
    retry('an entity of another import', 'veras-faultless', {
      json: { configuration, entity_ids: ['{group}'] },
      status: 404,
      body: { message: '404 Not found' },
    }),
    {
      it: 'an import that is not there',
      send: 'POST /bulk_imports/999/retry',
      json: { configuration },
      status: 404,
      body: { message: '404 Not found' },
    },
  ],
  'a retry is refused as a conflict': [
    refused(
      'while the import runs',
      'veras-started',
      409,
      'Import {veras-started} is running. Wait until it has ended, or cancel it.',
    ),
    refused(
      'when it was canceled',
      'veras-canceled',
      409,
      'Import {veras-canceled} was canceled, which is final. Start a new import.',
    ),
    refused(
      'when it never began',
      'veras-unbegun',
      409,
      'Import {veras-unbegun} never began, and nothing of it was migrated. Start a new import.',
    ),
  ],
  'a retry is refused by the source': [
    refused(
      'when the token is of no use',
      'veras-failed',
      422,
      'Check that the source instance base URL and the personal access token meet the necessary requirements.',
      { configuration: { access_token: 'sample-unknown-token' } },
    ),
    refused(
      'when it is another one',
      'veras-failed',
      422,
      'The source of this import is {source}. Start a new import from another one.',
      { configuration: { ...configuration, url: '{destination}' } },
    ),
    refused(
      'when another group is at the path of the one that was imported',
      'veras-other',
      422,
      "The source group 'acme' is not the one that was imported.",
    ),
  ],
  'a retry': [
    retry('is answered with the import as it is when there is nothing to be done', 'veras-faultless', {
      status: 200,
      body: expect.objectContaining({ status: 'finished', attempt: 1, has_failures: false }),
    }),
    retry('begins the import once more, as a form too', 'veras-failed', {
      json: undefined,
      form: [
        ['configuration[access_token]', 'sample-source-owner-token'],
        ['configuration[url]', '{source}/'],
        ['scope', 'failed'],
        ['relations[]', 'labels'],
        ['entity_ids[]', '{veras-failed-entity}'],
      ],
      with: { 'idempotency-key': 'veras-retry' },
      status: 201,
      body: expect.objectContaining({ status: 'created', attempt: 2, failure: null }),
    }),
  ],
};
