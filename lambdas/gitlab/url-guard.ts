import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { environment } from '../platform/environment.ts';
import { BlockedUrlError } from './errors.ts';

/**
 * Where requests may go. `public` is for URLs that callers, sources or redirects supply: https only, ASCII only, and
 * no address that is private, loopback, link-local, carrier-grade NAT, unique-local, multicast, unspecified or
 * reserved, nor one that has an IPv4 address inside. `private` is for the same URLs on a laptop or inside a VPC: any
 * address, and http as well; but in AWS none that is the Lambda's own or AWS's: loopback, link-local, metadata. `any` is
 * for the URL that the operator has configured.
 */
export type NetworkPolicy = 'public' | 'private' | 'any';

/** Whether a policy refuses addresses, so that they must be known before a connection is made. */
export function isGuarded(policy: NetworkPolicy): boolean {
  return policy === 'public' || (policy === 'private' && !environment.allowLoopback());
}

/** Ports below 1024 that GitLab allows for the URL of an import. */
const LOW_PORTS = [80, 443];
const FIRST_HIGH_PORT = 1024;

/**
 * What the URL parser drops or rewrites without a word: control characters, white space, invisible characters,
 * backslashes.
 */
const REWRITTEN = /[\p{C}\p{Z}\\]/u;

/**
 * Parses a URL and checks what can be checked without DNS: characters, scheme, port, user-info and literal addresses,
 * in GitLab's order. The URL parser turns decimal, octal, hex and short forms of IPv4 into dotted ones first, so they
 * need no rule of their own.
 *
 * @param base URL that redirects to this one, which may then be relative
 * @throws BlockedUrlError with GitLab's wording where GitLab has one
 */
export function checkUrl(text: string | URL, policy: NetworkPolicy, base?: URL): URL {
  const written = String(text);
  if (policy === 'public' && !isAscii(written)) throw blocked(`URI must be ascii only ${dump(written)}`);
  if (REWRITTEN.test(written) || !URL.canParse(written, base?.href)) throw blocked('URI is invalid');
  const url = new URL(written, base);
  checkScheme(url, policy);
  checkPort(url, policy);
  // The parser takes any number of slashes, and an empty user name for none.
  const [, scheme, authority = ''] = /^([^:/?#]+:)?(?:\/\/([^/?#]*))?/.exec(written) ?? [];
  if ((scheme !== undefined || base === undefined) && authority === '') throw blocked('URI is invalid');
  if (url.username !== '' || url.password !== '' || authority.includes('@')) {
    throw blocked('The URL must not contain a user name or a password');
  }
  if (isGuarded(policy)) checkHost(url.hostname.replace(/^\[|\]$/g, ''), policy);
  return url;
}

function checkScheme({ protocol }: URL, policy: NetworkPolicy): void {
  const schemes = policy === 'public' ? ['https'] : ['https', 'http'];
  if (!schemes.includes(protocol.slice(0, -1))) {
    throw blocked(`Only allowed schemes are ${schemes.join(', ')}`);
  }
}

/** The ports that the operator has chosen, else GitLab's rule for the public internet. */
function checkPort({ port, protocol }: URL, policy: NetworkPolicy): void {
  if (policy === 'any') return;
  const number = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  const chosen = environment.sourcePorts();
  if (chosen !== undefined) {
    if (!chosen.includes(number)) throw blocked(`Only allowed ports are ${chosen.join(', ')}`);
  } else if (policy === 'public' && number < FIRST_HIGH_PORT && !LOW_PORTS.includes(number)) {
    throw blocked(`Only allowed ports are ${LOW_PORTS.join(', ')}, and any over 1024`);
  }
}

function checkHost(host: string, policy: NetworkPolicy): void {
  if (isIP(host) !== 0) checkAddress(host, policy);
  else if (policy === 'public' && !/^[a-z0-9]/.test(host)) throw blocked('Hostname or IP address invalid');
}

const isAscii = (text: string) => !/\P{ASCII}/u.test(text);

/** The text as Ruby's `String#dump` shows it, which GitLab puts into the message. */
function dump(text: string): string {
  return JSON.stringify(text).replaceAll(/\P{ASCII}/gu, character => {
    const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
    return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
  });
}

const blocked = (why: string) => new BlockedUrlError(`URL is blocked: ${why}`);

/** What the internet routes to: all that is assigned in IPv6 is in here, and whatever else is not is unassigned. */
const GLOBAL_IPV6: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

/** Services of AWS itself beside a machine in a VPC: metadata (`::254`), DNS, time. They are no link-local ones in IPv6. */
const AWS_SERVICES: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('fd00:ec2::'), 32];

/** What a network of one's own consists of. All other ranges are special, or have an IPv4 address inside. */
const PRIVATE_RANGES = ['private', 'carrierGradeNat', 'uniqueLocal'];

/**
 * @throws BlockedUrlError unless the address is one that the public internet routes to or, under the policy `private`,
 *   one of a private network
 */
export function checkAddress(address: string, policy: NetworkPolicy = 'public'): void {
  const parsed = ipaddr.process(address);
  const range = parsed.range();
  if (range === 'unicast' && (parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL_IPV6))) return;
  const isAws = parsed instanceof ipaddr.IPv6 && parsed.match(AWS_SERVICES);
  if (policy !== 'public' && PRIVATE_RANGES.includes(range) && !isAws) return;
  if (range === 'loopback') throw blocked('Requests to localhost are not allowed');
  if (range === 'linkLocal') throw blocked('Requests to the link local network are not allowed');
  throw blocked('Requests to the local network are not allowed');
}

const noAddress = (hostname: string) =>
  Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' });

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
        if (isGuarded(policy)) for (const { address } of addresses) checkAddress(address, policy);
      } catch (refusal) {
        return callback(refusal as Error, []);
      }
      const [first] = addresses;
      if (first === undefined) return callback(noAddress(hostname), []);
      if (options.all) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}
