import { describe, expect, it } from 'vitest';
import { BlockedUrlError, NetworkError } from '../../lambdas/shared/errors.ts';
import { callOf, clientFor, errorOf, TOKEN } from '../support/gitlab-client.ts';
import { startHttpServer } from '../support/http-server.ts';

const to = (location: string, status = 302) => ({ status, headers: { location } });
const THERE = { body: '"there"' };

describe('a redirect of a read', () => {
  it.each([301, 302, 303, 307, 308])(
    'with status %i is followed, with the token inside the origin',
    async status => {
      const server = await startHttpServer(to('/elsewhere?a=1', status), THERE);

      const answer = await clientFor(server.url).client.rest(callOf());

      expect(answer).toBe('there');
      expect(server.requests[1]).toMatchObject({ method: 'GET', url: '/elsewhere?a=1' });
      expect(server.requests[1]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    },
  );

  it('does not carry the token to another origin, nor back from there', async () => {
    const start = await startHttpServer(
      response => response.writeHead(302, { location: other.url }).end(),
      THERE,
    );
    const other = await startHttpServer(to(`${start.url}/back`));

    await clientFor(start.url).client.rest(callOf());

    expect(other.requests[0]?.headers).not.toHaveProperty('authorization');
    expect(start.requests.map(({ url }) => url)).toEqual(['/api/v4/thing', '/back']);
    expect(start.requests[1]?.headers).not.toHaveProperty('authorization');
  });

  it('is followed twice and not a third time', async () => {
    const twice = await startHttpServer(to('/a'), to('/b'), THERE);
    const thrice = await startHttpServer(to('/a'), to('/b'), to('/c'), THERE);

    const answer = await clientFor(twice.url).client.rest(callOf());
    const error = await errorOf(clientFor(thrice.url).client.rest(callOf()));

    expect(answer).toBe('there');
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ status: 302 });
    expect(thrice.requests).toHaveLength(3);
  });

  it('without a target is an error', async () => {
    const server = await startHttpServer({ status: 302 });

    expect(await errorOf(clientFor(server.url).client.rest(callOf()))).toMatchObject({ status: 302 });
  });
});

it('does not follow the redirect of a write', async () => {
  const server = await startHttpServer(to('/elsewhere'), THERE);

  const error = await errorOf(clientFor(server.url).client.rest(callOf({ method: 'POST', json: {} })));

  expect(error).toMatchObject({ status: 302 });
  expect(server.requests).toHaveLength(1);
});

describe('a redirect under the policy for the public internet', () => {
  it.each([
    ['plain http', 'http://gitlab.example/x', 'Only allowed schemes are https'],
    ['loopback', 'https://127.0.0.1/x', 'Requests to localhost are not allowed'],
    ['a name of loopback', 'https://localhost:1/x', 'Requests to localhost are not allowed'],
    ['the metadata service', 'https://169.254.169.254/latest', 'Requests to the link local network'],
    ['a private address', 'https://10.0.0.1/x', 'Requests to the local network are not allowed'],
    ['user-info', 'https://user:pass@gitlab.example/x', 'must not contain a user name or a password'],
    ['another scheme', 'file:///etc/passwd', 'Only allowed schemes are https'],
    ['no URL', 'http://', 'URI is invalid'],
  ])('to %s is refused', async (_, location, message) => {
    const server = await startHttpServer(to(location), THERE);
    const { client } = clientFor(server.url, { redirectPolicy: 'public' });

    const error = await errorOf(client.rest(callOf()));

    expect(error).toBeInstanceOf(BlockedUrlError);
    expect((error as Error).message).toContain(message);
    expect(server.requests).toHaveLength(1);
  });

  it('may stay at a GitLab whose own address is private', async () => {
    const server = await startHttpServer(to('/elsewhere'), THERE);
    const { client } = clientFor(server.url, { redirectPolicy: 'public' });

    expect(await client.rest(callOf())).toBe('there');
  });
});

it.each([
  ['https://localhost:1', 'Requests to localhost are not allowed'],
  ['https://127.0.0.1:1', 'Requests to localhost are not allowed'],
  ['http://gitlab.example', 'Only allowed schemes are https'],
])('never connects a guarded client to %s', async (url, message) => {
  const { client } = clientFor(url, { policy: 'public' });

  const error = await errorOf(client.rest(callOf()));

  expect(error).toBeInstanceOf(BlockedUrlError);
  expect((error as Error).message).toContain(message);
});
