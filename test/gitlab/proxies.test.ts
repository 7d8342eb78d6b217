import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { BlockedUrlError, NetworkError, TemporaryError } from '../../lambdas/gitlab/errors.ts';
import { checkProxies, ProxySettingError, proxyFor } from '../../lambdas/gitlab/proxies.ts';
import { callOf, clientFor, errorOf, writeOf } from '../support/gitlab/gitlab-client.ts';
import { selfSigned, startTlsServer } from '../support/network/certificates.ts';
import { startHttpServer } from '../support/network/http-server.ts';
import { resolveNames } from '../support/network/name-server.ts';
import { startProxy } from '../support/network/proxy-server.ts';

resolveNames({
  'public.example': [['8.8.8.8']],
  'turning.example': [['8.8.8.8'], ['127.0.0.1']],
  'private.example': [['10.0.0.1']],
  'own.example': [['127.0.0.1']],
  'nowhere.example': [[]],
});

const VARIABLES = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'https_proxy', 'http_proxy', 'no_proxy'];

beforeEach(() => {
  for (const name of VARIABLES) vi.stubEnv(name, '');
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the proxy for a URL', () => {
  const PROXY = 'http://proxy.example:3128';

  it.each([
    ['https://gitlab.example', '', true],
    ['http://gitlab.example', '', false],
    ['https://127.0.0.1:3000', '', false],
    ['https://[::1]:3000', '', false],
    ['https://localhost:3000', '', false],
    ['https://gitlab.example', '*', false],
    ['https://gitlab.example', 'gitlab.example', false],
    ['https://GITLAB.example', 'other.example, Gitlab.Example', false],
    ['https://gitlab.example', '.example', false],
    ['https://gitlab.example', 'example', false],
    ['https://gitlab.example', 'lab.example', true],
    ['https://gitlab.example', 'gitlab.example:443', false],
    ['https://gitlab.example', 'gitlab.example:8443', true],
    ['https://gitlab.example:8443', 'gitlab.example:8443', false],
    ['https://10.1.2.3', '10.1.0.0/16', false],
    ['https://10.2.2.3', '10.1.0.0/16', true],
    ['https://[fd00::1]', 'fd00::/8', false],
    ['https://[fd00::1]', 'fd00::1', false],
    ['https://gitlab.example', '10.1.0.0/16', true],
    ['https://gitlab.example', '10.1.0.0/99', true],
  ])('%s with NO_PROXY=%s: %s', (url, noProxy, isProxied) => {
    vi.stubEnv('HTTPS_PROXY', PROXY);
    vi.stubEnv('NO_PROXY', noProxy);

    expect(proxyFor(new URL(url))?.origin).toBe(isProxied ? PROXY : undefined);
  });

  it('is named by scheme, in either case, and with or without a scheme of its own', () => {
    vi.stubEnv('HTTPS_PROXY', 'http://upper.example:1');
    vi.stubEnv('https_proxy', 'lower.example:2');
    vi.stubEnv('http_proxy', 'http://plain.example');

    expect(proxyFor(new URL('https://a.example'))?.host).toBe('lower.example:2');
    expect(proxyFor(new URL('http://a.example'))?.host).toBe('plain.example');
  });

  it.each(['socks5://proxy.example', 'https://proxy.example', 'http://', 'http://:hush@'])(
    'is refused when it is %s, without repeating it',
    async text => {
      vi.stubEnv('HTTPS_PROXY', text);

      expect(() => checkProxies({ HTTP_PROXY: '', https_proxy: text })).toThrow(
        /^https_proxy must be the http URL of a proxy/,
      );
      expect(() => proxyFor(new URL('https://gitlab.example'))).toThrow(ProxySettingError);
      const error = await errorOf(clientFor('https://gitlab.example').client.rest(callOf()));
      expect(error).not.toBeInstanceOf(TemporaryError);
      expect((error as Error).message).not.toMatch(/socks5|hush/);
    },
  );
});

