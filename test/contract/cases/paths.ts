import { expect } from 'vitest';
import type { Case } from '../case.ts';

const MISSING_RECORD = { message: '404 Not found' };
const HUGE = '99999999999999999999';

const unknown = (send: string, as: Case['as'] = 'lena'): Case => ({
  it: send,
  send,
  as,
  status: 404,
  body: { error: '404 Not Found' },
});
const missing = (path: string): Case => ({
  it: `GET ${path} is 404 "Not found"`,
  send: `GET ${path}`,
  status: 404,
  body: MISSING_RECORD,
});
const badId = (send: string, error: string): Case => ({ it: send, send, status: 400, body: { error } });
const notAllowed = (send: string, allow: string): Case => ({
  it: send,
  send,
  status: 405,
  body: { error: '405 Not Allowed' },
  headers: { allow },
});
const methods = (path: string, allow: string): Case => ({
  it: `OPTIONS ${path} tells the methods`,
  send: `OPTIONS ${path}`,
  status: 204,
  headers: { allow },
});

/** Paths, ids and methods. */
export const PATHS: Record<string, Case[]> = {
  'an unknown path is 404 with an error:': [
    unknown('GET /bulk_imports/{created}/unknown'),
    unknown('POST /bulk_imports/{created}/entities/2/retry'),
    unknown('GET /bulk_import'),
    unknown('GET /groups'),
    unknown('OPTIONS /nothing'),
    unknown('GET /nothing', 'none'),
  ],
  'a record that does not exist:': [
    ...['/999', '/0', '/-1', `/${HUGE}`].map(path => missing(`/bulk_imports${path}`)),
    missing('/bulk_imports/999/entities'),
    missing('/bulk_imports/999/entities/1'),
    missing('/bulk_imports/{created}/entities/999'),
    missing(`/bulk_imports/{created}/entities/${HUGE}`),
    missing('/bulk_imports/{created}/entities/999/failures'),
    missing('/bulk_imports/{created}/entities/999/audit_events'),
    missing(`/bulk_imports/${HUGE}/entities/1/failures`),
    missing('/bulk_imports/{created}/entities/{group}'),
    ...['999', HUGE].map(
      (id): Case => ({
        it: `POST /bulk_imports/${id}/cancel is 404 "Not Found"`,
        send: `POST /bulk_imports/${id}/cancel`,
        status: 404,
        body: { message: '404 Not Found' },
      }),
    ),
  ],
  'an id that is no whole number is 400:': [
    badId('GET /bulk_imports/abc', 'import_id is invalid'),
    badId('GET /bulk_imports/1.5', 'import_id is invalid'),
    badId('GET /bulk_imports/1e3', 'import_id is invalid'),
    badId('GET /bulk_imports/abc/entities', 'import_id is invalid'),
    badId('GET /bulk_imports/{created}/entities/abc', 'entity_id is invalid'),
    badId('GET /bulk_imports/abc/entities/1', 'import_id is invalid'),
    badId('GET /bulk_imports/abc/entities/def', 'import_id is invalid, entity_id is invalid'),
    badId('GET /bulk_imports/{created}/entities/1x/failures', 'entity_id is invalid'),
    badId('GET /bulk_imports/{created}/entities/1x/audit_events', 'entity_id is invalid'),
    badId('POST /bulk_imports/abc/cancel', 'import_id is invalid'),
    {
      ...badId('POST /bulk_imports/abc/retry', 'import_id is invalid'),
      json: { configuration: { access_token: 'x' } },
    },
  ],
  'a method that a path does not have is 405 with Allow:': [
    notAllowed('PUT /bulk_imports', 'OPTIONS, POST, GET, HEAD'),
    notAllowed('DELETE /bulk_imports/1', 'OPTIONS, GET, HEAD'),
    notAllowed('POST /bulk_imports/entities', 'OPTIONS, GET, HEAD'),
    notAllowed('PATCH /bulk_imports/1/entities', 'OPTIONS, GET, HEAD'),
    notAllowed('GET /bulk_imports/1/cancel', 'OPTIONS, POST'),
    notAllowed('GET /bulk_imports/1/retry', 'OPTIONS, POST'),
    notAllowed('POST /bulk_imports/openapi.json', 'OPTIONS, GET, HEAD'),
  ],
  'a question about a path:': [
    methods('/bulk_imports', 'OPTIONS, POST, GET, HEAD'),
    methods('/bulk_imports/1/cancel', 'OPTIONS, POST'),
    {
      it: 'the description of the API is given without a token',
      send: 'GET /bulk_imports/openapi.json',
      as: 'none',
      status: 200,
      body: expect.objectContaining({ openapi: '3.1.0' }),
    },
    {
      it: 'HEAD is answered as GET, without the body',
      send: 'HEAD /bulk_imports?per_page=2',
      status: 200,
      body: '',
      headers: { 'x-total': '6', 'content-type': 'application/json', 'cache-control': 'no-store' },
    },
  ],
};
