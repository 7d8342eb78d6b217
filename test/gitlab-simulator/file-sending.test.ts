import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sendFile } from '../../lib/gitlab-simulator/file-sending.ts';
import { startHost } from './archive-client.ts';

/** More than the buffers of a connection hold, so that the sender waits for its client. */
const BYTES = 32 * 1024 * 1024;
/** Node forgets a piece that is on its way by chance only. */
const CLIENTS = 20;

describe('a file that is sent', () => {
  const sent: Promise<void>[] = [];
  let url: URL;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'file-sending-'));
    const path = join(folder, 'file');
    await writeFile(path, Buffer.alloc(BYTES));
    const host = await startHost((_, response) => {
      response.writeHead(200, { 'content-length': BYTES });
      sent.push(sendFile(response, { path, from: 0, to: BYTES - 1 }));
    });
    url = new URL(host);
    return () => rm(folder, { recursive: true });
  });

  it('is closed when its client goes away in the middle', async () => {
    const clients = Array.from({ length: CLIENTS }, () => goneAfterFirstData(url, 1));
    await Promise.all(clients);

    expect(sent).toHaveLength(CLIENTS);
    await Promise.all(sent.splice(0));
  });

  it('is closed when its client goes away before its turn', async () => {
    await goneAfterFirstData(url, 2);

    expect(sent).toHaveLength(2);
    await Promise.all(sent.splice(0));
  });

  it('arrives as a whole', async () => {
    const { body } = await fetch(url);
    let received = 0;
    for await (const chunk of body ?? []) received += chunk.length;

    expect(received).toBe(BYTES);
    await Promise.all(sent.splice(0));
  });
});

/** A client that sends requests at once, and closes its connection as soon as something arrives. */
function goneAfterFirstData({ hostname, port, host }: URL, requests: number): Promise<void> {
  return new Promise(resolve => {
    const client = connect(Number(port), hostname);
    client.once('data', () => client.destroy()).once('close', () => resolve());
    client.write(`GET / HTTP/1.1\r\nhost: ${host}\r\n\r\n`.repeat(requests));
  });
}
