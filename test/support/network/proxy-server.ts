import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface ProxyServer {
  url: string;
  /** What the proxy was asked to connect to: `host:port`, in the order of the requests. */
  asked: { authority: string; headers: IncomingHttpHeaders }[];
}

/**
 * Starts an HTTP proxy on loopback that knows CONNECT and nothing else.
 *
 * @param options.leadsTo where every tunnel really leads; the proxy has a network of its own
 * @param options.status what it answers instead of connecting
 */
export async function startProxy(options: { leadsTo?: string; status?: number } = {}): Promise<ProxyServer> {
  const asked: ProxyServer['asked'] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on('connect', (request, socket) => {
    asked.push({ authority: request.url ?? '', headers: request.headers });
    if (options.status !== undefined) {
      socket.end(`HTTP/1.1 ${options.status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const { hostname, port } = new URL(options.leadsTo ?? `http://${request.url}`);
    const target = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    for (const end of [target, socket as Socket]) {
      sockets.add(end);
      end.on('error', () => target.destroy());
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
