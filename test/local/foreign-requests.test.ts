import { request } from 'node:http';
import { connect } from 'node:net';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ApiServer } from '../../lib/local/api-server.ts';
import { useWorkflowTable } from '../support/service/workflow-table.ts';

// The page of the progress reads it.
useWorkflowTable();
let port: number;
const invoked: string[] = [];
beforeAll(async () => {
  const server = await ApiServer.start(
    {
      invoke: async name => {
        invoked.push(name);
        return { statusCode: 200, body: '{}' };
      },
    },
    0,
  );
  port = server.port;
  return () => server.stop();
});
beforeEach(() => {
  invoked.length = 0;
});

/** Sends a request with exactly these headers; `fetch` would not let a program choose some of them. */
function send(method: string, path: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, host: '127.0.0.1', method, path, headers }, response => {
      response.resume();
      resolve(response.statusCode);
    });
    outgoing.once('error', reject);
    outgoing.end(method === 'POST' ? 'configuration[url]=https://old.example' : undefined);
  });
}

const REQUESTS = [
  ['GET', '/'],
  ['GET', '/progress'],
  ['GET', '/api/v4/bulk_imports'],
  ['POST', '/api/v4/bulk_imports'],
  ['POST', '/api/v4/bulk_imports/1/cancel'],
  ['OPTIONS', '/api/v4/bulk_imports'],
  ['GET', '/nothing'],
] as const;

describe.each(REQUESTS)('%s %s', (method, path) => {
  it.each([
    ['a name that was made to point here', { host: 'evil.example' }],
    ['such a name with a port', { host: 'evil.example:3000' }],
    ['a name that begins like this machine', { host: '127.0.0.1.evil.example' }],
    ['a name behind an @', { host: 'localhost@evil.example' }],
    ['another address', { host: '0.0.0.0' }],
    ['a page of another site', { origin: 'https://evil.example' }],
    ['a page of another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['a page from a file or a sandbox', { origin: 'null' }],
    ['the service itself, over https', { origin: 'https://127.0.0.1' }],
    ['an image or form of another site', { 'sec-fetch-site': 'cross-site' }],
    ['an image or form of another port', { 'sec-fetch-site': 'same-site' }],
  ])('is refused from %s, and reaches no function', async (_, headers) => {
    const status = await send(method, path, headers);

    expect(status).toBe(403);
    expect(invoked).toEqual([]);
  });
});

it.each([
  ['a program', {}],
  ['a program that says localhost', { host: 'localhost:3000' }],
  ['a program over IPv6 names', { host: '[::1]:3000' }],
  ['the page of the service', { host: '127.0.0.1:3000', origin: 'http://127.0.0.1:3000' }],
  ['its script', { 'sec-fetch-site': 'same-origin' }],
  ['the address bar', { 'sec-fetch-site': 'none' }],
] as [string, Record<string, string>][])('what %s asks for is answered', async (_, headers) => {
  expect(await send('POST', '/api/v4/bulk_imports', headers)).toBe(200);
  expect(invoked).toEqual(['api/create-import']);
});

it.each([
  ['in the middle of the first line', 'GET /api/v4/bulk'],
  ['in the middle of the headers', 'GET /api/v4/bulk_imports HTTP/1.1\r\nHost: 127.0'],
  [
    'in the middle of the body',
    'POST /api/v4/bulk_imports HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nabc',
  ],
  [
    'in the middle of a chunk',
    'POST /api/v4/bulk_imports HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc',
  ],
  ['instead of reading the response', 'GET /api/v4/bulk_imports HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
  ['after what is no HTTP', '\u0000\u0001\u0002\r\n\r\n'],
  [
    'while it asks to speak another protocol',
    'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
  ],
])('a connection that breaks off %s does not disturb the next one', async (_, bytes) => {
  const ended = await new Promise<boolean>(resolve => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(bytes, () => setImmediate(() => socket.resetAndDestroy()));
    });
    socket.once('close', () => resolve(true));
    socket.on('error', () => undefined);
  });

  expect(ended).toBe(true);
  expect(await send('POST', '/api/v4/bulk_imports', {})).toBe(200);
});
