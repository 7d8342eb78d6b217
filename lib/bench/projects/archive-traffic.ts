import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How often a GitLab was asked for something that it limits. */
export interface Asked {
  /** Requests that it took. */
  taken: number;
  /** Requests refused with 429. */
  tooMany: number;
  /** When the first and the last that were taken came, epoch ms; `null` where there was none. */
  first: number | null;
  last: number | null;
}

/** What a GitLab was asked about exports and imports of projects, since its start. */
export interface ArchiveTraffic {
  exports: Asked;
  downloads: Asked;
  imports: Asked;
  /** Requests for the status of an export. */
  exportLooks: number;
  /** Requests for the status of an import. */
  importLooks: number;
  /** Sizes of the files that imports have brought, with the form around each. */
  archiveBytes: number;
  /** What downloads have sent, and imports received, until now. */
  sentBytes: number;
  receivedBytes: number;
}

type Limited = 'exports' | 'downloads' | 'imports';

const KINDS: readonly [kind: Limited | 'exportLooks' | 'importLooks', request: RegExp][] = [
  ['exports', /^POST \/api\/v4\/projects\/\d+\/export$/],
  ['exportLooks', /^GET \/api\/v4\/projects\/\d+\/export$/],
  ['downloads', /^GET \/api\/v4\/projects\/\d+\/export\/download$/],
  ['imports', /^POST \/api\/v4\/projects\/(remote-)?import$/],
  ['importLooks', /^GET \/api\/v4\/projects\/\d+\/import$/],
];

/** What the channel says of a request that begins. */
interface Begun {
  request: IncomingMessage;
  response: ServerResponse;
  socket: Socket;
}

/** Counts what the HTTP servers of this process are asked for from now on. @returns what it was until it is called */
export function watchArchiveTraffic(): () => ArchiveTraffic {
  const none = (): Asked => ({ taken: 0, tooMany: 0, first: null, last: null });
  const limited = { exports: none(), downloads: none(), imports: none() };
  const looks = { exportLooks: 0, importLooks: 0 };
  let archiveBytes = 0;
  const sent = new ByteCount(socket => socket.bytesWritten);
  const received = new ByteCount(socket => socket.bytesRead);

  subscribe('http.server.request.start', message => {
    const { request, response, socket } = message as Begun;
    const [path = ''] = (request.url ?? '').split('?');
    const kind = KINDS.find(([, pattern]) => pattern.test(`${request.method} ${path}`))?.[0];
    if (kind === undefined) return;
    if (kind === 'exportLooks' || kind === 'importLooks') {
      looks[kind]++;
      return;
    }
    const at = Date.now();
    if (kind === 'downloads') sent.begin(response, socket);
    if (kind === 'imports') received.begin(response, socket);
    response.once('close', () => {
      // Who goes away before the response has asked for nothing.
      if (!response.headersSent) return;
      note(limited[kind], response.statusCode, at);
      if (kind === 'imports' && response.statusCode < 300) {
        archiveBytes += Number(request.headers['content-length'] ?? 0);
      }
    });
  });
  return () => ({
    ...structuredClone(limited),
    ...looks,
    archiveBytes,
    sentBytes: sent.total,
    receivedBytes: received.total,
  });
}

function note(asked: Asked, status: number, at: number): void {
  if (status === 429) asked.tooMany++;
  if (status >= 400) return;
  asked.taken++;
  asked.first = Math.min(asked.first ?? at, at);
  asked.last = Math.max(asked.last ?? at, at);
}

/** Bytes that went over sockets while there were certain requests on them. */
class ByteCount {
  readonly #bytesOf: (socket: Socket) => number;
  readonly #open = new Map<Socket, number>();
  #ended = 0;

  constructor(bytesOf: (socket: Socket) => number) {
    this.#bytesOf = bytesOf;
  }

  get total(): number {
    let total = this.#ended;
    for (const [socket, before] of this.#open) total += this.#bytesOf(socket) - before;
    return total;
  }

  begin(response: ServerResponse, socket: Socket): void {
    this.#open.set(socket, this.#bytesOf(socket));
    response.once('close', () => {
      this.#ended += this.#bytesOf(socket) - (this.#open.get(socket) ?? 0);
      this.#open.delete(socket);
    });
  }
}
