import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { NetworkError, TemporaryError } from '../../lambdas/gitlab/errors.ts';
import { waitOf } from '../../lambdas/gitlab/rate-limit-headers.ts';
import { callOf, clientFor, errorOf } from '../support/gitlab/gitlab-client.ts';
import { startHttpServer } from '../support/network/http-server.ts';

const UNREADABLE = 'The answer of the source GitLab cannot be read (to read the thing): ';

describe('an answer that cannot be used', () => {
  it.each([
    ['cut off', '{"id": 1, "na'],
    ['empty', ''],
  ])('is trouble that passes when it is %s', async (_, body) => {
    const server = await startHttpServer({ status: 200, body });

    const error = await errorOf(clientFor(server.url).client.rest(callOf()));

    expect(error).toBeInstanceOf(TemporaryError);
    expect((error as Error).message).toMatch(
      new RegExp(`^${UNREADABLE.replace(/[()]/g, '\\$&')}it is not JSON`),
    );
  });

  it('is trouble that passes when the connection ends before it', async () => {
    const server = await startHttpServer(response => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"id":', () => response.socket?.destroy());
    });

    const error = await errorOf(clientFor(server.url).client.rest(callOf()));

    expect(error).toBeInstanceOf(TemporaryError);
    expect((error as Error).message).toMatch(
      /^The connection to the source GitLab failed on the way to read the thing/,
    );
    expect(server.requests).toHaveLength(3);
  });

  it('fails for good when it has another shape', async () => {
    const server = await startHttpServer({ body: JSON.stringify([{ id: 1 }, { id: 'two' }]) });
    const schema = z.array(z.object({ id: z.int() }));

    const error = await errorOf(clientFor(server.url).client.rest({ ...callOf(), schema }));

    expect(error).toBeInstanceOf(NetworkError);
    expect(error).not.toBeInstanceOf(TemporaryError);
    expect((error as Error).message).toBe(
      `${UNREADABLE}unexpected 1.id. Check that its base URL is that of a GitLab and that its version is supported.`,
    );
  });

  it('is no answer of GraphQL when it is null', async () => {
    const server = await startHttpServer({ body: 'null' });
    const { client } = clientFor(server.url);

    const error = await errorOf(
      client.graphql({ operation: 'ask', query: '{ a }', variables: {}, schema: z.object({ a: z.int() }) }),
    );

    expect(error).toBeInstanceOf(NetworkError);
  });
});

describe('the size of an answer', () => {
  it('may be the limit and not a byte more', async () => {
    const server = await startHttpServer({ body: Buffer.alloc(1000) });
    const { client } = clientFor(server.url);

    const file = await client.download('send the file', '/file', 1000);
    const error = await errorOf(client.download('send the file', '/file', 999));

    expect(file?.body).toHaveLength(1000);
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).not.toBeInstanceOf(TemporaryError);
    expect((error as Error).message).toContain('larger than 999 bytes');
  });

  it('is counted while it arrives, whatever its head says', async () => {
    let ended = false;
    const server = await startHttpServer(response => {
      response.on('close', () => {
        ended = true;
      });
      const more = () => response.write(Buffer.alloc(64 * 1024), error => error ?? setImmediate(more));
      response.writeHead(200);
      more();
    });
    const { client } = clientFor(server.url);

    const error = await errorOf(client.download('send the file', '/file', 200_000));

    expect((error as Error).message).toContain('larger than 200000 bytes');
    await expect.poll(() => ended).toBe(true);
  });

  it('is limited for JSON as well', async () => {
    const server = await startHttpServer({ body: `"${'x'.repeat(16 * 1024 * 1024)}"` });

    const error = await errorOf(clientFor(server.url).client.rest(callOf()));

    expect((error as Error).message).toContain('larger than 16777216 bytes');
    expect(server.requests).toHaveLength(1);
  });
});

it('takes a file that is not there for none', async () => {
  const server = await startHttpServer({ status: 404 });

  expect(await clientFor(server.url).client.download('send the file', '/file', 10)).toBeUndefined();
});

it.each(['Group Not Found', '404 Group Not Found'])(
  'tells "%s" from a file that is not there',
  async message => {
    const server = await startHttpServer({ status: 404, body: JSON.stringify({ message }) });

    const error = await errorOf(clientFor(server.url).client.download('send the file', '/file', 100));

    expect(error).toMatchObject({ status: 404 });
  },
);

it.each(['text/html; charset=utf-8', 'application/json'])('does not take %s for a file', async type => {
  const server = await startHttpServer({ headers: { 'content-type': type } });

  const error = await errorOf(clientFor(server.url).client.download('send the file', '/file', 10));

  expect(error).toBeInstanceOf(TemporaryError);
  expect((error as Error).message).toContain('it is not a file');
});

describe('the time that a GitLab asks to wait', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');

  it.each<[string, Record<string, string>, number | undefined]>([
    ['seconds', { 'retry-after': '42' }, 42],
    ['seconds with spaces', { 'retry-after': ' 42 ' }, 42],
    ['a date', { 'retry-after': 'Thu, 01 Jan 2026 00:01:30 GMT' }, 90],
    ['a date in the past', { 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, 1],
    ['no time at all', { 'retry-after': '0' }, 1],
    ['far too long', { 'retry-after': '999999' }, 6 * 3600],
    ['the moment of the reset', { 'ratelimit-reset': String(now / 1000 + 12) }, 12],
    ['both', { 'retry-after': '5', 'ratelimit-reset': String(now / 1000 + 12) }, 5],
    ['nonsense', { 'retry-after': 'soon' }, undefined],
    ['nonsense and a reset', { 'retry-after': 'soon', 'ratelimit-reset': String(now / 1000 + 12) }, 12],
    ['nothing', {}, undefined],
  ])('is read from %s', (_, headers, seconds) => {
    expect(waitOf(headers, now)).toBe(seconds);
  });
});
