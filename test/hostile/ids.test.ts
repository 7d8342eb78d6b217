import { beforeAll, describe, expect, it } from 'vitest';
import { startService, type TestService } from '../support/service/service.ts';

let service: TestService;
let importId: number;
beforeAll(async () => {
  service = await startService();
  importId = await service.api.start([{}]);
});

const IDS = [
  '0x1',
  '1e0',
  '1.0',
  '+1',
  '1%20',
  '%201',
  '1%00',
  '1%0a',
  '١',
  '１',
  'NaN',
  '--1',
  '1,1',
  'null',
  '1;',
  "1'",
  '..%2f1',
];
const NOBODYS = [
  '0',
  '-1',
  '9007199254740992',
  '9007199254740993',
  '99999999999999999999',
  `${'9'.repeat(300)}`,
];

describe('an id in the path', () => {
  it.each(IDS)('that is %s is invalid', async id => {
    for (const path of [`/${id}`, `/${id}/entities`, `/${id}/entities/1`, `/${id}/entities/1/failures`]) {
      const { status, body } = await service.api.call('GET', `/bulk_imports${path}`);

      expect([path, status, body]).toEqual([path, 400, { error: 'import_id is invalid' }]);
    }
    const entity = await service.api.call('GET', `/bulk_imports/${importId}/entities/${id}`);
    expect([entity.status, entity.body]).toEqual([400, { error: 'entity_id is invalid' }]);
    expect((await service.api.call('POST', `/bulk_imports/${id}/cancel`)).status).toBe(400);
  });

  it.each(NOBODYS)('that is %s is nobody’s', async id => {
    for (const path of [`/${id}`, `/${id}/entities`, `/${importId}/entities/${id}`]) {
      expect([path, (await service.api.call('GET', `/bulk_imports${path}`)).status]).toEqual([path, 404]);
    }
    expect((await service.api.call('POST', `/bulk_imports/${id}/cancel`)).status).toBe(404);
  });

  it.each(['9'.repeat(309), '9'.repeat(4000)])('that is longer than a number can be is refused', async id => {
    expect((await service.api.call('GET', `/bulk_imports/${id}`)).status).toBe(400);
  });
});

it.each([
  'page=0',
  'page=-1',
  'page=1e3',
  'page=0x1',
  'page=1%20',
  'page=%00',
  'page[]=1',
  'page[a]=1',
  'page=a',
  `page=${'9'.repeat(400)}`,
  'per_page=0',
  'per_page=-1',
  'per_page=1.5',
  'per_page[]=1',
  'per_page=٣',
  'status=Created',
  'status=created%00',
  'status[]=created',
  'status=__proto__',
  'sort=DESC',
  'sort=desc;',
  'sort[asc]=1',
])('the list with ?%s is refused', async query => {
  expect((await service.api.call('GET', `/bulk_imports?${query}`)).status).toBe(400);
});

it.each([
  'page=9007199254740993',
  'page=99999999999999999999',
  'page=2147483648&per_page=100',
  'per_page=99999999999999999999',
  'page=1&page=2',
  '__proto__=1&constructor=2',
])('the list with ?%s is a list', async query => {
  const { status, body } = await service.api.call('GET', `/bulk_imports?${query}`);

  expect([status, Array.isArray(body)]).toEqual([200, true]);
});
