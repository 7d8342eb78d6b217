import type { LookupAddress } from 'node:dns';
import { describe, expect, it, vi } from 'vitest';
import { checkAddress, checkUrl, guardedLookup } from '../../lambdas/gitlab/url-guard.ts';
import { BlockedUrlError } from '../../lambdas/shared/errors.ts';

describe('the policy for the public internet', () => {
  it.each([
    'https://gitlab.com',
    'https://gitlab.example:8443/root/',
    'https://8.8.8.8',
    'https://[2606:4700::1111]/',
    'https://localhost', // refused when it is resolved
  ])('lets %s pass', url => {
    expect(checkUrl(url, 'public').href).toBe(new URL(url).href);
  });

  it.each([
    ['http://gitlab.com', 'URL is blocked: Only allowed schemes are https'],
    ['ftp://gitlab.com', 'URL is blocked: Only allowed schemes are https'],
    ['file:///etc/passwd', 'URL is blocked: Only allowed schemes are https'],
    ['not a url', 'URL is blocked: URI is invalid'],
    ['', 'URL is blocked: URI is invalid'],
    ['https://', 'URL is blocked: URI is invalid'],
    ['https://user@gitlab.com', 'URL is blocked: The URL must not contain a user name or a password'],
    ['https://:secret@gitlab.com', 'URL is blocked: The URL must not contain a user name or a password'],
    ['https://127.0.0.1', 'URL is blocked: Requests to localhost are not allowed'],
    ['https://127.1', 'URL is blocked: Requests to localhost are not allowed'],
    ['https://2130706433', 'URL is blocked: Requests to localhost are not allowed'],
    ['https://0x7f.0.0.1', 'URL is blocked: Requests to localhost are not allowed'],
    ['https://0177.0.0.1', 'URL is blocked: Requests to localhost are not allowed'],
    ['https://[::1]', 'URL is blocked: Requests to localhost are not allowed'],
    ['https://[::ffff:127.0.0.1]', 'URL is blocked: Requests to localhost are not allowed'],
    [
      'https://169.254.169.254/latest/meta-data',
      'URL is blocked: Requests to the link local network are not allowed',
    ],
    ['https://[::ffff:a9fe:a9fe]', 'URL is blocked: Requests to the link local network are not allowed'],
    ['https://[fe80::1]', 'URL is blocked: Requests to the link local network are not allowed'],
    ['https://10.1.2.3', 'URL is blocked: Requests to the local network are not allowed'],
  ])('refuses %s', (url, message) => {
    expect(() => checkUrl(url, 'public')).toThrow(new BlockedUrlError(message));
  });

  it.each([
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['loopback', '127.255.255.254'],
    ['unspecified', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['link-local', '169.254.170.2'],
    ['multicast', '224.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['reserved', '240.0.0.1'],
    ['benchmarking', '198.18.0.1'],
    ['documentation', '203.0.113.1'],
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['unique-local', 'fd00:ec2::254'],
    ['link-local', 'fe80::1'],
    ['site-local', 'fec0::1'],
    ['multicast', 'ff02::1'],
    ['IPv4-mapped', '::ffff:10.0.0.1'],
    ['IPv4-mapped', '::ffff:0a00:0001'],
    ['IPv4-compatible', '::7f00:1'],
    ['IPv4-compatible', '::a00:1'],
    ['NAT64', '64:ff9b::a00:1'],
    ['6to4', '2002:a00:1::'],
    ['Teredo', '2001:0:1::'],
  ])('refuses the %s address %s', (_, address) => {
    expect(() => checkAddress(address)).toThrow(BlockedUrlError);
  });

  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '::ffff:8.8.8.8', '2606:4700::1111'])(
    'lets the address %s pass',
    address => {
      expect(() => checkAddress(address)).not.toThrow();
    },
  );
});

describe('the policy for private networks', () => {
  it.each(['http://127.0.0.1:3000', 'https://10.0.0.1', 'http://gitlab.internal'])('lets %s pass', url => {
    expect(checkUrl(url, 'any').href).toBe(new URL(url).href);
  });

  it.each(['ftp://gitlab.internal', 'https://user:pass@gitlab.internal'])('refuses %s all the same', url => {
    expect(() => checkUrl(url, 'any')).toThrow(BlockedUrlError);
  });
});

describe('the guarded look-up', () => {
  /** A resolver that gives another answer to each question; the last one again and again. */
  function resolver(...answers: string[][]) {
    return vi.fn(
      (_hostname: string, _options: object, callback: (error: null, found: LookupAddress[]) => void) => {
        const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
        callback(
          null,
          answer.map(address => ({ address, family: address.includes(':') ? 6 : 4 })),
        );
      },
    );
  }

  function lookUp(resolve: ReturnType<typeof resolver>, policy: 'public' | 'any', all = false) {
    return new Promise<unknown>(done => {
      guardedLookup(policy, resolve)('gitlab.example', { all }, (error, found, family) =>
        done(error ?? (family === undefined ? found : { address: found, family })),
      );
    });
  }

  it('hands the socket the very address that it has checked', async () => {
    const resolve = resolver(['8.8.8.8'], ['127.0.0.1']);

    const found = await lookUp(resolve, 'public');

    expect(found).toEqual({ address: '8.8.8.8', family: 4 });
    expect(resolve).toHaveBeenCalledOnce();
  });

  it('hands all addresses to a socket that asks for all', async () => {
    const found = await lookUp(resolver(['8.8.8.8', '2606:4700::1111']), 'public', true);

    expect(found).toEqual([
      { address: '8.8.8.8', family: 4 },
      { address: '2606:4700::1111', family: 6 },
    ]);
  });

  it.each([[['127.0.0.1']], [['8.8.8.8', '10.0.0.1']], [['8.8.8.8', '::ffff:169.254.169.254']]])(
    'refuses a name that resolves to %j',
    async addresses => {
      expect(await lookUp(resolver(addresses), 'public')).toBeInstanceOf(BlockedUrlError);
      expect(await lookUp(resolver(addresses), 'public', true)).toBeInstanceOf(BlockedUrlError);
    },
  );

  it('lets private addresses pass where they are allowed', async () => {
    expect(await lookUp(resolver(['10.0.0.1']), 'any')).toEqual({ address: '10.0.0.1', family: 4 });
  });

  it('passes on that a name does not exist', async () => {
    const problem = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });

    const found = await new Promise(done => {
      guardedLookup('public', (_hostname, _options, callback) => callback(problem, []))(
        'gone.example',
        {},
        done,
      );
    });

    expect(found).toBe(problem);
  });

  it('is an error when a name has no address', async () => {
    expect(await lookUp(resolver([]), 'public')).toEqual(new Error('gitlab.example has no address'));
  });
});
