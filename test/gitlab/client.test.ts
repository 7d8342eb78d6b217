import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod/mini';
import { NetworkError, TemporaryError, TokenRejectedError } from '../../lambdas/gitlab/errors.ts';
import {
  callOf,
  clientFor,
  errorOf,
  mutate,
  mutationOf,
  TOKEN,
  writeOf,
} from '../support/gitlab/gitlab-client.ts';
import { startHttpServer } from '../support/network/http-server.ts';
import { limitsByHand } from '../support/test-run/clock.ts';

const json = (status: number, value: unknown, headers: Record<string, string> = {}) => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
});

describe('a request', () => {
  it('carries the token in a header and never in the URL', async () => {
    const server = await startHttpServer(json(200, []), json(200, []), json(200, {}));
    const { client } = clientFor(server.url);

    await client.rest(callOf());
    await client.page({ ...callOf(), query: { search: 'x y' }, schema: z.array(z.unknown()) }, null);
    await client.graphql({ operation: 'ask', query: '{ a }', variables: {}, schema: z.unknown() });

    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(
      Array(3).fill(`Bearer ${TOKEN}`),
    );
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/api/v4/thing',
      '/api/v4/thing?search=x+y&per_page=100&page=1',
      '/api/graphql',
    ]);
  });

  it.each(['/gitlab', '/gitlab/', '/gitlab//'])('goes below the relative root %s', async root => {
    const server = await startHttpServer(json(200, {}));
    const { client } = clientFor(server.url + root);

    await client.rest(callOf());
    await client.rest(callOf({ path: '/oauth/token/info', root: true }));

    expect(server.requests.map(({ url }) => url)).toEqual([
      '/gitlab/api/v4/thing',
      '/gitlab/oauth/token/info',
    ]);
  });
});

describe('lists', () => {
  const list = { ...callOf(), schema: z.array(z.int()) };

  it('are read page by page with the total', async () => {
    const server = await startHttpServer(json(200, [1, 2], { 'x-next-page': '7', 'x-total': '3' }));
    const { client } = clientFor(server.url);

    const page = await client.page(list, '6');

    expect(page).toEqual({ records: [1, 2], next: '7', total: 3 });
    expect(server.requests[0]?.url).toContain('page=6');
  });

  it('end where no next page is named, and have no total when GitLab does not count', async () => {
    const server = await startHttpServer(json(200, [1], { 'x-next-page': '' }));
    const { client } = clientFor(server.url);

    const page = await client.page(list, null);

    expect(page).toEqual({ records: [1], next: null });
  });

  it('are read as a whole where they are looked up', async () => {
    const server = await startHttpServer(
      json(200, [1, 2], { 'x-next-page': '2' }),
      json(200, [3], { 'x-next-page': '' }),
    );
    const { client } = clientFor(server.url);

    expect(await client.all(list)).toEqual([1, 2, 3]);
  });
});

