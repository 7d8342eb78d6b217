import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RateLimitStore } from '../../lambdas/domain/rate-limit-store.ts';
import { Secret } from '../../lambdas/domain/secret.ts';
import {
  destinationClient,
  networkPolicy,
  pipelineClients,
  sourceClient,
} from '../../lambdas/gitlab/connections.ts';
import { BlockedUrlError } from '../../lambdas/gitlab/errors.ts';
import { callOf, errorOf, writeOf } from '../support/gitlab/gitlab-client.ts';
import { startHttpServer } from '../support/network/http-server.ts';

const token = new Secret('fake-connection-token');
/** A store that has heard of no limit. */
const NO_LIMITS = { find: async () => undefined } as unknown as RateLimitStore;

beforeEach(() => {
  vi.stubEnv('ALLOW_PRIVATE_NETWORKS', '');
});

afterEach(() => {
  vi.unstubAllEnvs();
});

it.each([
  ['true', 'private'],
  ['', 'public'],
  ['1', 'public'],
  ['TRUE', 'public'],
])('takes ALLOW_PRIVATE_NETWORKS=%s for the policy %s', (value, policy) => {
  vi.stubEnv('ALLOW_PRIVATE_NETWORKS', value);

  expect(networkPolicy()).toBe(policy);
});

it('guards the source, whose URL came from a caller', async () => {
  const server = await startHttpServer();

  const error = await errorOf(sourceClient(server.url, token).rest(callOf()));

  expect(error).toBeInstanceOf(BlockedUrlError);
  expect(server.requests).toEqual([]);
});

it('reaches a private source where that is allowed', async () => {
  vi.stubEnv('ALLOW_PRIVATE_NETWORKS', 'true');
  const server = await startHttpServer();

  await sourceClient(server.url, token).rest(callOf());

  expect(server.requests).toHaveLength(1);
});

it('reaches a private destination always, and guards only where it redirects to', async () => {
  const other = await startHttpServer();
  const server = await startHttpServer({}, { status: 302, headers: { location: other.url } });
  vi.stubEnv('DESTINATION_GITLAB_URL', `${server.url}/`);
  const client = destinationClient(token);

  await client.rest(callOf());
  const error = await errorOf(client.rest(callOf()));

  expect(error).toBeInstanceOf(BlockedUrlError);
  expect(server.requests).toHaveLength(2);
  expect(other.requests).toEqual([]);
});

it('gives up at the deadline', async () => {
  vi.stubEnv('DESTINATION_GITLAB_URL', 'http://127.0.0.1:1');

  const error = await errorOf(destinationClient(token, Date.now() - 1).rest(callOf()));

  expect(error).toMatchObject({ instance: 'destination', reason: 'timeout' });
});

it('tells how each request of a run ended, and how long it took', async () => {
  vi.stubEnv('ALLOW_PRIVATE_NETWORKS', 'true');
  const source = await startHttpServer();
  const destination = await startHttpServer({ status: 503, body: '' }, response => response.destroy());
  const urls = { sourceUrl: source.url, destinationUrl: destination.url };
  const seen: [string, number | undefined, boolean][] = [];
  const clients = pipelineClients(urls, { source: token, destination: token }, Date.now() + 60_000, {
    rateLimits: NO_LIMITS,
    observe: (instance, status, milliseconds) => seen.push([instance, status, milliseconds > 0]),
  });

  await clients.source.rest(callOf());
  await errorOf(clients.destination.write(writeOf()));
  await errorOf(clients.destination.write(writeOf()));

  expect(seen).toEqual([
    ['source', 200, true],
    ['destination', 503, true],
    ['destination', undefined, true],
  ]);
  expect(clients.limitOf('destination')).toBe(0);
});
