import { once } from 'node:events';
import { connect } from 'node:net';
import { beforeAll, expect, it } from 'vitest';
import { TOKENS } from '../support/service/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});

const HEAD = `Host: 127.0.0.1\r\nPRIVATE-TOKEN: ${TOKENS.dora}\r\nContent-Type: application/json\r\n`;
const MIB = 1024 * 1024;

function dial() {
  const socket = connect(Number(new URL(service.local.url).port), '127.0.0.1').setEncoding('latin1');
  // Being cut off in the middle of sending is part of some cases.
  socket.on('error', () => undefined);
  return socket;
}

/** Sends bytes as they are and returns the whole answer. */
async function exchange(bytes: string): Promise<string> {
  const socket = dial();
  let answer = '';
  socket.on('data', text => {
    answer += text;
  });
  socket.write(bytes, 'latin1');
  await once(socket, 'close');
  return answer;
}

it.each([
  ['no path at all', 'GET * HTTP/1.1', 400],
  ['a URL that is none', 'GET http://[ HTTP/1.1', 400],
  ['slashes only', 'GET // HTTP/1.1', 404],
  ['another host', 'GET //evil.example/api/v4/bulk_imports HTTP/1.1', 404],
  ['a URL of another host', 'GET http://evil.example/api/v4/bulk_imports HTTP/1.1', 200],
  ['steps up', 'GET /api/v4/x/../bulk_imports HTTP/1.1', 200],
  ['broken percent signs', 'GET /api/v4/bulk_imports/%E0%A4%A HTTP/1.1', 400],
  ['a zero byte', 'GET /api/v4/bulk_imports/1%00 HTTP/1.1', 400],
  ['bytes beyond ASCII', 'GET /api/v4/bulk_imports/\xff HTTP/1.1', 400],
  ['a query of broken percent signs', 'GET /api/v4/bulk_imports?page=%E0%A4%A HTTP/1.1', 400],
  ['a query with nothing but brackets', 'GET /api/v4/bulk_imports?[]=1&[=2&]=3 HTTP/1.1', 200],
  ['an unknown method', 'PURGE /api/v4/bulk_imports HTTP/1.1', 405],
])('a request for %s is answered', async (_, line, status) => {
  const answer = await exchange(`${line}\r\n${HEAD}Connection: close\r\n\r\n`);

  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
});

it('a body that says to be too large is refused before it is sent', async () => {
  const socket = dial();
  socket.write(`POST /api/v4/bulk_imports HTTP/1.1\r\n${HEAD}Content-Length: ${11 * MIB}\r\n\r\n{`);

  const [answer] = await once(socket, 'data');
  socket.destroy();

  expect(answer).toMatch(/^HTTP\/1.1 413 /);
  expect(answer).toContain('{"message":"Request Entity Too Large"}');
});

it('a body without an end is refused when it is too large, and its sender is cut off', async () => {
  const socket = dial();
  const closed = once(socket, 'close');
  let answer = '';
  socket.on('data', text => {
    answer += text;
  });
  socket.write(`POST /api/v4/bulk_imports HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
  const chunk = `${MIB.toString(16)}\r\n${' '.repeat(MIB)}\r\n`;
  let sent = 0;
  for (; answer === ''; sent++) {
    if (!socket.write(chunk)) await Promise.race([once(socket, 'drain'), closed]);
  }
  await closed;

  expect(answer).toMatch(/^HTTP\/1.1 413 /);
  expect(sent).toBeGreaterThan(10);
});

it('a sender who goes away in the middle leaves the service as it was', async () => {
  const socket = dial();
  socket.write(`POST /api/v4/bulk_imports HTTP/1.1\r\n${HEAD}Content-Length: 1000\r\n\r\n{`);
  await once(socket, 'connect');
  socket.destroy();

  expect((await service.api.call('GET', '/bulk_imports')).status).toBe(200);
});
