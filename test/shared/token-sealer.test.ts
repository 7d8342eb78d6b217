import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../lambdas/shared/secret.ts';
import { LocalKeySealer } from '../../lambdas/shared/token-sealer.ts';

const TOKEN = 'fake-token-with-ümlaut';
const sealer = new LocalKeySealer(randomBytes(32));

describe('a sealed token', () => {
  it('can be opened for its import', async () => {
    const opened = await sealer.open(await sealer.seal(new Secret(TOKEN), 7), 7);

    expect(opened).toBeInstanceOf(Secret);
    expect(opened.expose()).toBe(TOKEN);
  });

  it('does not show the token, and looks different each time', async () => {
    const [first, second] = [
      await sealer.seal(new Secret(TOKEN), 7),
      await sealer.seal(new Secret(TOKEN), 7),
    ];

    expect(first).not.toBe(second);
    expect(Buffer.from(first, 'base64').includes(Buffer.from(TOKEN))).toBe(false);
  });

  it('cannot be opened for another import', async () => {
    const sealed = await sealer.seal(new Secret(TOKEN), 7);

    await expect(sealer.open(sealed, 8)).rejects.toThrow();
  });

  it('cannot be opened with another key', async () => {
    const sealed = await sealer.seal(new Secret(TOKEN), 7);

    await expect(new LocalKeySealer(randomBytes(32)).open(sealed, 7)).rejects.toThrow();
  });

  it.each([0, 12, 28])('cannot be opened when its byte %i was changed', async position => {
    const bytes = Buffer.from(await sealer.seal(new Secret(TOKEN), 7), 'base64');
    bytes[position] = (bytes[position] ?? 0) ^ 1;

    await expect(sealer.open(bytes.toString('base64'), 7)).rejects.toThrow();
  });

  it('cannot be opened when its tag was cut short', async () => {
    const sealed = Buffer.from(await sealer.seal(new Secret(''), 7), 'base64').subarray(0, 12 + 4);

    await expect(sealer.open(sealed.toString('base64'), 7)).rejects.toThrow();
  });
});

it.each([0, 16, 31, 33])('refuses a key of %i bytes', length => {
  expect(() => new LocalKeySealer(randomBytes(length))).toThrow('The token key must have 32 bytes.');
});
