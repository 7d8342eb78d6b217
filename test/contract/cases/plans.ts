import { expect } from 'vitest';
import type { Case } from '../case.ts';
import { configuration, ENTITY } from './good-import.ts';

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const UNENDED = {
  id: expect.any(Number),
  status: 'created',
  source_type: 'gitlab',
  source_url: '{source}',
  entities_count: 1,
  has_blockers: false,
  failure: null,
  created_at: TIME,
  updated_at: TIME,
  expires_at: TIME,
  changes: null,
  destination_writes: null,
  seconds: null,
  emails: null,
  users: null,
  archives: null,
  not_migrated: null,
};

const planned = '/bulk_imports/plans/{planned}';

const posted = (it: string, changes: Record<string, unknown>, body: unknown): Case => ({
  it,
  send: 'POST /bulk_imports/plans',
  as: 'dora',
  json: { configuration, entities: [{ ...ENTITY, destination_slug: 'planned', ...changes }] },
  status: 201,
  body,
});

const missing = (it: string, send: string, as: Case['as'] = 'lena'): Case => ({
  it,
  send,
  as,
  status: 404,
  body: { message: send.endsWith('/cancel') ? '404 Not Found' : '404 Not found' },
});

const wrong = (send: string, error: string, json?: unknown): Case => ({
  it: `${send} is 400`,
  send,
  ...(json !== undefined && { json }),
  status: 400,
  body: { error },
});

/** Plans: how they are asked for and shown, and that they are no imports. */
export const PLANS: Record<string, Case[]> = {
  'a plan is accepted': [
    posted('as an import is', {}, UNENDED),
    // What is wrong with one of them is told of it.
    posted(
      'with a group that the source does not have',
      { source_full_path: 'nobody' },
      {
        ...UNENDED,
        has_blockers: false,
      },
    ),
    posted('with a destination that is taken', { destination_slug: 'taken' }, UNENDED),
  ],
  'a plan is refused': [
    {
      ...posted('when the token of the source is unknown', {}, undefined),
      json: { configuration: { ...configuration, access_token: 'sample-unknown-token' }, entities: [ENTITY] },
      status: 422,
      body: {
        message:
          'Check that the source instance base URL and the personal access token meet the necessary requirements.',
      },
    },
    wrong('POST /bulk_imports/plans', 'entities is empty', { configuration, entities: [] }),
    ...['', '/{planned}/cancel'].map(
      (path): Case => ({
        it: `of another type: ${path}`,
        send: `POST /bulk_imports/plans${path}`,
        text: 'hello',
        with: { 'content-type': 'text/plain' },
        status: 415,
        body: { error: "The provided content-type 'text/plain' is not supported." },
      }),
    ),
    wrong('GET /bulk_imports/plans?per_page=x', 'per_page is invalid'),
    wrong('GET /bulk_imports/plans/abc', 'plan_id is invalid'),
    wrong('GET /bulk_imports/plans/abc/entities', 'plan_id is invalid'),
    wrong('GET /bulk_imports/plans/abc/entities/x/failures', 'plan_id is invalid, entity_id is invalid'),
    wrong('POST /bulk_imports/plans/abc/cancel', 'plan_id is invalid'),
  ],
  'a plan is shown': [
    {
      it: 'with what it has come to',
      send: `GET ${planned}`,
      status: 200,
      body: {
        ...UNENDED,
        source_url: 'https://old.example',
        status: 'finished',
        has_blockers: true,
        changes: { create: 2, update: 0, unchanged: 0, skip: 0, blocked: 1, unknown: 0 },
        destination_writes: 2,
        seconds: 2,
        emails: 0,
        users: { mapped: 0, matched: 2, unmatched: 1 },
        archives: { projects: 3, unknown: 1, size: 5_000 },
        not_migrated: [{ relation: 'hooks', source: 4 }],
      },
    },
    {
      it: 'in the list of plans',
      send: 'GET /bulk_imports/plans',
      status: 200,
      lists: ['planning', 'planned'],
    },
    {
      it: 'in the list of those that run',
      send: 'GET /bulk_imports/plans?status=started',
      status: 200,
      lists: ['planning'],
    },
    {
      it: 'with its groups, and what would become of each',
      send: `GET ${planned}/entities`,
      status: 200,
      body: [
        expect.objectContaining({
          source_full_path: 'acme',
          destination_full_path: null,
          has_failures: true,
          archive_size: null,
          archive_note: null,
          changes: { labels: { create: 2, update: 0, unchanged: 0, skip: 0, blocked: 1, unknown: 0 } },
        }),
      ],
    },
    {
      it: 'with what stands against its records',
      send: `GET ${planned}/entities/{planned-group}/failures`,
      status: 200,
      body: [expect.objectContaining({ relation: 'labels', exception_message: 'The label was refused.' })],
    },
  ],
  'a plan is no import:': [
    missing('by its own path', 'GET /bulk_imports/{planned}'),
    missing('by its entities', 'GET /bulk_imports/{planned}/entities'),
    missing('by one of them', 'GET /bulk_imports/{planned}/entities/{planned-group}'),
    missing('by its failures', 'GET /bulk_imports/{planned}/entities/{planned-group}/failures'),
    missing('by its cancel', 'POST /bulk_imports/{planning}/cancel'),
    missing('the other way round', 'GET /bulk_imports/plans/{started}'),
    missing('nor by its entities', 'GET /bulk_imports/plans/{started}/entities'),
    missing('nor by its cancel', 'POST /bulk_imports/plans/{started}/cancel'),
    missing('nor by failures', 'GET /bulk_imports/plans/{finished}/entities/{group}/failures'),
    {
      it: 'it is in no list of imports',
      send: 'GET /bulk_imports',
      status: 200,
      lists: ['canceled', 'failed', 'timeout', 'finished', 'started', 'created'],
    },
  ],
  'an import is not bound to a plan': [
    ...(['{carlas-plan}', '{finished}', 999_999] as const).map(
      (plan_id): Case => ({
        it: `that does not exist for its caller: ${plan_id}`,
        send: 'POST /bulk_imports',
        json: { configuration, entities: [ENTITY], plan_id },
        status: 404,
        body: { message: '404 Not found' },
      }),
    ),
    {
      it: 'of another request',
      send: 'POST /bulk_imports',
      json: { configuration, entities: [ENTITY], plan_id: '{planned}' },
      status: 422,
      body: { message: 'The plan is for another request.' },
    },
    wrong('POST /bulk_imports', 'plan_id is invalid', { configuration, entities: [ENTITY], plan_id: 'last' }),
  ],
  "somebody else's plan": [
    ...(['otto', 'admin'] as const).flatMap(as => [
      missing(`does not exist for ${as}`, `GET ${planned}`, as),
      missing(`has no entities for ${as}`, `GET ${planned}/entities`, as),
    ]),
    {
      it: 'cannot be canceled',
      send: 'POST /bulk_imports/plans/{carlas-plan}/cancel',
      as: 'otto',
      status: 403,
      body: { message: '403 Forbidden' },
    },
    {
      it: 'can be canceled by its owner',
      send: 'POST /bulk_imports/plans/{carlas-plan}/cancel',
      as: 'carla',
      status: 200,
      body: expect.objectContaining({ status: 'canceled', changes: null }),
    },
  ],
};
