import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { FALLBACK_HANDLER, matchRoutes } from '../../lambdas/api/routes.ts';
import type { LocalFunctions } from './functions.ts';
import { refusalOfForeign } from './own-requests.ts';
import { answerProgress } from './progress-server.ts';
import { targetOf } from './request-target.ts';
import { StartError } from './start-error.ts';

/** API Gateway's limit for a request's body. */
const MOST_BODY_BYTES = 10 * 1024 * 1024;
/** Time for a client to read that its body is too large, while it is still sending. */
const LINGER_MS = 1_000;

/** Content types whose bodies API Gateway hands over as text; others come in base64. */
const TEXT = /^(text\/|application\/(json|x-www-form-urlencoded|xml|javascript))/;

type Functions = Pick<LocalFunctions, 'invoke'>;

/** The HTTP API on this machine: the same route table, the same events and answers, on loopback only. */
export class ApiServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Starts to listen. @param port 0 for any that is free. @throws StartError when it cannot be had */
  static async start(functions: Functions, port: number): Promise<ApiServer> {
    const server = createServer((request, response) => {
      answer(functions, request, response).catch(error => {
        // The client has gone away in the middle of its body.
        if (request.errored) return;
        process.stderr.write(`${(error as Error).stack}\n`);
        send(response, asJson(500, { message: 'Internal Server Error' }));
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', error => reject(cannotListen(port, error)));
      server.listen(port, '127.0.0.1', resolve);
    });
    return new ApiServer(server);
  }

  async stop(): Promise<void> {
    this.#server.closeIdleConnections();
    const closed = new Promise(resolve => this.#server.close(resolve));
    setTimeout(() => this.#server.closeAllConnections(), 1_000).unref();
    await closed;
  }
}

function cannotListen(port: number, error: NodeJS.ErrnoException): StartError {
  const why =
    error.code === 'EADDRINUSE' ? 'is in use by another program' : `cannot be listened on (${error.message})`;
  return new StartError(`Port ${port} ${why}. Set PORT to another one; 0 takes any that is free.`);
}

async function answer(
  functions: Functions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refusal = refusalOfForeign(request);
  if (refusal !== undefined) {
    // Without reading what else it sends.
    response.shouldKeepAlive = false;
    return send(response, asJson(403, { message: `403 Forbidden - ${refusal}` }));
  }
  if (await answerProgress(request, response)) return;
  const url = targetOf(request);
  if (url === undefined) return send(response, asJson(400, { error: '400 Bad Request' }));
  const body = await readBody(request);
  if (body === undefined) {
    send(response, asJson(413, { message: 'Request Entity Too Large' }));
    request.resume();
    setTimeout(() => request.destroy(), LINGER_MS).unref();
    return;
  }
  // HEAD is GET without the body, as in GitLab; the server leaves the body out by itself.
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET');
  const match = matchRoutes(url.pathname).find(({ route }) => route.method === method);
  const event = eventOf(request, url, body, match?.parameters ?? {});
  const name = `api/${match?.route.handler ?? FALLBACK_HANDLER}`;
  send(response, (await functions.invoke(name, event)) as APIGatewayProxyStructuredResultV2);
}

/** Reads the body; `undefined` as soon as it is too large. The rest is then still to come. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length']) > MOST_BODY_BYTES) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The event of an HTTP API, payload format 2.0. */
function eventOf(
  request: IncomingMessage,
  url: URL,
  body: Buffer,
  pathParameters: Record<string, string>,
): APIGatewayProxyEventV2 {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : value,
    ]),
  );
  const isText = TEXT.test(headers['content-type'] ?? 'text/');
  const method = request.method ?? 'GET';
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers: { 'x-forwarded-proto': 'http', ...headers },
    pathParameters,
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: headers.host ?? 'localhost',
      domainPrefix: 'local',
      http: {
        method,
        path: url.pathname,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: new Date().toISOString(),
      timeEpoch: Date.now(),
    },
  };
}

const asJson = (statusCode: number, body: unknown): APIGatewayProxyStructuredResultV2 => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

function send(
  response: ServerResponse,
  { statusCode, headers, body }: APIGatewayProxyStructuredResultV2,
): void {
  response.writeHead(statusCode ?? 200, headers as Record<string, string>).end(body);
}
