import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { BlockedUrlError } from '../shared/errors.ts';

/**
 * Where requests may go. `public` is for URLs that callers, sources or redirects supply: https only, and no address
 * that is private, loopback, link-local, carrier-grade NAT, unique-local, multicast, unspecified or reserved, nor an
 * IPv4 address of that kind written as IPv6. `any` lifts both rules, for a laptop or a deployment inside a VPC.
 */
export type NetworkPolicy = 'public' | 'any';

/**
 * Parses a URL and checks what can be checked without DNS: scheme, user-info and literal addresses. The URL parser
 * turns decimal, octal, hex and short forms of IPv4 into dotted ones first, so they need no rule of their own.
 *
 * @throws BlockedUrlError with GitLab's wording where GitLab has one
 */
export function checkUrl(text: string | URL, policy: NetworkPolicy): URL {
  if (!URL.canParse(String(text))) throw new BlockedUrlError('URL is blocked: URI is invalid');
  const url = new URL(text);
  const schemes = policy === 'public' ? ['https:'] : ['https:', 'http:'];
  if (!schemes.includes(url.protocol)) {
    const allowed = schemes.map(scheme => scheme.slice(0, -1)).join(', ');
    throw new BlockedUrlError(`URL is blocked: Only allowed schemes are ${allowed}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new BlockedUrlError('URL is blocked: The URL must not contain a user name or a password');
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (policy === 'public' && isIP(host) !== 0) checkAddress(host);
  return url;
}

/** @throws BlockedUrlError unless the address is one that the public internet routes to. */
export function checkAddress(address: string): void {
  const parsed = ipaddr.process(address);
  const range = parsed.range();
  if (range === 'unicast' && !isIpv4Compatible(parsed)) return;
  if (range === 'loopback')
    throw new BlockedUrlError('URL is blocked: Requests to localhost are not allowed');
  if (range === 'linkLocal') {
    throw new BlockedUrlError('URL is blocked: Requests to the link local network are not allowed');
  }
  throw new BlockedUrlError('URL is blocked: Requests to the local network are not allowed');
}

/** `::10.0.0.1`: an abandoned way to write IPv4 as IPv6, which the ranges do not know. */
function isIpv4Compatible(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address instanceof ipaddr.IPv6 && address.parts.slice(0, 6).every(part => part === 0);
}

type LookupCallback = (
  error: Error | null,
  addresses: string | LookupAddress[],
  family?: number | undefined,
) => void;

type Resolve = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * A `lookup` for sockets that refuses a name when any of its addresses is not public. The socket connects to the very
 * addresses that were checked, so a name that changes its answer between check and connection gains nothing.
 */
export function guardedLookup(policy: NetworkPolicy, resolve: Resolve = dnsLookup) {
  return (hostname: string, options: LookupOptions, callback: LookupCallback): void => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      try {
        if (policy === 'public') for (const { address } of addresses) checkAddress(address);
      } catch (blocked) {
        return callback(blocked as Error, []);
      }
      if (options.all) return callback(null, addresses);
      const [first] = addresses;
      if (first === undefined) return callback(new Error(`${hostname} has no address`), []);
      callback(null, first.address, first.family);
    });
  };
}
