import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Outcome } from './fault.ts';
import { partBytes, sendFile } from './file-sending.ts';
import type { SampleRequest } from './received-request.ts';

/** Sends what became of a request, or ends its connection as a fault says. `silent` is called when no more is sent. */
export function finish(
  response: ServerResponse,
  record: SampleRequest,
  outcome: Outcome,
  throttleHeaders: Record<string, string>,
  silent: () => void,
): void {
  const { socket } = response;
  switch (outcome) {
    case 'hang':
      silent();
      return;
    case 'drop':
      socket?.destroy();
      return;
    case 'end':
      socket?.end();
      return;
    case 'cut headers':
      socket?.write('HTTP/1.1 200 OK\r\ncontent-ty', () => socket.destroy());
      return;
    case 'upgrade':
      // A client that does not want it closes the connection; one that waits for more is never answered.
      socket?.once('close', silent);
      socket?.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n');
      return;
  }
  if ('cutOff' in outcome || 'stall' in outcome) {
    const { status, headers, body, file } = 'cutOff' in outcome ? outcome.cutOff : outcome.stall;
    const bytes = file ? partBytes(file) : Buffer.byteLength(body);
    response.writeHead(status, { ...headers, 'content-length': bytes });
    const stop = 'cutOff' in outcome ? () => socket?.destroy() : silent;
    if (file) void sendFile(response, file, stop, Math.floor(bytes / 2));
    else response.write(body.slice(0, body.length / 2), stop);
    return;
  }
  record.status = outcome.status;
  record.requestId = randomUUID().replaceAll('-', '');
  const headers = {
    // By the clock with which it dates its records, which tests move; Node has its own.
    date: new Date().toUTCString(),
    'x-request-id': record.requestId,
    ...lowerCased(throttleHeaders),
    ...lowerCased(outcome.headers),
  };
  const { status, body, file } = outcome;
  response.writeHead(status, file ? { ...headers, 'content-length': partBytes(file) } : headers);
  if (file) void sendFile(response, file);
  else response.end(body);
}

/** Headers under names that cannot differ in letter case only, so that the last one counts. */
function lowerCased(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
