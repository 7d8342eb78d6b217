import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { watchArchiveTraffic } from '../../../lib/bench/projects/archive-traffic.ts';

const BYTES = 100_000;

it('counts requests for archives by what they ask for, and the bytes of the archives', async () => {
  const traffic = watchArchiveTraffic();
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      response.writeHead(request.headers['x-status'] ? 429 : 200);
      response.end(request.url?.endsWith('/download') ? Buffer.alloc(BYTES) : '{}');
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const ask = async (method: string, path: string, more: RequestInit = {}) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v4${path}`;
    await (await fetch(url, { method, ...more })).arrayBuffer();
  };
  const before = Date.now();

  await ask('POST', '/projects/7/export');
  await ask('POST', '/projects/8/export', { headers: { 'x-status': '429' } });
  await ask('GET', '/projects/7/export');
  await ask('GET', '/projects/7/export?x=1');
  await ask('GET', '/projects/7/export/download');
  await ask('POST', '/projects/import', { body: Buffer.alloc(BYTES) });
  await ask('GET', '/projects/9/import');
  await ask('GET', '/projects/9');

  const moment = expect.toSatisfy((at: number) => at >= before && at <= Date.now());
  const once = { taken: 1, tooMany: 0, first: moment, last: moment };
  const counted = traffic();
  expect(counted).toMatchObject({
    exports: { ...once, tooMany: 1 },
    downloads: once,
    imports: once,
    exportLooks: 2,
    importLooks: 1,
    archiveBytes: BYTES,
  });
  expect(counted.sentBytes).toBeGreaterThanOrEqual(BYTES);
  expect(counted.sentBytes).toBeLessThan(BYTES + 1_000);
  expect(counted.receivedBytes).toBeLessThan(BYTES + 1_000);
});
