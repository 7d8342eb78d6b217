import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { importFromFile } from '../../lambdas/gitlab/api/project-imports.ts';
import { RunBudget } from '../../lambdas/gitlab/budgets.ts';
import { TemporaryError } from '../../lambdas/gitlab/errors.ts';
import { time } from '../../lambdas/platform/time.ts';
import { clientFor, errorOf, TOKEN } from '../support/gitlab/gitlab-client.ts';
import { startHttpServer } from '../support/network/http-server.ts';

const ARCHIVE = Buffer.from([0x1f, 0x8b, 1, 2, 3, 4, 5, 6]);
const headers = { 'content-type': 'application/gzip', 'content-encoding': 'gzip', 'content-length': '8' };
const call = { operation: 'download the archive', path: '/archive' };

it('follows a download to another host without the token, and does not decode it', async () => {
  const store = await startHttpServer({ headers, body: ARCHIVE });
  const server = await startHttpServer({ status: 307, headers: { location: `${store.url}/object` } });

  const download = await clientFor(server.url).client.stream(call);

  expect(download).toMatchObject({ status: 200, bytes: 8 });
  expect(await buffer(download.body)).toEqual(ARCHIVE);
  expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  expect(store.requests[0]?.headers).not.toHaveProperty('authorization');
});

it('throws a temporary error at whoever reads a body that is cut off', async () => {
  const server = await startHttpServer(response => {
    response.writeHead(200, headers);
    response.write(ARCHIVE.subarray(0, 3), () => response.destroy());
  });

  const { body } = await clientFor(server.url).client.stream(call);
  const error = await errorOf(buffer(body));

  expect(error).toBeInstanceOf(TemporaryError);
  expect(error).toMatchObject({ instance: 'source', waitsFor: 'outage' });
  expect(String(error)).toContain('download the archive');
});

it('takes the rest of a file, the whole of it, or that nothing is left', async () => {
  const part = { ...headers, 'content-range': 'bytes 3-7/8', 'content-length': '5' };
  const server = await startHttpServer(
    { status: 206, headers: part, body: ARCHIVE.subarray(3) },
    { headers, body: ARCHIVE },
    { status: 416, headers: { 'content-range': 'bytes */3' } },
    { status: 206, headers: { ...part, 'content-range': 'bytes 0-4/8' }, body: ARCHIVE.subarray(3) },
  );
  const { client } = clientFor(server.url);
  const ask = () => client.stream({ ...call, from: 3 });

  const rest = await ask();
  expect(rest).toMatchObject({ status: 206, bytes: 8 });
  expect(await buffer(rest.body)).toEqual(ARCHIVE.subarray(3));
  const whole = await ask();
  expect(whole).toMatchObject({ status: 200, bytes: 8 });
  expect(await buffer(whole.body)).toEqual(ARCHIVE);
  const nothing = await ask();
  expect(nothing).toMatchObject({ status: 206, bytes: 3 });
  expect(await buffer(nothing.body)).toHaveLength(0);
  expect(await errorOf(ask())).toBeInstanceOf(TemporaryError);
  expect(server.requests[0]?.headers.range).toBe('bytes=3-');
});

it('asks for the rest of a file as long as it is that one, and for the whole of a file without that', async () => {
  const part = { ...headers, 'content-range': 'bytes 3-7/8', 'content-length': '5' };
  const server = await startHttpServer({ headers, body: ARCHIVE }, { status: 206, headers: part });
  const { client } = clientFor(server.url);

  for (const from of [0, 3]) (await client.stream({ ...call, from, ifRange: '"one"' })).body.destroy();

  expect(server.requests[0]?.headers).not.toHaveProperty('if-range');
  expect(server.requests[1]?.headers).toMatchObject({ range: 'bytes=3-', 'if-range': '"one"' });
});

it.each([
  ['bytes */2', 2],
  ['', undefined],
])(
  'takes a 416 with "%s" for nothing left, and names the size as far as it is told',
  async (range, bytes) => {
    const server = await startHttpServer({ status: 416, headers: { 'content-range': range } });

    const { status, body, ...rest } = await clientFor(server.url).client.stream({ ...call, from: 3 });

    expect([status, rest.bytes]).toEqual([206, bytes]);
    expect(await buffer(body)).toHaveLength(0);
  },
);

it('takes a 416 for an error when the whole file was asked for', async () => {
  const server = await startHttpServer({ status: 416 });

  expect(await errorOf(clientFor(server.url).client.stream(call))).toMatchObject({ status: 416 });
});

it.each([
  [429, '{"message":"slow"}', { status: 429, retryAfter: 60 }],
  [
    404,
    '{"message":"404 Not found or has expired"}',
    { status: 404, reason: '404 Not found or has expired' },
  ],
  [200, '<html>', { waitsFor: 'outage' }],
])('takes status %i with %s in place of a file for an error', async (status, body, expected) => {
  const type = body.startsWith('<') ? 'text/html' : 'application/json';
  const server = await startHttpServer({
    status,
    headers: { 'content-type': type, 'retry-after': '60' },
    body,
  });

  expect(await errorOf(clientFor(server.url).client.stream(call))).toMatchObject(expected);
});

