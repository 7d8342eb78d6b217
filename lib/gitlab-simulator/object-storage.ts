import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ArchiveBehaviour } from './archives/behaviour.ts';
import { fileAnswer } from './archives/file-answer.ts';
import { partBytes, sendFile } from './file-sending.ts';
import type { SampleAvatar } from './model.ts';

/** A file on the disk, and how downloads behave at the time. */
interface StoredFile {
  readonly path: string;
  readonly behaviour: () => ArchiveBehaviour;
}

/** The storage behind a GitLab: another host, which takes signed links and no tokens. */
export class ObjectStorage {
  readonly #objects = new Map<string, SampleAvatar | StoredFile>();
  readonly #onToken: (path: string) => void;
  #listening: Promise<Server> | undefined;
  #url = '';

  /** `onToken` hears of every request that carries a token of GitLab's. */
  constructor(onToken: (path: string) => void) {
    this.#onToken = onToken;
  }

  /** Listens on a random port, if it does not yet. */
  async start(): Promise<void> {
    this.#listening ??= this.#listen();
    await this.#listening;
  }

  async stop(): Promise<void> {
    const server = await this.#listening;
    this.#listening = undefined;
    if (!server) return;
    await new Promise<void>(resolve => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  /** A link that is good for one file and needs nothing else. */
  signedLink(avatar: SampleAvatar): string {
    return this.#link('uploads/avatar', avatar);
  }

  /** The same for a file on the disk. */
  signedFileLink(path: string, behaviour: () => ArchiveBehaviour): string {
    return this.#link('uploads/export.tar.gz', { path, behaviour });
  }

  #link(name: string, object: SampleAvatar | StoredFile): string {
    const signature = randomUUID();
    this.#objects.set(signature, object);
    return `${this.#url}/${name}?X-Amz-Expires=600&X-Amz-Signature=${signature}`;
  }

  async #listen(): Promise<Server> {
    const server = createServer((request, response) => void this.#serve(request, response));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    this.#url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return server;
  }

  async #serve({ url = '', headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const object = this.#objects.get(new URL(url, this.#url).searchParams.get('X-Amz-Signature') ?? '');
    if (headers['private-token'] !== undefined || headers.authorization !== undefined) {
      this.#onToken(url.split('?')[0] ?? '');
      refuse(response, 400, 'InvalidArgument');
    } else if (!object) {
      refuse(response, 403, 'AccessDenied');
    } else if ('path' in object) {
      await sendStored(object, headers, response);
    } else {
      response.writeHead(200, { 'content-type': object.contentType });
      response.end(object.bytes);
    }
  }
}

async function sendStored(
  { path, behaviour }: StoredFile,
  wanted: IncomingHttpHeaders,
  response: ServerResponse,
): Promise<void> {
  const answer = await fileAnswer(path, wanted, behaviour()).catch(() => undefined);
  if (!answer) {
    refuse(response, 404, 'NoSuchKey');
    return;
  }
  const { status, headers, file } = answer;
  response.writeHead(status, { ...headers, ...(file && { 'content-length': partBytes(file) }) });
  if (file) await sendFile(response, file);
  else response.end();
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(`<Error><Code>${code}</Code></Error>`);
}
