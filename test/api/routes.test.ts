import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { FALLBACK_HANDLER, matchRoutes, ROUTES } from '../../lambdas/api/routes.ts';
import { callApi } from '../support/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service.ts';
import { storeImport } from '../support/stored-records.ts';

const BASE = '/api/v4/bulk_imports';

describe('matchRoutes', () => {
  it.each<[string, [string, Record<string, string>][]]>([
    [
      BASE,
      [
        ['create-import', {}],
        ['list-imports', {}],
      ],
    ],
    [
      `${BASE}/`,
      [
        ['create-import', {}],
        ['list-imports', {}],
      ],
    ],
    [`${BASE}/entities`, [['list-user-entities', {}]]],
    [`${BASE}/openapi.json`, [['get-openapi', {}]]],
    [`${BASE}/7`, [['get-import', { import_id: '7' }]]],
    [`${BASE}/7/entities`, [['list-entities', { import_id: '7' }]]],
    [`${BASE}/entities/entities`, [['list-entities', { import_id: 'entities' }]]],
    [`${BASE}/7/entities/8`, [['get-entity', { import_id: '7', entity_id: '8' }]]],
    [`${BASE}/7/entities/8/failures`, [['list-failures', { import_id: '7', entity_id: '8' }]]],
    [`${BASE}/7/cancel`, [['cancel-import', { import_id: '7' }]]],
    [`${BASE}/7/delete`, []],
    [`${BASE}//entities`, []],
    ['/api/v4', []],
    ['/', []],
  ])('finds the handlers of %s', (path, handlers) => {
    const found = matchRoutes(path).map(({ route, parameters }) => [route.handler, parameters]);

    expect(found).toEqual(handlers);
  });

  it('names only handlers that have a file', () => {
    const names = [...ROUTES.map(({ handler }) => handler), FALLBACK_HANDLER];

    const missing = names.filter(
      name => !existsSync(new URL(`../../lambdas/api/${name}.ts`, import.meta.url)),
    );

    expect(missing).toEqual([]);
  });
});

let service: TestService;
let importId: number;
beforeAll(async () => {
  service = await startService();
  const dora = service.destination.group('imported')?.members[0]?.userId ?? 0;
  importId = (await storeImport(dora)).id;
});

/** `IMPORT` in a path stands for an import that exists. */
function call(method: string, path: string) {
  return service.api.call(method, path.replace('IMPORT', String(importId)));
}

describe('an unknown path', () => {
  it.each([
    ['GET', '/bulk_imports/IMPORT/unknown'],
    ['POST', '/bulk_imports/IMPORT/entities/2/retry'],
    ['GET', '/bulk_import'],
    ['GET', '/groups'],
    ['OPTIONS', '/nothing'],
  ])('%s %s is 404 with an error', async (method, path) => {
    const { status, body } = await call(method, path);

    expect(status).toBe(404);
    expect(body).toEqual({ error: '404 Not Found' });
  });

  it('is 404 also outside of the API and without a token', async () => {
    const { status, body } = await callApi(service.local.url, 'GET', '/../../elsewhere', { token: null });

    expect([status, body]).toEqual([404, { error: '404 Not Found' }]);
  });
});

describe('a record that does not exist', () => {
  it.each([
    '/bulk_imports/999',
    '/bulk_imports/0',
    '/bulk_imports/-1',
    '/bulk_imports/99999999999999999999',
    '/bulk_imports/999/entities',
    '/bulk_imports/999/entities/1',
    '/bulk_imports/IMPORT/entities/999',
    '/bulk_imports/IMPORT/entities/99999999999999999999',
    '/bulk_imports/IMPORT/entities/999/failures',
    '/bulk_imports/99999999999999999999/entities/1/failures',
  ])('is 404 "Not found" for GET %s', async path => {
    const { status, body } = await call('GET', path);

    expect(status).toBe(404);
    expect(body).toEqual({ message: '404 Not found' });
  });

  it.each(['/bulk_imports/999/cancel', '/bulk_imports/99999999999999999999/cancel'])(
    'is 404 "Not Found" for POST %s',
    async path => {
      const { status, body } = await call('POST', path);

      expect(status).toBe(404);
      expect(body).toEqual({ message: '404 Not Found' });
    },
  );
});

describe('an id that is no whole number is 400', () => {
  it.each([
    ['GET', '/bulk_imports/abc', 'import_id is invalid'],
    ['GET', '/bulk_imports/1.5', 'import_id is invalid'],
    ['GET', '/bulk_imports/1e3', 'import_id is invalid'],
    ['GET', '/bulk_imports/abc/entities', 'import_id is invalid'],
    ['GET', '/bulk_imports/IMPORT/entities/abc', 'entity_id is invalid'],
    ['GET', '/bulk_imports/abc/entities/1', 'import_id is invalid'],
    ['GET', '/bulk_imports/abc/entities/def', 'import_id is invalid, entity_id is invalid'],
    ['GET', '/bulk_imports/IMPORT/entities/1x/failures', 'entity_id is invalid'],
    ['POST', '/bulk_imports/abc/cancel', 'import_id is invalid'],
    [
      'GET',
      '/bulk_imports/abc/entities/def/failures?per_page=0',
      'import_id is invalid, entity_id is invalid, per_page has a value not allowed',
    ],
    [
      'GET',
      '/bulk_imports/abc/entities?status=new&page=0',
      'import_id is invalid, page does not have a valid value, status does not have a valid value',
    ],
  ])('%s %s', async (method, path, error) => {
    const { status, body } = await call(method, path);

    expect(status).toBe(400);
    expect(body).toEqual({ error });
  });
});

describe('a method that a path does not have', () => {
  it.each([
    ['PUT', '/bulk_imports', 'OPTIONS, POST, GET, HEAD'],
    ['DELETE', '/bulk_imports/1', 'OPTIONS, GET, HEAD'],
    ['POST', '/bulk_imports/entities', 'OPTIONS, GET, HEAD'],
    ['PATCH', '/bulk_imports/1/entities', 'OPTIONS, GET, HEAD'],
    ['GET', '/bulk_imports/1/cancel', 'OPTIONS, POST'],
  ])('%s %s is 405 with Allow', async (method, path, allow) => {
    const { status, headers, body } = await call(method, path);

    expect(status).toBe(405);
    expect(headers.get('allow')).toBe(allow);
    expect(body).toEqual({ error: '405 Not Allowed' });
  });

  it.each([
    ['/bulk_imports', 'OPTIONS, POST, GET, HEAD'],
    ['/bulk_imports/1/cancel', 'OPTIONS, POST'],
  ])('OPTIONS %s tells the methods', async (path, allow) => {
    const { status, headers, body } = await call('OPTIONS', path);

    expect([status, headers.get('allow'), body]).toEqual([204, allow, '']);
  });
});

it('answers HEAD as GET without the body', async () => {
  const head = await call('HEAD', '/bulk_imports');
  const get = await call('GET', '/bulk_imports');

  expect([head.status, head.body]).toEqual([200, '']);
  expect(head.headers.get('x-total')).toBe(get.headers.get('x-total'));
});

it('gives every answer a request id and forbids to store it', async () => {
  const good = await call('GET', '/bulk_imports');
  const bad = await call('GET', '/bulk_imports/abc');

  for (const { headers } of [good, bad]) {
    expect(headers.get('x-request-id')).toMatch(/\S/);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-type')).toBe('application/json');
  }
  expect(good.headers.get('x-request-id')).not.toBe(bad.headers.get('x-request-id'));
});
