import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { BlockedUrlError } from '../../lambdas/gitlab/errors.ts';
import { guardedLookup } from '../../lambdas/gitlab/url-guard.ts';
import { callOf, clientFor, errorOf } from '../support/gitlab/gitlab-client.ts';
import { watchConnections } from '../support/network/connection-attempts.ts';
import { startHttpServer } from '../support/network/http-server.ts';
import { resolveNames } from '../support/network/name-server.ts';
import { REFUSED_NAMES, REFUSED_URLS } from './source-urls.ts';

const attempts = watchConnections();
const questions = resolveNames({
  ...Object.fromEntries(REFUSED_NAMES.map(([name, addresses]) => [name, [addresses]])),
  'own.example': [['127.0.0.1']],
  'turning.example': [['127.0.0.2'], ['127.0.0.1']],
});

afterEach(() => {
  attempts.length = 0;
});

const ALL_REFUSED: [string, string][] = [
  ...REFUSED_URLS,
  ...REFUSED_NAMES.map(([name, , why]): [string, string] => [`https://${name}`, why]),
  ['https://localhost', 'Requests to localhost are not allowed'],
];

// A client appends its paths to these, so what is said may be another reason.
it.each(ALL_REFUSED)('a guarded client never connects to %j', async url => {
  const { client } = clientFor(url, { policy: 'public' });

  expect(await errorOf(client.rest(callOf()))).toBeInstanceOf(BlockedUrlError);
  expect(attempts).toEqual([]);
});

/** What a header can carry and is not relative. */
const LOCATIONS = ALL_REFUSED.filter(([url]) => /^[a-z]+:[\x20-\x7e]*$/i.test(url));

it.each(LOCATIONS)('a redirect to %j is refused before it is followed', async (location, why) => {
  const server = await startHttpServer({ status: 302, headers: { location } });
  const { client } = clientFor(server.url, { redirectPolicy: 'public' });

  const error = await errorOf(client.rest(callOf()));

  expect(error).toEqual(new BlockedUrlError(`URL is blocked: ${why}`));
  expect(attempts).toHaveLength(1);
  expect(server.requests).toHaveLength(1);
});

it('a redirect to a place of which a header holds bytes that are no ASCII is refused', async () => {
  const server = await startHttpServer(response =>
    response.socket?.end('HTTP/1.1 302 Found\r\nLocation: https://gitl\xe4b.example\r\n\r\n', 'latin1'),
  );
  const { client } = clientFor(server.url, { redirectPolicy: 'public' });

  const error = await errorOf(client.rest(callOf()));

  expect(error).toEqual(
    new BlockedUrlError('URL is blocked: URI must be ascii only "https://gitl\\u00E4b.example"'),
  );
});

it('a socket that one policy has opened and kept is not used under another', async () => {
  const server = await startHttpServer();
  const url = server.url.replace('127.0.0.1', 'own.example');

  await clientFor(url, { policy: 'any' }).client.rest(callOf());
  await clientFor(url, { policy: 'any' }).client.rest(callOf());
  expect(attempts).toHaveLength(1);
  await clientFor(url, { policy: 'private' }).client.rest(callOf());

  expect(attempts).toHaveLength(2);
  expect(questions.get('own.example')).toBe(2);
});

it('a connection goes to the address that was checked, though the name means another one by then', async () => {
  const server = http.createServer((request, response) => response.end(request.socket.localAddress));
  await new Promise<void>(resolve => server.listen(0, '0.0.0.0', resolve));
  const { port } = server.address() as AddressInfo;

  const address = await new Promise<string>((resolve, reject) => {
    const lookup = guardedLookup('private');
    http
      .get({ host: 'turning.example', port, lookup }, response => {
        response.setEncoding('utf8').once('data', resolve);
      })
      .once('error', reject);
  });
  server.close();
  server.closeAllConnections();

  expect(address).toBe('127.0.0.2');
  expect(attempts).toEqual([{ address: '127.0.0.2', port }]);
  expect(questions.get('turning.example')).toBe(1);
});
