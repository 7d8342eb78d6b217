import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { BrokenForm, readForm } from '../../lib/gitlab-simulator/multipart.ts';

const TYPE = 'multipart/form-data; boundary=line';
const MEBIBYTE = 1024 * 1024;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'multipart-'));
  return () => rm(folder, { recursive: true });
});

let files = 0;
const newFile = async () => join(folder, `${files++}`);

/** Reads a body that arrives in pieces of so many bytes. */
function read(body: string | Buffer, pieceBytes = 1000, type = TYPE) {
  const bytes = Buffer.from(body);
  async function* pieces() {
    for (let from = 0; from < bytes.length; from += pieceBytes) {
      yield bytes.subarray(from, from + pieceBytes);
    }
  }
  return readForm(pieces(), type, newFile);
}

/** The content of a form that was made by a client of Node's. */
async function encoded(form: FormData): Promise<{ body: Buffer; type: string }> {
  const response = new Response(form);
  return {
    body: Buffer.from(await response.arrayBuffer()),
    type: response.headers.get('content-type') ?? '',
  };
}

describe('a form', () => {
  it('is read alike in whatever pieces it arrives', async () => {
    const content = Buffer.from('\r\n--lin\r\n\r\n--line\r--\n');
    const form = new FormData();
    form.set('path', 'größer\r\n--');
    form.set('override_params[a]', '');
    form.set('file', new Blob([content], { type: 'application/gzip' }), 'a "b".tar.gz');
    const { body, type } = await encoded(form);

    for (let pieceBytes = 1; pieceBytes < body.length; pieceBytes += 1) {
      expect(await read(body, pieceBytes, type), `in pieces of ${pieceBytes}`).toEqual([
        ['path', 'größer\r\n--'],
        ['override_params[a]', ''],
        ['file', { filename: 'a "b".tar.gz', contentType: 'application/gzip', content }],
      ]);
    }
  });

  it('has its large files on the disk', async () => {
    const large = randomBytes(3 * MEBIBYTE);
    const form = new FormData();
    form.set('small', new Blob([large.subarray(0, MEBIBYTE)]), 'small');
    form.set('large', new Blob([large]), 'large');
    form.set('after', 'text');
    const { body, type } = await encoded(form);

    const entries = new Map(await read(body, 65_536, type));

    const small = entries.get('small') as { content: Buffer };
    expect(small.content.equals(large.subarray(0, MEBIBYTE))).toBe(true);
    const { content } = entries.get('large') as { content: { path: string } };
    expect((await readFile(content.path)).equals(large)).toBe(true);
    expect(entries.get('after')).toBe('text');
  });

  it('may have a preamble, an epilogue, a bare name and parts of no type', async () => {
    const file = 'content-disposition: form-data; name=a; filename=b\r\n\r\nc';

    expect(await read(`before\r\n--line\r\n${file}\r\n--line--\r\nafter`)).toEqual([
      ['a', { filename: 'b', contentType: 'text/plain', content: Buffer.from('c') }],
    ]);
  });

  it('is nothing when it is empty', async () => {
    expect(await read('')).toBeUndefined();
    expect(await read('--line--')).toEqual([]);
  });

  it.each([
    ['has no boundary', 'x', 'multipart/form-data'],
    ['never begins', 'x', TYPE],
    ['ends in a head', '--line\r\ncontent-disposition: form-data; name="a"', TYPE],
    ['ends in a text', '--line\r\ncontent-disposition: form-data; name="a"\r\n\r\nb', TYPE],
    ['ends after a part', '--line\r\ncontent-disposition: form-data; name="a"\r\n\r\nb\r\n--line', TYPE],
  ])('is refused when it %s', async (_, body, type) => {
    await expect(read(body, 7, type)).rejects.toThrow(BrokenForm);
  });
});
