import { PART_BYTES } from './archive-store.ts';

/**
 * A stream in parts of the size that the store takes; the last one is smaller. All come in the same memory, so that an
 * archive takes no more of it than a part does: each is there until the next one is asked for.
 */
export async function* partsOf(
  body: AsyncIterable<Buffer>,
  partBytes: number = PART_BYTES,
): AsyncGenerator<Buffer> {
  const part = Buffer.allocUnsafeSlow(partBytes);
  let length = 0;
  for await (const chunk of body) {
    for (let from = 0; from < chunk.length; ) {
      const copied = chunk.copy(part, length, from);
      from += copied;
      length += copied;
      if (length < partBytes) continue;
      yield part;
      length = 0;
    }
  }
  if (length > 0) yield part.subarray(0, length);
}
