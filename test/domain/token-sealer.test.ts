import { randomBytes } from 'node:crypto';
import {
  DecryptCommand,
  EncryptCommand,
  InvalidCiphertextException,
  KMSClient,
  KMSServiceException,
} from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../lambdas/domain/secret.ts';
import { KmsSealer, LocalKeySealer, TokenUseError } from '../../lambdas/domain/token-sealer.ts';
import { mockedClient } from '../support/test-run/mocked-client.ts';

const TOKEN = 'fake-token-with-ümlaut';
const USE = { importId: 7, gitlabUrl: 'https://old.example' };
const sealer = new LocalKeySealer(randomBytes(32));

describe('a sealed token', () => {
  it('can be opened for its import', async () => {
    const opened = await sealer.open(await sealer.seal(new Secret(TOKEN), USE), USE);

    expect(opened).toBeInstanceOf(Secret);
    expect(opened.expose()).toBe(TOKEN);
  });

  it('does not show the token, and looks different each time', async () => {
    const [first, second] = [
      await sealer.seal(new Secret(TOKEN), USE),
      await sealer.seal(new Secret(TOKEN), USE),
    ];

    expect(first).not.toBe(second);
    expect(Buffer.from(first, 'base64').includes(Buffer.from(TOKEN))).toBe(false);
  });

  it.each([
    ['another import', { ...USE, importId: 8 }],
    ['another GitLab', { ...USE, gitlabUrl: 'https://evil.example' }],
    ['a path of its GitLab', { ...USE, gitlabUrl: `${USE.gitlabUrl}/evil` }],
    ['both taken apart otherwise', { importId: 7, gitlabUrl: ` ${USE.gitlabUrl}` }],
  ])('cannot be opened for %s', async (_, use) => {
    const sealed = await sealer.seal(new Secret(TOKEN), USE);

    await expect(sealer.open(sealed, use)).rejects.toThrow(TokenUseError);
  });

  it('cannot be opened with another key', async () => {
    const sealed = await sealer.seal(new Secret(TOKEN), USE);

    await expect(new LocalKeySealer(randomBytes(32)).open(sealed, USE)).rejects.toThrow();
  });

  it.each([0, 12, 28])('cannot be opened when its byte %i was changed', async position => {
    const bytes = Buffer.from(await sealer.seal(new Secret(TOKEN), USE), 'base64');
    bytes[position] = (bytes[position] ?? 0) ^ 1;

    await expect(sealer.open(bytes.toString('base64'), USE)).rejects.toThrow();
  });

  it('cannot be opened when its tag was cut short', async () => {
    const sealed = Buffer.from(await sealer.seal(new Secret(''), USE), 'base64').subarray(0, 12 + 4);

    await expect(sealer.open(sealed.toString('base64'), USE)).rejects.toThrow();
  });
});

it.each([0, 16, 31, 33])('refuses a key of %i bytes', length => {
  expect(() => new LocalKeySealer(randomBytes(length))).toThrow('The token key must have 32 bytes.');
});

describe('the key of a deployment', () => {
  const context = { importId: '7', gitlabUrl: 'https://old.example' };

  it('is told of the import and the GitLab when it seals and when it opens', async () => {
    const kms = mockedClient(KMSClient);
    kms.on(EncryptCommand).resolves({ CiphertextBlob: Buffer.from('sealed') });
    kms.on(DecryptCommand).resolves({ Plaintext: Buffer.from(TOKEN) });
    const keyArn = 'arn:aws:kms:eu-central-1:000000000000:key/1';
    const inAws = new KmsSealer(keyArn);

    const opened = await inAws.open(await inAws.seal(new Secret(TOKEN), USE), USE);

    expect(opened.expose()).toBe(TOKEN);
    const inputs = kms.calls().map(({ args }) => args[0].input);
    expect(inputs).toEqual([
      { KeyId: keyArn, Plaintext: Buffer.from(TOKEN), EncryptionContext: context },
      { KeyId: keyArn, CiphertextBlob: Buffer.from('sealed'), EncryptionContext: context },
    ]);
  });

  it.each([
    ['another use', new InvalidCiphertextException({ $metadata: {}, message: 'no' }), 'TokenUseError'],
    [
      'a moment of trouble',
      new KMSServiceException({ name: 'KMSInternalException', $fault: 'server', $metadata: {} }),
      'KMSInternalException',
    ],
  ])('says %s apart', async (_, error, name) => {
    mockedClient(KMSClient).on(DecryptCommand).rejects(error);

    await expect(new KmsSealer('key').open('c2VhbGVk', USE)).rejects.toMatchObject({ name });
  });
});
