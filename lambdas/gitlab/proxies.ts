import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { environment } from '../platform/environment.ts';

/** A setting for a proxy that this service cannot use; the message names the variable and what it takes. */
export class ProxySettingError extends Error {
  override readonly name = 'ProxySettingError';
}

/**
 * The proxy for a URL, by the variables that other programs read too: `HTTPS_PROXY` or `HTTP_PROXY` by the scheme of
 * the URL, unless `NO_PROXY` names its host. `undefined` when it is to be reached without one, as this machine always
 * is.
 *
 * @throws ProxySettingError
 */
export function proxyFor(url: URL): URL | undefined {
  const isTls = url.protocol === 'https:';
  const text = isTls ? environment.httpsProxy() : environment.httpProxy();
  if (text === undefined) return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port === '' ? (isTls ? '443' : '80') : url.port;
  if (isThisMachine(host) || isExcepted(host, port, environment.noProxy())) return undefined;
  return parseProxy(isTls ? 'HTTPS_PROXY' : 'HTTP_PROXY', text);
}

/** Checks the settings, for the start of a service. @throws ProxySettingError */
export function checkProxies(env: NodeJS.ProcessEnv): void {
  for (const name of ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY']) {
    const text = env[name];
    if (text !== undefined && text !== '') parseProxy(name, text);
  }
}

function parseProxy(name: string, text: string): URL {
  const written = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(written) ? new URL(written) : undefined;
  // The text is not quoted: it may have a password in it.
  if (url === undefined || url.protocol !== 'http:' || url.hostname === '') {
    throw new ProxySettingError(
      `${name} must be the http URL of a proxy, for example http://proxy.example.com:3128; proxies of other kinds (https, socks) cannot be used.`,
    );
  }
  return url;
}

function isThisMachine(host: string): boolean {
  if (isIP(host) !== 0) return ipaddr.process(host).range() === 'loopback';
  return host === 'localhost' || host.endsWith('.localhost');
}

/** `NO_PROXY`: `*`, host names that mean what is below them too, addresses, blocks of addresses; each with a port if wanted. */
function isExcepted(host: string, port: string, noProxy: string): boolean {
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(entry => entry !== '')
    .some(entry => {
      if (entry === '*') return true;
      if (entry.includes('/')) return isInBlock(host, entry);
      const [, name = '', onlyPort] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(entry) ?? [];
      if (isIP(entry) !== 0) return entry === host;
      if (onlyPort !== undefined && onlyPort !== port) return false;
      const domain = name.replace(/^\*?\./, '');
      return host === domain || host.endsWith(`.${domain}`);
    });
}

function isInBlock(host: string, block: string): boolean {
  if (isIP(host) === 0) return false;
  try {
    const address = ipaddr.process(host);
    const [start, length] = ipaddr.parseCIDR(block);
    return address.kind() === start.kind() && address.match(start, length);
  } catch {
    return false; // a block that is none
  }
}
