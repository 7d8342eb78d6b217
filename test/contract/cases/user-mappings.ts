import { expect } from 'vitest';
import type { Case } from '../case.ts';
import { configuration, ENTITY } from './good-import.ts';

const HEADER = 'Source host,Import type,Source user identifier,GitLab username,GitLab public email';
const FILE = `${HEADER}\nhttps://old.example.com,gitlab_migration,7,ada,\nhttps://old.example.com,gitlab_migration,8,,\n`;
const FULL_HEADER =
  'Source host,Import type,Source user identifier,Source user name,Source username,GitLab username,GitLab public email,Keep as placeholder';

const send = (it: string, request: Partial<Case>): Case => ({
  it,
  send: 'POST /bulk_imports/user_mappings',
  as: 'dora',
  status: 400,
  ...request,
});
const users = (it: string, json: Record<string, unknown>, error: string): Case =>
  send(it, { json, body: { error } });
const host = { source_hostname: 'old.example.com' };

/** User mappings, and what is answered to those that are none. */
export const USER_MAPPINGS: Record<string, Case[]> = {
  'a user mapping': [
    send('is taken as a file', {
      ...{ as: 'lena', status: 201, form: { file: FILE }, multipart: true },
      body: {
        id: expect.any(Number),
        source_hostname: 'old.example.com',
        rows: 2,
        assigned: 1,
        nobody: 0,
        empty: 1,
        created_at: expect.stringMatching(/Z$/),
      },
    }),
    send('is taken as JSON', {
      status: 201,
      json: {
        ...host,
        users: [
          { source_user_id: 7, username: 'ada' },
          { source_user_id: '8', email: 'ben@new.example' },
          { source_user_id: 9, skip: true },
        ],
      },
      body: expect.objectContaining({ rows: 3, assigned: 2, nobody: 1, empty: 0 }),
    }),
    {
      it: 'is shown as a file',
      send: 'GET /bulk_imports/user_mappings/{mapping}',
      status: 200,
      body: `${FULL_HEADER}\r\nold.example.com,gitlab_migration,7,'=Ada,ada,ada-there,,\r\nold.example.com,gitlab_migration,8,,,,,yes\r\n`,
      headers: {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': 'attachment; filename="user-mapping-{mapping}.csv"',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      },
    },
    ...(['otto', 'admin'] as const).map(
      (as): Case => ({
        it: `of somebody else is not there for ${as}`,
        send: 'GET /bulk_imports/user_mappings/{mapping}',
        as,
        status: 404,
        body: { message: '404 Not found' },
      }),
    ),
    ...['999', '0', '99999999999999999999'].map(
      (id): Case => ({
        it: `with the id ${id} is not there`,
        send: `GET /bulk_imports/user_mappings/${id}`,
        status: 404,
        body: { message: '404 Not found' },
      }),
    ),
    {
      it: 'has an id that is a number',
      send: 'GET /bulk_imports/user_mappings/abc',
      status: 400,
      body: { error: 'mapping_id is invalid' },
    },
  ],
  'the users of a plan': [
    {
      it: 'are a user mapping, those first who have no counterpart',
      send: 'GET /bulk_imports/plans/{planned}/users',
      status: 200,
      body: `${FULL_HEADER.replace(',Keep as placeholder', '')}\r\nhttps://old.example,gitlab_migration,9,Ben,ben,,\r\nhttps://old.example,gitlab_migration,7,'=Ada,ada,,ada@new.example\r\n`,
      headers: {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': 'attachment; filename="plan-{planned}-users.csv"',
      },
    },
    {
      it: 'are asked for by a number',
      send: 'GET /bulk_imports/plans/abc/users',
      status: 400,
      body: { error: 'plan_id is invalid' },
    },
    ...['/plans/999/users', '/plans/{finished}/users', '/plans/{carlas-plan}/users'].map(
      (path): Case => ({
        it: `are not there at ${path}`,
        send: `GET /bulk_imports${path}`,
        status: 404,
        body: { message: '404 Not found' },
      }),
    ),
  ],
  'a user mapping is refused': [
    send('without anything', { json: {}, body: { error: 'file is missing' } }),
    send('with a file that is none', { json: { file: 7 }, body: { error: 'file is invalid' } }),
    send('with another type', {
      ...{ text: FILE, with: { 'content-type': 'text/csv' }, status: 415 },
      body: { error: "The provided content-type 'text/csv' is not supported." },
    }),
    send('as a file and as users', {
      json: { ...host, file: FILE, users: [] },
      body: { error: 'file, users are mutually exclusive' },
    }),
    send('with a file that says nothing', {
      ...{ form: { file: 'name;email\n' }, multipart: true, status: 422 },
      body: { message: expect.stringMatching(/^The provided CSV was not correctly formatted\. /) },
    }),
    send('with two users who would become one', {
      status: 422,
      json: {
        ...host,
        users: [
          { source_user_id: 7, username: 'ada' },
          { source_user_id: 8, username: 'ADA' },
        ],
      },
      body: { message: 'The provided spreadsheet contains duplicate email addresses or usernames.' },
    }),
    users('without a host', { users: [{ source_user_id: 7, skip: true }] }, 'source_hostname is missing'),
    users('without users', { ...host, users: [] }, 'users is empty'),
    users('with users that are none', { ...host, users: ['ada'] }, 'users is invalid'),
    users(
      'with a user of whom nothing is said',
      { ...host, users: [{ source_user_id: 7 }] },
      'users[0][username], users[0][email], users[0][skip] are missing, exactly one parameter must be provided',
    ),
    users(
      'with a user of whom two things are said',
      { ...host, users: [{ source_user_id: 7, username: 'ada', skip: true }] },
      'users[0][username], users[0][email], users[0][skip] are mutually exclusive',
    ),
    users(
      'with the same user twice, and what else is wrong',
      {
        ...host,
        users: [
          { source_user_id: 7, username: '@ada' },
          { source_user_id: 7, email: 'ada' },
          { source_user_id: 0, skip: true },
        ],
      },
      'users[0][username] is invalid, users[1][email] is invalid, users[2][source_user_id] does not have a valid value, users[1][source_user_id] is the same as users[0]',
    ),
  ],
  'an import with a user mapping': [
    {
      it: 'is accepted for its source',
      send: 'POST /bulk_imports',
      as: 'dora',
      json: {
        configuration,
        user_mapping_id: '{doras-mapping}',
        entities: [{ ...ENTITY, destination_slug: 'mapped' }],
      },
      status: 201,
    },
    ...[
      ['of somebody else', '{mapping}'],
      ['that does not exist', 999],
    ].map(
      ([what, id]): Case => ({
        it: `${what} is refused`,
        send: 'POST /bulk_imports',
        as: 'dora',
        json: { configuration, user_mapping_id: id, entities: [ENTITY] },
        status: 404,
        body: { message: '404 Not found' },
      }),
    ),
    {
      it: 'of another source is refused',
      send: 'POST /bulk_imports',
      json: { configuration, user_mapping_id: '{mapping}', entities: [ENTITY] },
      status: 422,
      body: {
        message: expect.stringContaining("is for the users of 'old.example.com', and the source is '"),
      },
    },
    {
      it: 'whose id is no number is refused',
      send: 'POST /bulk_imports',
      json: { configuration, user_mapping_id: 'x', entities: [ENTITY] },
      status: 400,
      body: { error: 'user_mapping_id is invalid' },
    },
    {
      it: 'that is empty is none',
      send: 'POST /bulk_imports',
      json: { configuration, user_mapping_id: '', entities: [{ ...ENTITY, source_full_path: 'nobody' }] },
      status: 422,
      body: { message: "Import failed. 'nobody' not found." },
    },
  ],
};
