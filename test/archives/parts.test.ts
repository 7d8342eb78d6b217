import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { partsOf } from '../../lambdas/archives/parts.ts';

async function partsIn(pieces: string[], partBytes: number): Promise<string[]> {
  const parts: string[] = [];
  const body = Readable.from(pieces.map(piece => Buffer.from(piece)));
  for await (const part of partsOf(body, partBytes)) parts.push(part.toString());
  return parts;
}

it.each([
  [['abcdefg'], ['abc', 'def', 'g']],
  [
    ['a', 'bc', 'defg', 'hi'],
    ['abc', 'def', 'ghi'],
  ],
  [
    ['ab', '', 'cdefghijk'],
    ['abc', 'def', 'ghi', 'jk'],
  ],
  [['ab'], ['ab']],
  [[''], []],
  [[], []],
])('a stream of %j comes in parts of three bytes, and the rest', async (pieces, parts) => {
  expect(await partsIn(pieces, 3)).toEqual(parts);
});

it('all parts come in the same memory', async () => {
  const memories = new Set<ArrayBufferLike>();
  for await (const part of partsOf(Readable.from([Buffer.from('abcdefg')]), 2)) memories.add(part.buffer);

  expect(memories.size).toBe(1);
});
