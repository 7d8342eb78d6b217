import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DecryptCommand, EncryptCommand, InvalidCiphertextException, KMSClient } from '@aws-sdk/client-kms';
import { environment } from '../platform/environment.ts';
import { messageOf } from './errors.ts';
import { Secret } from './secret.ts';

/** What a sealed token is good for. */
export interface TokenUse {
  importId: number;
  /** Base URL of the GitLab that the token was given for, normalised. */
  gitlabUrl: string;
}

/** A sealed token cannot be opened: it was sealed for another use or with another key, or it was changed. */
export class TokenUseError extends Error {
  override readonly name = 'TokenUseError';
}

/**
 * Seals tokens before they touch the table. What is sealed for one import and one GitLab cannot be opened for another:
 * whoever can write to the table, and nothing else, cannot have a token sent anywhere.
 */
export interface TokenSealer {
  seal(token: Secret, use: TokenUse): Promise<string>;
  /** @throws TokenUseError */
  open(sealed: string, use: TokenUse): Promise<Secret>;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const KEY_BYTES = 32;

/**
 * AES-256-GCM with a key from a local file. What the token is good for is bound in as additional data, as it is in the
 * encryption context of a KMS key.
 */
export class LocalKeySealer implements TokenSealer {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    if (key.length !== KEY_BYTES) throw new Error(`The token key must have ${KEY_BYTES} bytes.`);
    this.#key = key;
  }

  async seal(token: Secret, use: TokenUse): Promise<string> {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(additionalData(use));
    const text = Buffer.concat([cipher.update(token.expose(), 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64');
  }

  async open(sealed: string, use: TokenUse): Promise<Secret> {
    const bytes = Buffer.from(sealed, 'base64');
    const nonce = bytes.subarray(0, NONCE_BYTES);
    // Without a length given, Node takes a tag that was cut to 4 bytes, which can be guessed.
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(additionalData(use))
      .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    try {
      const text = Buffer.concat([
        decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)),
        decipher.final(),
      ]);
      return new Secret(text.toString('utf8'));
    } catch (error) {
      throw new TokenUseError(messageOf(error));
    }
  }
}

function additionalData({ importId, gitlabUrl }: TokenUse): Buffer {
  return Buffer.from(`import:${importId} ${gitlabUrl}`);
}

/** KMS, with the use as encryption context: the key's policy and its audit log both see what the token was for. */
export class KmsSealer implements TokenSealer {
  readonly #keyArn: string;
  readonly #client: KMSClient;

  constructor(keyArn: string, client = new KMSClient({})) {
    this.#keyArn = keyArn;
    this.#client = client;
  }

  async seal(token: Secret, use: TokenUse): Promise<string> {
    const { CiphertextBlob } = await this.#client.send(
      new EncryptCommand({
        KeyId: this.#keyArn,
        Plaintext: Buffer.from(token.expose(), 'utf8'),
        EncryptionContext: encryptionContext(use),
      }),
    );
    return bytesOf(CiphertextBlob).toString('base64');
  }

  async open(sealed: string, use: TokenUse): Promise<Secret> {
    const { Plaintext } = await this.#client
      .send(
        new DecryptCommand({
          KeyId: this.#keyArn,
          CiphertextBlob: Buffer.from(sealed, 'base64'),
          EncryptionContext: encryptionContext(use),
        }),
      )
      .catch(error => {
        throw error instanceof InvalidCiphertextException ? new TokenUseError(error.message) : error;
      });
    return new Secret(bytesOf(Plaintext).toString('utf8'));
  }
}

const encryptionContext = ({ importId, gitlabUrl }: TokenUse) => ({
  importId: String(importId),
  gitlabUrl,
});

function bytesOf(blob: Uint8Array | undefined): Buffer {
  if (blob === undefined) throw new Error('KMS sent no bytes.');
  return Buffer.from(blob);
}

let sealer: TokenSealer | undefined;

/** The sealer of this process, made on first use. */
export function tokenSealer(): TokenSealer {
  const keyArn = environment.tokenKeyArn();
  sealer ??= keyArn ? new KmsSealer(keyArn) : new LocalKeySealer(readFileSync(environment.tokenKeyFile()));
  return sealer;
}
