import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { FALLBACK_HANDLER, matchRoutes, ROUTES } from '../../lambdas/api/routes.ts';
import { callApi } from '../support/service/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service/service.ts';

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
      name => !existsSync(new URL(`../../lambdas/api/endpoints/${name}.ts`, import.meta.url)),
    );

    expect(missing).toEqual([]);
  });
});

let service: TestService;
beforeAll(async () => {
  service = await startService();
});

it('a path outside of the API is 404, also without a token', async () => {
  const { status, body } = await callApi(service.local.url, 'GET', '/../../elsewhere', { token: null });

  expect([status, body]).toEqual([404, { error: '404 Not Found' }]);
});

it('gives every answer a request id and forbids to store it', async () => {
  const good = await service.api.call('GET', '/bulk_imports');
  const bad = await service.api.call('GET', '/bulk_imports/abc');

  for (const { headers } of [good, bad]) {
    expect(headers.get('x-request-id')).toMatch(/\S/);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-type')).toBe('application/json');
  }
  expect(good.headers.get('x-request-id')).not.toBe(bad.headers.get('x-request-id'));
});