it('does not hold the bytes of an archive against the budget of the run', async () => {
  const budget = new RunBudget();
  budget.spend = () => expect.unreachable();
  const server = await startHttpServer({ headers, body: ARCHIVE });

  const { body } = await clientFor(server.url, { budget }).client.stream(call);

  expect(await buffer(body)).toEqual(ARCHIVE);
});

const WANTED = { name: 'A', path: 'a', namespaceId: 7, overrides: { visibility: 'private' } };
const STATUS = '{"id":1,"path_with_namespace":"g/a","import_status":"scheduled"}';

it('streams a file in a form of a known length', async () => {
  let form: FormData | undefined;
  const server = await startHttpServer(async response => {
    const { req } = response;
    const type = req.headers['content-type'] ?? '';
    form = await new Response(new Uint8Array(await buffer(req)), {
      headers: { 'content-type': type },
    }).formData();
    response.writeHead(201).end(STATUS);
  });
  const { client } = clientFor(server.url, { instance: 'destination' });

  const made = await importFromFile(client, {
    ...WANTED,
    bytes: ARCHIVE.length,
    open: async () => Readable.from([ARCHIVE]),
  });

  expect(made).toMatchObject({ id: 1, failed_relations: [] });
  expect(server.requests[0]?.headers).toHaveProperty('content-length');
  expect(form?.get('namespace')).toBe('7');
  expect(form?.get('override_params[visibility]')).toBe('private');
  const file = form?.get('file') as File;
  expect([file.name, file.type]).toEqual(['archive.tar.gz', 'application/gzip']);
  expect(Buffer.from(await file.arrayBuffer())).toEqual(ARCHIVE);
});

it('reads a refusal that comes before a large file was sent, and lets go of the file', async () => {
  const server = await startHttpServer({ status: 413, body: '{"message":"too large"}' });
  const chunk = Buffer.alloc(65_536);
  const file = Readable.from(Array(3_200).fill(chunk));
  const { client } = clientFor(server.url, { instance: 'destination' });

  const error = await errorOf(
    importFromFile(client, { ...WANTED, bytes: 3_200 * chunk.length, open: async () => file }),
  );

  expect(error).toMatchObject({ status: 413, reason: 'too large' });
  await expect.poll(() => file.destroyed).toBe(true);
});

it('does not even open the file when the headers of an upload are refused', async () => {
  const server = await startHttpServer({ status: 413, body: '{"message":"too large"}' });
  const { client } = clientFor(server.url, { instance: 'destination' });
  const paused = Promise.withResolvers<void>();
  vi.mocked(time.pause).mockReturnValueOnce(paused.promise);
  const open = vi.fn(async () => Readable.from([ARCHIVE]));

  const error = await errorOf(importFromFile(client, { ...WANTED, bytes: ARCHIVE.length, open }));
  paused.resolve();
  await setImmediate();

  expect(error).toMatchObject({ status: 413, reason: 'too large' });
  expect(open).not.toHaveBeenCalled();
});

/** Stands in for the limits of streams. @returns what lets the one that has begun be over */
function limitsByHand(): () => void {
  let begun: AbortController | undefined;
  const watch = vi.spyOn(time, 'watch').mockImplementation(() => {
    const controller = new AbortController();
    const begin = () => {
      begun = controller;
    };
    const end = () => {
      begun = undefined;
    };
    begin();
    return { signal: controller.signal, refresh: begin, stop: end };
  });
  onTestFinished(() => watch.mockRestore());
  return () => begun?.abort(new DOMException('Nothing came in time.', 'TimeoutError'));
}

it('gives a download up of which nothing comes any more', async () => {
  const server = await startHttpServer(response => {
    response.writeHead(200, headers);
    response.write(ARCHIVE.subarray(0, 3));
  });
  const letTimePass = limitsByHand();

  const { body } = await clientFor(server.url).client.stream(call);
  const chunks = body[Symbol.asyncIterator]();
  await chunks.next();
  const next = errorOf(chunks.next());
  await setImmediate();
  letTimePass();

  expect(await next).toMatchObject({ instance: 'source', reason: 'timeout', waitsFor: 'outage' });
});

it('gives a response up that does not begin, of a download and of an upload', async () => {
  const asked: (() => void)[] = [];
  const server = await startHttpServer(() => asked.shift()?.());
  const letTimePass = limitsByHand();
  const silent = async (ask: () => Promise<unknown>) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    asked.push(resolve);
    const error = errorOf(ask());
    await promise;
    letTimePass();
    return error;
  };
  const upload = { ...WANTED, bytes: ARCHIVE.length, open: async () => Readable.from([ARCHIVE]) };
  const { client } = clientFor(server.url, { instance: 'destination' });

  const errors = [
    await silent(() => client.stream(call)),
    await silent(() => importFromFile(client, upload)),
  ];

  for (const error of errors) expect(error).toMatchObject({ reason: 'timeout', waitsFor: 'outage' });
});
