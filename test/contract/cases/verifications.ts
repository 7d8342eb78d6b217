import { expect } from 'vitest';
import type { Case } from '../case.ts';
import { configuration, ENTITY } from './good-import.ts';

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const FOUND = { matched: 8, different: 1, missing: 1, new_at_source: 2, skipped: 0, unverified: 0 };
const verification = '/bulk_imports/{finished}/verification';

const refused = (it: string, send: string, status: number, body: unknown, json?: unknown): Case => ({
  it,
  send,
  ...(json !== undefined && { json }),
  status,
  body,
});

/** Verifications of imports: how they are asked for and shown. */
export const VERIFICATIONS: Record<string, Case[]> = {
  'a verification is accepted': [
    {
      it: 'of an import that has ended',
      send: 'POST /bulk_imports/{rosas}/verify',
      as: 'rosa',
      json: { configuration: { access_token: configuration.access_token } },
      status: 201,
      body: {
        id: expect.any(Number),
        bulk_import_id: '{rosas}',
        status: 'created',
        failure: null,
        created_at: TIME,
        updated_at: TIME,
        accuracy: null,
        matched: null,
        different: null,
        missing: null,
        new_at_source: null,
        skipped: null,
        unverified: null,
      },
    },
  ],
  'a verification that follows an import': [
    ...['plans', '{rosas}/retry', ''].map(
      (path): Case => ({
        it: `is asked for with a word that is no boolean: ${path}`,
        send: `POST /bulk_imports/${path}`.replace(/\/$/, ''),
        as: 'rosa',
        json: { configuration, entities: [ENTITY], verify: 'x' },
        status: 400,
        body: { error: 'verify is invalid' },
      }),
    ),
    {
      it: 'is not asked for by nothing',
      send: 'POST /bulk_imports',
      json: { configuration, verify: '', entities: [{ ...ENTITY, source_full_path: 'nobody' }] },
      status: 422,
      body: { message: "Import failed. 'nobody' not found." },
    },
  ],
  'a verification is refused': [
    refused(
      'without a token',
      'POST /bulk_imports/{finished}/verify',
      400,
      { error: 'configuration is missing, configuration[access_token] is missing' },
      {},
    ),
    refused(
      'of an import that runs',
      'POST /bulk_imports/{started}/verify',
      409,
      { message: expect.stringMatching(/^Import \d+ is running\. Wait until it has ended, or cancel it\.$/) },
      { configuration },
    ),
    refused(
      'of an import that was canceled',
      'POST /bulk_imports/{canceled}/verify',
      409,
      { message: expect.stringMatching(/^Import \d+ was canceled/) },
      { configuration },
    ),
    refused(
      'of what is no import',
      'POST /bulk_imports/{planned}/verify',
      404,
      { message: '404 Not found' },
      { configuration },
    ),
    {
      ...refused(
        'when the token of the source is unknown',
        'POST /bulk_imports/{rosas}/verify',
        422,
        {
          message:
            'Check that the source instance base URL and the personal access token meet the necessary requirements.',
        },
        { configuration: { access_token: 'sample-unknown-token' } },
      ),
      as: 'rosa',
    },
    {
      it: 'of another type',
      send: 'POST /bulk_imports/{finished}/verify',
      text: 'hello',
      with: { 'content-type': 'text/plain' },
      status: 415,
    },
  ],
  'a verification is shown': [
    {
      it: 'with what it has found',
      send: `GET ${verification}`,
      status: 200,
      body: {
        id: '{verified}',
        bulk_import_id: '{finished}',
        status: 'finished',
        failure: null,
        created_at: TIME,
        updated_at: TIME,
        accuracy: 0.8,
        ...FOUND,
      },
    },
    {
      it: 'with its groups, under the ids of the import',
      send: `GET ${verification}/entities`,
      status: 200,
      lists: ['group'],
      body: [expect.objectContaining({ source_full_path: 'acme', verified: { labels: FOUND } })],
    },
    {
      it: 'with the records that are missing or different',
      send: `GET ${verification}/entities/{group}/failures`,
      status: 200,
      body: [expect.objectContaining({ relation: 'labels' })],
    },
  ],
  'a verification is not there': [
    ...['', '/entities', '/entities/1/failures'].flatMap((path): Case[] => [
      refused(`before there is one: ${path}`, `GET /bulk_imports/{created}/verification${path}`, 404, {
        message: '404 Not found',
      }),
      {
        ...refused(`for others: ${path}`, `GET ${verification}${path}`, 404, { message: '404 Not found' }),
        as: 'otto',
      },
    ]),
    refused('under what is no id', 'GET /bulk_imports/abc/verification', 400, {
      error: 'import_id is invalid',
    }),
    refused('with entities, neither', 'GET /bulk_imports/abc/verification/entities', 400, {
      error: 'import_id is invalid',
    }),
    refused('nor failures', 'GET /bulk_imports/abc/verification/entities/x/failures', 400, {
      error: 'import_id is invalid, entity_id is invalid',
    }),
    refused('as an import', 'GET /bulk_imports/{verified}', 404, { message: '404 Not found' }),
  ],
};