describe('trouble that passes', () => {
  it('is sat out by a read', async () => {
    const server = await startHttpServer({ status: 502 }, { status: 502 }, json(200, { ok: true }));
    const { client, pauses } = clientFor(server.url);

    const answer = await client.rest(callOf());

    expect(answer).toEqual({ ok: true });
    expect(pauses).toHaveLength(2);
    expect(pauses[0]).toBeGreaterThanOrEqual(200);
    expect(pauses[0]).toBeLessThanOrEqual(300);
    expect(pauses[1]).toBeGreaterThanOrEqual(400);
    expect(pauses[1]).toBeLessThanOrEqual(600);
  });

  it('is passed on by a read after three tries', async () => {
    const server = await startHttpServer({ status: 502 });
    const { client } = clientFor(server.url);

    const error = await errorOf(client.rest(callOf()));

    expect(error).toBeInstanceOf(TemporaryError);
    expect(error).toMatchObject({ name: 'BulkImports::NetworkError', status: 502, waitSeconds: 30 });
    expect(server.requests).toHaveLength(3);
  });

  it('of the connection is sat out by a read, too', async () => {
    const server = await startHttpServer(response => response.socket?.destroy(), json(200, 1));
    const { client } = clientFor(server.url);

    expect(await client.rest(callOf())).toBe(1);
  });

  it.each([
    { method: 'POST', json: { a: 1 } },
    { method: 'PUT', json: { a: 1 } },
  ] as const)('is passed on at once by a $method', async call => {
    const server = await startHttpServer({ status: 502 });
    const { client } = clientFor(server.url, { instance: 'destination' });

    const error = await errorOf(client.write(writeOf(call)));

    expect(error).toBeInstanceOf(TemporaryError);
    expect(server.requests).toHaveLength(1);
  });

  it('makes three requests of a GraphQL query, and one of a mutation', async () => {
    const server = await startHttpServer({ status: 502 });
    const { client } = clientFor(server.url, { instance: 'destination' });

    await errorOf(client.graphql({ operation: 'ask', query: '{ a }', variables: {}, schema: z.unknown() }));
    const reads = server.requests.length;
    await errorOf(mutate(client, mutationOf()));

    expect([reads, server.requests.length - reads]).toEqual([3, 1]);
  });

  it('is waited for here as long as the GitLab says, if that is short', async () => {
    const server = await startHttpServer({ status: 429, headers: { 'retry-after': '2' } }, json(200, 1));
    const { client, pauses } = clientFor(server.url);

    await client.rest(callOf());

    expect(pauses).toHaveLength(1);
    expect(pauses[0]).toBeGreaterThanOrEqual(2000);
  });

  it.each([429, 503])('is left to the workflow when a %s asks for a longer wait', async status => {
    const server = await startHttpServer({ status, headers: { 'retry-after': '3' } });
    const { client, pauses } = clientFor(server.url);

    const error = await errorOf(client.rest(callOf()));

    expect(error).toMatchObject({ status, waitSeconds: 3 });
    expect(pauses).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });

  it('is a request that has no answer at the deadline', async () => {
    const limit = limitsByHand();
    const deadline = Date.now() + 10_000;
    const server = await startHttpServer(() => {
      vi.setSystemTime(deadline);
      limit.reach();
    });
    const { client } = clientFor(server.url, { deadline });

    const error = await errorOf(client.rest(callOf()));

    expect(error).toBeInstanceOf(TemporaryError);
    expect((error as Error).message).toBe(
      'The source GitLab did not answer in time when asked to read the thing. Try again when it answers again.',
    );
    expect(server.requests).toHaveLength(1);
    expect(limit.asked).toEqual([10_000]);
  });

  it('is a request that is not answered within the longest time for one, which is not tried again', async () => {
    const limit = limitsByHand();
    const server = await startHttpServer(() => limit.reach());
    const { client } = clientFor(server.url);

    const error = await errorOf(client.rest(callOf()));

    expect((error as Error).message).toMatch(/^The source GitLab did not answer in time/);
    expect(server.requests).toHaveLength(1);
  });

  it('is an answer whose body stops arriving at the deadline', async () => {
    const server = await startHttpServer(response => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('[');
    });
    const { client } = clientFor(server.url, { deadline: Date.now() + 60 });

    expect(await errorOf(client.rest(callOf()))).toMatchObject({ reason: 'timeout', waitSeconds: 30 });
  });

  it('is a deadline that has passed, without any request', async () => {
    const server = await startHttpServer(json(200, 1));
    const { client } = clientFor(server.url, { deadline: Date.now() - 1 });

    expect(await errorOf(client.rest(callOf()))).toBeInstanceOf(TemporaryError);
    expect(server.requests).toEqual([]);
  });
});

describe('errors', () => {
  it.each([
    [
      404,
      { message: '404 Group Not Found' },
      "The source GitLab refused to read the thing: 404 Group Not Found. It does not exist, or the source token's user cannot see it.",
    ],
    [
      403,
      { error: 'insufficient_scope', error_description: 'needs api' },
      "The source GitLab refused to read the thing: 403 needs api. Check the role of the source token's user in this group or project.",
    ],
    [
      400,
      { message: { title: ['is too long', 'is bad'], base: { error: 'no' } } },
      'The source GitLab refused to read the thing: 400 title is too long, is bad, base no. Check that its version is supported, and import again.',
    ],
    [
      401,
      { message: '401 Unauthorized' },
      'The source GitLab does not accept the source token any more (401 Unauthorized). Start a new import with a valid token.',
    ],
    [
      500,
      { message: '500 Internal Server Error' },
      'The source GitLab could not read the thing: 500 Internal Server Error. Try again when it answers again.',
    ],
  ])('of status %i name the instance, the operation and the reason', async (status, body, message) => {
    const server = await startHttpServer(json(status, body));
    const { client } = clientFor(server.url);

    const error = await errorOf(client.rest(callOf()));

    expect(error).toBeInstanceOf(NetworkError);
    expect((error as Error).message).toBe(message);
    expect((error as Error).message).not.toContain(TOKEN);
  });

  it('speak of the destination where it was the destination', async () => {
    const server = await startHttpServer(json(401, {}));
    const { client } = clientFor(server.url, { instance: 'destination' });

    const error = await errorOf(client.rest(callOf()));

    expect(error).toBeInstanceOf(TokenRejectedError);
    expect((error as Error).message).toContain('destination token');
  });

  it('cut a long text of the GitLab and never their own words', async () => {
    const server = await startHttpServer(json(400, { message: 'x'.repeat(5000) }));

    const call = writeOf({ json: {}, operation: 'create the first board' });
    const { client } = clientFor(server.url, { instance: 'destination' });
    const { message } = (await errorOf(client.write(call))) as Error;

    expect(message).toHaveLength(255);
    expect(message).toMatch(
      /^The destination GitLab refused to create the first board: 400 x{50,}…\. Correct it at the source and import it again, or add it by hand\.$/,
    );
  });

  it('of GraphQL are the reason, although the status is 200', async () => {
    const server = await startHttpServer(
      json(200, { errors: [{ message: 'no field a' }, { message: 'b' }] }),
    );
    const { client } = clientFor(server.url);

    const error = await errorOf(
      client.graphql({ operation: 'ask', query: '{ a }', variables: {}, schema: z.unknown() }),
    );

    expect(error).toBeInstanceOf(NetworkError);
    expect((error as Error).message).toBe(
      "The source GitLab refused to ask: no field a, b. Check what the source token's user may do there, and that its version is supported.",
    );
  });
});
