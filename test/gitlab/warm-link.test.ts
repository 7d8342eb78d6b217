import { expect, it } from 'vitest';
import { warmLink } from '../../lambdas/gitlab/warm-link.ts';
import { startHttpServer } from '../support/network/http-server.ts';

it('asks once for the head of a link, and goes nowhere from there', async () => {
  const target = await startHttpServer();
  const server = await startHttpServer({ status: 307, headers: { location: target.url } });

  await warmLink(`${server.url}/archives/a`);

  expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['HEAD /archives/a']);
  expect(target.requests).toEqual([]);
});

it.each(['http://127.0.0.1:1/', 'no address'])('does not mind that nothing is at %s', async url => {
  await expect(warmLink(url)).resolves.toBeUndefined();
});
