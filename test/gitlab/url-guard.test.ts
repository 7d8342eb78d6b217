import type { LookupAddress } from 'node:dns';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BlockedUrlError } from '../../lambdas/gitlab/errors.ts';
import { checkAddress, checkUrl, guardedLookup, type NetworkPolicy } from '../../lambdas/gitlab/url-guard.ts';
import { ACCEPTED_ADDRESSES, LINK_LOCAL, LOCAL, LOCALHOST, REFUSED_ADDRESSES } from '../hostile/addresses.ts';
import { ACCEPTED_URLS, REFUSED_NAMES, REFUSED_URLS } from '../hostile/source-urls.ts';

const blocked = (why: string) => new BlockedUrlError(`URL is blocked: ${why}`);

beforeEach(() => {
  vi.stubEnv('SOURCE_PORTS', '');
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the policy for the public internet', () => {
  it.each(ACCEPTED_URLS)('lets %j pass', (url, href) => {
    expect(checkUrl(url, 'public').href).toBe(href);
  });

  it.each(REFUSED_URLS)('refuses %j', (url, why) => {
    expect(() => checkUrl(url, 'public')).toThrow(blocked(why));
  });

  it.each(REFUSED_ADDRESSES)('refuses the %s address %s', (_, address, why) => {
    expect(() => checkAddress(address)).toThrow(blocked(why));
  });

  it.each(ACCEPTED_ADDRESSES)('lets the address %s pass', address => {
    expect(() => checkAddress(address)).not.toThrow();
  });
});

describe('the policy for private networks', () => {
  it.each([
    'http://127.0.0.1:3000',
    'http://10.0.0.1:81',
    'https://10.0.0.1',
    'http://gitlab.internal',
    'https://[fd00::1]',
  ])('lets %s pass', url => {
    expect(checkUrl(url, 'private').href).toBe(new URL(url).href);
  });

  it.each([
    'ftp://gitlab.internal',
    'https://user:pass@gitlab.internal',
    'https://@gitlab.internal',
    'https:gitlab.internal',
    'https://git\nlab.internal',
    'https://git\u00adlab.internal',
    'https://gitlab.internal/\ud800',
    'https:\\\\gitlab.internal',
  ])('refuses %j all the same', url => {
    expect(() => checkUrl(url, 'private')).toThrow(BlockedUrlError);
  });
});

describe('the policy for private networks in AWS', () => {
  beforeEach(() => {
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'labels');
  });

  it('lets loopback pass only where a test of the deployment says so', () => {
    expect(() => checkUrl('http://127.0.0.1:81', 'private')).toThrow(BlockedUrlError);

    vi.stubEnv('ALLOW_LOOPBACK', 'true');

    expect(() => checkUrl('http://127.0.0.1:81', 'private')).not.toThrow();
    expect(() => checkUrl('https://127.0.0.1:8443', 'public')).toThrow(BlockedUrlError);
  });

  it.each(['10.0.0.1', '172.16.0.1', '192.168.1.1', '100.64.0.1', '8.8.8.8', 'fd00::1', '::ffff:10.0.0.1'])(
    'lets %s pass',
    address => {
      const host = address.includes(':') ? `[${address}]` : address;

      expect(() => checkAddress(address, 'private')).not.toThrow();
      expect(() => checkUrl(`http://${host}:81`, 'private')).not.toThrow();
    },
  );

  it.each([
    ['127.0.0.1', LOCALHOST],
    ['::1', LOCALHOST],
    ['::ffff:127.0.0.1', LOCALHOST],
    ['169.254.169.254', LINK_LOCAL],
    ['169.254.170.2', LINK_LOCAL],
    ['fe80::1', LINK_LOCAL],
    ['fd00:ec2::254', LOCAL],
    ['0.0.0.0', LOCAL],
    ['::', LOCAL],
    ['224.0.0.1', LOCAL],
    ['64:ff9b::169.254.169.254', LOCAL],
    ['2002:a9fe:a9fe::1', LOCAL],
  ])('refuses %s', (address, why) => {
    const host = address.includes(':') ? `[${address}]` : address;

    expect(() => checkAddress(address, 'private')).toThrow(blocked(why));
    expect(() => checkUrl(`http://${host}:81`, 'private')).toThrow(blocked(why));
  });

  it('refuses a name that leads there, and does not refuse what the operator has configured', async () => {
    const lookUpOnce = (policy: NetworkPolicy) =>
      new Promise(done => {
        guardedLookup(policy, (_hostname, _options, callback) =>
          callback(null, [{ address: '127.0.0.1', family: 4 }]),
        )('gitlab.internal', {}, (error, address) => done(error ?? address));
      });

    expect(await lookUpOnce('private')).toEqual(blocked(LOCALHOST));
    expect(await lookUpOnce('any')).toBe('127.0.0.1');
    expect(() => checkUrl('http://127.0.0.1:81', 'any')).not.toThrow();
  });
});

describe('ports that the operator has chosen', () => {
  const WHY = 'Only allowed ports are 443, 8443';

  it.each<[string, NetworkPolicy, boolean]>([
    ['https://gitlab.example', 'public', true],
    ['https://gitlab.example:8443', 'public', true],
    ['https://gitlab.example:80', 'public', false],
    ['https://gitlab.example:9443', 'public', false],
    ['https://10.0.0.1', 'private', true],
    ['http://10.0.0.1:8443', 'private', true],
    ['http://10.0.0.1', 'private', false],
    ['http://10.0.0.1:3000', 'private', false],
    ['http://10.0.0.1:3000', 'any', true],
  ])('decide on %s under the policy `%s`', (url, policy, isAllowed) => {
    vi.stubEnv('SOURCE_PORTS', '443,8443');

    if (isAllowed) expect(checkUrl(url, policy).href).toBe(new URL(url).href);
    else expect(() => checkUrl(url, policy)).toThrow(blocked(WHY));
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

  function lookUp(resolve: ReturnType<typeof resolver>, policy: NetworkPolicy, all = false) {
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

  it.each(REFUSED_NAMES)('refuses the name %s, which resolves to %j', async (_, addresses, why) => {
    expect(await lookUp(resolver(addresses), 'public')).toEqual(blocked(why));
    expect(await lookUp(resolver(addresses), 'public', true)).toEqual(blocked(why));
  });

  it.each(['private', 'any'] as const)('lets private addresses pass under the policy `%s`', async policy => {
    expect(await lookUp(resolver(['10.0.0.1']), policy)).toEqual({ address: '10.0.0.1', family: 4 });
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
    const error = { message: 'gitlab.example has no address', code: 'ENOTFOUND' };

    expect(await lookUp(resolver([]), 'public')).toMatchObject(error);
    expect(await lookUp(resolver([]), 'public', true)).toMatchObject(error);
  });
});
