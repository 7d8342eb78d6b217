import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SampleAvatar } from './model.ts';

/** The storage behind a GitLab: another host, which takes signed links and no tokens. */
export class ObjectStorage {
  readonly #objects = new Map<string, SampleAvatar>();
  readonly #onToken: (path: string) => void;
  #server: Server | undefined;
  #url = '';

  /** `onToken` hears of every request that carries a token of GitLab's. */
  constructor(onToken: (path: string) => void) {
    this.#onToken = onToken;
  }

  /** Listens on a random port. */
  async start(): Promise<void> {
    const server = createServer((request, response) => this.#serve(request, response));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    this.#server = server;
    this.#url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    await new Promise<void>(resolve => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  /** A link that is good for one file and needs nothing else. */
  signedLink(avatar: SampleAvatar): string {
    const signature = randomUUID();
    this.#objects.set(signature, avatar);
    return `${this.#url}/uploads/avatar?X-Amz-Expires=600&X-Amz-Signature=${signature}`;
  }

  #serve({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const avatar = this.#objects.get(new URL(url, this.#url).searchParams.get('X-Amz-Signature') ?? '');
    if (headers['private-token'] !== undefined || headers.authorization !== undefined) {
      this.#onToken(url.split('?')[0] ?? '');
      response.writeHead(400, { 'content-type': 'application/xml' });
      response.end('<Error><Code>InvalidArgument</Code></Error>');
    } else if (avatar) {
      response.writeHead(200, { 'content-type': avatar.contentType });
      response.end(avatar.bytes);
    } else {
      response.writeHead(403, { 'content-type': 'application/xml' });
      response.end('<Error><Code>AccessDenied</Code></Error>');
    }
  }
}
