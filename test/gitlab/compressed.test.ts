import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { TemporaryError } from '../../lambdas/gitlab/errors.ts';
import { callOf, clientFor, errorOf } from '../support/gitlab/gitlab-client.ts';
import { startHttpServer } from '../support/network/http-server.ts';

const JSON_BODY = JSON.stringify({ text: 'unasked '.repeat(1000) });
const reply = (encoding: string, body: Buffer) => ({ headers: { 'content-encoding': encoding }, body });

describe('a compressed response, although none was asked for,', () => {
  it.each([
    ['gzip', gzipSync(JSON_BODY)],
    ['X-GZIP', gzipSync(JSON_BODY)],
    ['deflate', deflateSync(JSON_BODY)],
    ['deflate', deflateRawSync(JSON_BODY)],
    ['br', brotliCompressSync(JSON_BODY)],
    ['gzip, br', brotliCompressSync(gzipSync(JSON_BODY))],
    ['identity', Buffer.from(JSON_BODY)],
  ])('is read: %s', async (encoding, body) => {
    const server = await startHttpServer(reply(encoding, body));

    expect(await clientFor(server.url).client.rest(callOf())).toEqual(JSON.parse(JSON_BODY));
    expect(server.requests[0]?.headers).not.toHaveProperty('accept-encoding');
  });

  it('may unfold to the limit and not a byte more', async () => {
    const server = await startHttpServer(reply('gzip', gzipSync(Buffer.alloc(1000))));
    const { client } = clientFor(server.url);

    const file = await client.download('send the file', '/file', 1000);
    const error = await errorOf(client.download('send the file', '/file', 999));

    expect(file?.body).toHaveLength(1000);
    expect((error as Error).message).toContain('larger than 999 bytes');
  });

  it.each([
    ['cut off', gzipSync(JSON_BODY).subarray(0, 40)],
    ['damaged', Buffer.from('no gzip at all')],
  ])('is trouble that passes when it is %s', async (_, body) => {
    const server = await startHttpServer(reply('gzip', body));

    expect(await errorOf(clientFor(server.url).client.rest(callOf()))).toBeInstanceOf(TemporaryError);
  });

  it('is nothing when there is no body', async () => {
    const server = await startHttpServer({ status: 404, ...reply('gzip', Buffer.alloc(0)) });

    expect(await errorOf(clientFor(server.url).client.rest(callOf()))).toMatchObject({ status: 404 });
  });
});