describe('through a proxy', () => {
  it('a name is checked here, and the proxy is asked for the address that was checked', async () => {
    const server = await startTlsServer(selfSigned('turning.example'));
    const proxy = await startProxy({ leadsTo: `https://127.0.0.1:${server.port}` });
    vi.stubEnv('HTTPS_PROXY', proxy.url);

    const { client } = clientFor(`https://turning.example:${server.port}`, { policy: 'public' });
    const error = await errorOf(client.rest(callOf()));

    // It got as far as the certificate, which is the name's and not trusted here.
    expect((error as Error).message).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(proxy.asked.map(({ authority }) => authority)).toEqual([`8.8.8.8:${server.port}`]);
  });

  it('requests are sent, many by one connection, under the name of the GitLab', async () => {
    const server = await startHttpServer({ body: '"there"' });
    const proxy = await startProxy({ leadsTo: server.url });
    vi.stubEnv('HTTP_PROXY', proxy.url.replace('http://', 'http://us%40er:pa%3Ass@'));
    const { client } = clientFor('http://internal.example:8080', { policy: 'any', instance: 'destination' });

    const found = [await client.rest(callOf()), await client.write(writeOf({ json: { a: 1 } }))];

    expect(found).toEqual(['there', 'there']);
    expect(server.requests.map(({ headers }) => headers.host)).toEqual(
      Array(2).fill('internal.example:8080'),
    );
    expect(server.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
    // Nobody but the proxy knows this name.
    expect(proxy.asked.map(({ authority }) => authority)).toEqual(['internal.example:8080']);
    const credentials = `Basic ${Buffer.from('us@er:pa:ss').toString('base64')}`;
    expect(proxy.asked[0]?.headers['proxy-authorization']).toBe(credentials);
  });

  it.each([
    ['https://private.example', 'public', ''],
    ['https://own.example', 'public', ''],
    ['http://own.example', 'private', 'labels'],
  ] as const)('%s is refused under the policy %s', async (url, policy, lambda) => {
    const proxy = await startProxy();
    vi.stubEnv('HTTPS_PROXY', proxy.url);
    vi.stubEnv('HTTP_PROXY', proxy.url);
    if (lambda !== '') vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', lambda);

    const error = await errorOf(clientFor(url, { policy }).client.rest(callOf()));

    expect(error).toBeInstanceOf(BlockedUrlError);
    expect(proxy.asked).toEqual([]);
  });

  it('nothing goes to this machine', async () => {
    const server = await startHttpServer({ body: '"there"' });
    vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:1');

    expect(await clientFor(server.url).client.rest(callOf())).toBe('there');
  });

  it('a name that only the proxy can resolve is refused where it must be checked', async () => {
    const proxy = await startProxy();
    vi.stubEnv('HTTPS_PROXY', proxy.url);

    const { client } = clientFor('https://nowhere.example', { policy: 'public' });
    const error = await errorOf(client.rest(callOf()));

    expect(error).not.toBeInstanceOf(TemporaryError);
    expect((error as Error).message).toBe(
      'The connection to the source GitLab failed on the way to read the thing: its address cannot be checked before the proxy is asked for it (ENOTFOUND). Let this machine resolve its name, or allow private networks: the proxy then resolves it.',
    );
  });

  it.each([
    [
      403,
      'public',
      false,
      'It was asked for an address, which was checked here. Let it pass, or allow private networks: it is then asked by name.',
    ],
    [403, 'any', false, 'Let it pass there, or name its host in NO_PROXY.'],
    [
      407,
      'any',
      false,
      "Put the proxy's user name and password into HTTPS_PROXY (http://user:password@host:port).",
    ],
    [502, 'any', true, 'Try again when the proxy answers again.'],
  ] as const)(
    'a refusal with %i under the policy %s says what to do',
    async (status, policy, passes, advice) => {
      const proxy = await startProxy({ status });
      vi.stubEnv('HTTPS_PROXY', proxy.url);

      const error = await errorOf(
        clientFor('https://public.example', { policy: policy }).client.rest(callOf()),
      );

      expect(error).toBeInstanceOf(NetworkError);
      expect(error instanceof TemporaryError).toBe(passes);
      expect((error as Error).message).toBe(
        `The connection to the source GitLab failed on the way to read the thing: the proxy refused to connect to it (${status}). ${advice}`,
      );
      expect((error as Error).message.length).toBeLessThanOrEqual(255);
    },
  );

  it('a proxy that cannot be reached is told apart from the GitLab', async () => {
    vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:1');

    const error = await errorOf(clientFor('https://gitlab.example').client.rest(callOf()));

    expect(error).toBeInstanceOf(TemporaryError);
    expect((error as Error).message).toContain(
      'the proxy cannot be reached (ECONNREFUSED). Try again when the proxy',
    );
  });

  it('a proxy that stays silent is given up at the deadline', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);

    const { client } = clientFor('https://gitlab.example', { deadline: Date.now() + 80 });

    expect(await errorOf(client.rest(callOf()))).toMatchObject({ reason: 'timeout' });
  });
});
