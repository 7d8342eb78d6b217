import { describe, expect, it } from 'vitest';
import { NetworkError } from '../../lambdas/gitlab/errors.ts';
import { callOf, clientFor, errorOf, TOKEN, writeOf } from '../support/gitlab/gitlab-client.ts';
import { startHttpServer } from '../support/network/http-server.ts';

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

  const { client } = clientFor(server.url, { instance: 'destination' });
  const error = await errorOf(client.write(writeOf({ json: {} })));

  expect(error).toMatchObject({ status: 302 });
  expect(server.requests).toHaveLength(1);
});

it('lets a GitLab whose own address is private redirect to itself under the policy for the public internet', async () => {
  const server = await startHttpServer(to('/elsewhere'), THERE);
  const { client } = clientFor(server.url, { redirectPolicy: 'public' });

  expect(await client.rest(callOf())).toBe('there');
});
