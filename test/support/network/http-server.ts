import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEveryTest } from '../test-run/hooks.ts';

export interface SeenRequest {
  method: string;
  /** With the query, as it came. */
  url: string;
  headers: IncomingHttpHeaders;
}

export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

export interface HttpServer {
  url: string;
  requests: SeenRequest[];
}

/** What a request is answered with; a function takes the answer into its own hands. */
export type Behaviour = Reply | ((response: ServerResponse) => void);

const stops: (() => Promise<void>)[] = [];

afterEveryTest(async () => {
  await Promise.all(stops.splice(0).map(stop => stop()));
});

/**
 * Starts a server on loopback that gives these answers, one after the other; the last one again and again. For what
 * the sample GitLab never does: redirects, broken answers, silence.
 */
export async function startHttpServer(...behaviours: Behaviour[]): Promise<HttpServer> {
  const requests: SeenRequest[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
    const behaviour = behaviours[Math.min(requests.length, behaviours.length) - 1] ?? {};
    if (typeof behaviour === 'function') {
      behaviour(response);
      return;
    }
    response.writeHead(behaviour.status ?? 200, behaviour.headers);
    response.end(behaviour.body ?? '{}');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  stops.push(
    () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}
