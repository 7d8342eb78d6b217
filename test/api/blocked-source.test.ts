import { beforeAll, expect, it } from 'vitest';
import { startService, type TestService } from '../support/service.ts';
import { scanTable } from '../support/stored-records.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService({ allowPrivateNetworks: false });
});

it.each([
  ['https://127.0.0.1', 'Requests to localhost are not allowed'],
  ['https://[::1]', 'Requests to localhost are not allowed'],
  ['https://[::ffff:127.0.0.1]', 'Requests to localhost are not allowed'],
  ['https://2130706433', 'Requests to localhost are not allowed'],
  ['https://localhost', 'Requests to localhost are not allowed'],
  ['https://169.254.169.254', 'Requests to the link local network are not allowed'],
  ['https://10.1.2.3', 'Requests to the local network are not allowed'],
  ['https://100.64.0.1', 'Requests to the local network are not allowed'],
  ['https://[fd00::1]', 'Requests to the local network are not allowed'],
  ['https://0.0.0.0', 'Requests to the local network are not allowed'],
  ['http://old.example', 'Only allowed schemes are https'],
])('a source at %s is blocked where private networks are not allowed', async (url, reason) => {
  const json = service.api.request([{}], { url });

  const { status, body } = await service.api.call('POST', '/bulk_imports', { json });

  expect(status).toBe(422);
  expect(body).toEqual({ message: `Validation failed: Url is blocked: ${reason}` });
});

it('a blocked source is never connected to, and nothing is written', async () => {
  const url = service.source.url.replace('http:', 'https:');

  await service.api.call('POST', '/bulk_imports', { json: service.api.request([{}], { url }) });

  expect(service.source.requests).toEqual([]);
  expect((await scanTable()).filter(item => String(item.pk).startsWith('IMPORT#'))).toEqual([]);
});
