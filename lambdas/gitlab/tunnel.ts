import http, { type ClientRequestArgs } from 'node:http';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { time } from '../platform/time.ts';
import { BlockedUrlError } from './errors.ts';
import { isGuarded, type NetworkPolicy } from './url-guard.ts';

/** A proxy did not lead to the GitLab. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  /** What to do about it. */
  readonly advice: string;
  /** Whether no waiting mends it. */
  readonly isPermanent: boolean;

  constructor(
    message: string,
    { advice, isPermanent }: { advice: string; isPermanent: boolean },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.advice = advice;
    this.isPermanent = isPermanent;
  }
}

/** Longest time for a proxy to connect. Whoever waits for the connection may have given up before. */
const CONNECT_TIMEOUT_MS = 30_000;
const AGAIN = 'Try again when the proxy answers again.';

/** What an agent hands to `createConnection`. */
type Target = Pick<ClientRequestArgs, 'host' | 'port' | 'lookup'>;

/**
 * A connection through an HTTP proxy, opened by CONNECT; for https and http alike, since a proxy that is handed a
 * whole URL resolves the name itself. Under a policy that refuses addresses the name is resolved and checked here, and
 * the proxy is asked for the address that was checked; otherwise it is asked for the name, which only it may know.
 *
 * @throws ProxyError, BlockedUrlError, and an `AbortError` when the proxy does not answer in time
 */
export async function openTunnel(proxy: URL, policy: NetworkPolicy, target: Target): Promise<Duplex> {
  const name = String(target.host);
  const isPinned = isGuarded(policy);
  const host = isPinned ? await checkedAddress(name, target.lookup) : name;
  const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${target.port ?? 443}`;
  return new Promise((resolve, reject) => {
    const request = http.request({
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port === '' ? 80 : Number(proxy.port),
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...credentials(proxy) },
      agent: false,
      signal: time.limit(CONNECT_TIMEOUT_MS),
    });
    request.once('error', error => reject(error.name === 'AbortError' ? error : unreachable(error)));
    // Anything but 2xx arrives here too; what follows it is the proxy's page.
    request.once('connect', (response, socket) => {
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 300) return resolve(socket);
      socket.destroy();
      reject(refusedBy(status, isPinned && isIP(name) === 0));
    });
    request.end();
  });
}

function checkedAddress(name: string, lookup: Target['lookup']): Promise<string> {
  if (isIP(name) !== 0 || lookup === undefined) return Promise.resolve(name);
  return new Promise((resolve, reject) => {
    lookup(name, {}, (error, address) => {
      if (error === null) resolve(String(address));
      else reject(error instanceof BlockedUrlError ? error : unresolved(error));
    });
  });
}

function credentials({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** A network in which only the proxy can resolve names: the address of a GitLab cannot be checked there. */
function unresolved(error: NodeJS.ErrnoException): ProxyError {
  return new ProxyError(
    `its address cannot be checked before the proxy is asked for it (${error.code ?? error.message})`,
    {
      advice: 'Let this machine resolve its name, or allow private networks: the proxy then resolves it.',
      isPermanent: error.code !== 'EAI_AGAIN',
    },
    { cause: error },
  );
}

function unreachable(error: NodeJS.ErrnoException): ProxyError {
  const isUnknown = error.code === 'ENOTFOUND';
  return new ProxyError(
    `the proxy cannot be reached (${error.code ?? error.message})`,
    {
      advice: isUnknown ? 'Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.' : AGAIN,
      isPermanent: isUnknown,
    },
    { cause: error },
  );
}

function refusedBy(status: number, wasPinned: boolean): ProxyError {
  const message = `the proxy refused to connect to it (${status})`;
  if (status === 407) {
    const advice =
      "Put the proxy's user name and password into HTTPS_PROXY (http://user:password@host:port).";
    return new ProxyError(message, { advice, isPermanent: true });
  }
  if (status >= 500 || status === 408 || status === 429)
    return new ProxyError(message, { advice: AGAIN, isPermanent: false });
  const advice = wasPinned
    ? 'It was asked for an address, which was checked here. Let it pass, or allow private networks: it is then asked by name.'
    : 'Let it pass there, or name its host in NO_PROXY.';
  return new ProxyError(message, { advice, isPermanent: true });
}
