import { type AddressInfo, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** How a connection ends, written to its socket when the request has come, or even before. */
export interface EvilConnection {
  name: string;
  /** Whether it begins before the request has come. */
  atOnce?: boolean;
  /** Whether it goes on for as long as it is let, so that only the time of the request ends it. */
  lasts?: boolean;
  act: (socket: Socket) => void;
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';

/** Writes a part again and again until the socket is closed; as slowly as it is read. */
function endless(socket: Socket, part: string): void {
  const write = (): void => {
    while (!socket.destroyed && socket.writable) if (!socket.write(part)) return;
  };
  socket.on('drain', write);
  write();
}

/** Writes a part every few milliseconds until the socket is closed. */
function trickle(socket: Socket, part: string): void {
  const timer = setInterval(() => void (socket.destroyed ? clearInterval(timer) : socket.write(part)), 20);
  socket.once('close', () => clearInterval(timer));
}

/** Ways in which a connection can end, or go on without an end. */
export const EVIL_CONNECTIONS: EvilConnection[] = [
  { name: 'closed before a response', act: socket => socket.end() },
  { name: 'closed before the request', atOnce: true, act: socket => socket.end() },
  { name: 'reset before a response', act: socket => socket.resetAndDestroy() },
  { name: 'never responded to', lasts: true, act: () => undefined },
  { name: 'half a status line', act: socket => socket.end('HTTP/1.1 20') },
  { name: 'half of the headers', act: socket => socket.end(`${OK}X-Total: 1`) },
  { name: 'half a body', act: socket => socket.end(`${OK}Content-Length: 100\r\n\r\n[{"id":`) },
  {
    name: 'half a body, and silence',
    lasts: true,
    act: socket => socket.write(`${OK}Content-Length: 100\r\n\r\n[{`),
  },
  {
    name: 'half a chunk',
    act: socket => socket.end(`${OK}Transfer-Encoding: chunked\r\n\r\n64\r\n[{"id":`),
  },
  {
    name: 'chunks that are none',
    act: socket => socket.end(`${OK}Transfer-Encoding: chunked\r\n\r\nzz\r\n[]\r\n0\r\n\r\n`),
  },
  {
    name: 'a chunk beyond all',
    act: socket => socket.end(`${OK}Transfer-Encoding: chunked\r\n\r\n${'f'.repeat(40)}\r\n[]`),
  },
  {
    name: 'an extension of a chunk without an end',
    act: socket => {
      socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n2;`);
      endless(socket, 'a'.repeat(1024));
    },
  },
  {
    name: 'trailers without an end',
    act: socket => {
      socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n`);
      endless(socket, `X-A: ${'a'.repeat(1024)}\r\n`);
    },
  },
  {
    name: 'a content length that is none',
    act: socket => socket.end(`${OK}Content-Length: many\r\n\r\n[]`),
  },
  {
    name: 'two content lengths',
    act: socket => socket.end(`${OK}Content-Length: 2\r\nContent-Length: 3\r\n\r\n[]`),
  },
  {
    name: 'a content length beyond all',
    act: socket => socket.end(`${OK}Content-Length: ${'9'.repeat(30)}\r\n\r\n[]`),
  },
  {
    name: 'a length and chunks',
    act: socket =>
      socket.end(`${OK}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n`),
  },
  {
    name: 'headers without an end',
    act: socket => {
      socket.write(OK);
      endless(socket, `X-A: ${'a'.repeat(1024)}\r\n`);
    },
  },
  {
    name: 'a trickle of headers',
    lasts: true,
    act: socket => {
      socket.write(OK);
      trickle(socket, 'X-A: a\r\n');
    },
  },
  {
    name: 'a trickle of a body',
    lasts: true,
    act: socket => {
      socket.write(`${OK}Content-Length: 1000000\r\n\r\n[`);
      trickle(socket, ' ');
    },
  },
  { name: 'a trickle of nothing', lasts: true, act: socket => trickle(socket, '\r\n') },
  {
    name: 'a body without an end',
    act: socket => {
      socket.write(`${OK}\r\n[`);
      endless(socket, ' '.repeat(64 * 1024));
    },
  },
  {
    name: '101 without having been asked',
    act: socket =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
  },
  { name: '101 to nothing', act: socket => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n') },
  {
    name: '103 without an end',
    lasts: true,
    act: socket => endless(socket, 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'),
  },
  {
    name: 'a trickle of 100',
    lasts: true,
    act: socket => trickle(socket, 'HTTP/1.1 100 Continue\r\n\r\n'),
  },
  { name: 'a status beyond all', act: socket => socket.end('HTTP/1.1 99999 Huge\r\n\r\n') },
  { name: 'a status of 000', act: socket => socket.end('HTTP/1.1 000 Zero\r\nContent-Length: 0\r\n\r\n') },
  { name: 'another protocol', act: socket => socket.end('SSH-2.0-OpenSSH_9.6\r\n') },
  { name: 'bytes that are no text', act: socket => socket.end(Buffer.alloc(4096, 0xff)) },
  {
    name: 'a response that is longer than it says',
    act: socket => socket.write(`${OK}Content-Length: 2\r\n\r\n[]${'garbage '.repeat(1000)}`),
  },
];

/** Connections that give a good response, and then something that nobody has asked for. */
export const ODD_CONNECTIONS: EvilConnection[] = [
  {
    name: 'a response before the request has come',
    atOnce: true,
    act: socket => socket.end(`${OK}Content-Length: 2\r\n\r\n[]`),
  },
  {
    name: 'a second response to no request',
    act: socket => socket.write(`${OK}Content-Length: 2\r\n\r\n[]${OK}Content-Length: 2\r\n\r\n[]`),
  },
  {
    name: 'a response and a reset',
    act: socket => socket.write(`${OK}Content-Length: 2\r\n\r\n[]`, () => socket.resetAndDestroy()),
  },
  { name: 'a response that the end of the connection ends', act: socket => socket.end(`${OK}\r\n[]`) },
  {
    name: 'hints before a response',
    act: socket =>
      socket.write(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}Content-Length: 2\r\n\r\n[]`),
  },
];

/** Starts a server on loopback of which each connection goes this way. @returns its URL; it stops after the test */
export async function startEvilServer({ act, atOnce }: EvilConnection): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    if (atOnce) act(socket);
    else socket.on('data', data => void (/\r\n\r\n$/.test(data.toString('latin1')) && act(socket)));
    socket.resume();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise(resolve => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
