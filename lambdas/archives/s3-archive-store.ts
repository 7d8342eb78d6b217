import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  ListPartsCommand,
  type ListPartsCommandOutput,
  type ObjectIdentifier,
  type Part,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { messageOf } from '../domain/errors.ts';
import { StoreBusyError, StoreError } from '../domain/store-errors.ts';
import { awsClientSettings } from '../platform/aws-clients.ts';
import { passesByItself } from '../platform/aws-errors.ts';
import { environment } from '../platform/environment.ts';
import type { ArchiveStore, StoredArchive } from './archive-store.ts';
import { readable } from './readable.ts';

/** A signed URL is used at once: whoever asks for it is redirected to it. */
const SIGNED_SECONDS = 5 * 60;
/** DeleteObjects takes no more. */
const MOST_DELETED = 1000;

/** The S3 client of this process. */
let client: S3Client | undefined;
function s3(): S3Client {
  client ??= new S3Client({
    ...awsClientSettings(),
    // A signed URL would carry the checksum of an empty body, and a part its own on top of the one that is signed.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // What stands in for AWS has no host name for each bucket.
    forcePathStyle: environment.hasOwnAwsEndpoint(),
  });
  return client;
}

/** Archives in a bucket of S3 with versions. */
export class S3ArchiveStore implements ArchiveStore {
  readonly #bucket: string;
  readonly #client: S3Client;

  constructor(bucket: string, client = s3()) {
    this.#bucket = bucket;
    this.#client = client;
  }

  async begin(key: string): Promise<string> {
    const command = new CreateMultipartUploadCommand({
      ...this.#object(key),
      ContentType: 'application/gzip',
    });
    const { UploadId } = await ask(this.#client.send(command));
    if (UploadId === undefined) throw new StoreError('S3 has begun an upload and not said which.');
    return UploadId;
  }

  async stored(key: string, upload: string): Promise<{ parts: number; bytes: number } | undefined> {
    const parts = await this.#parts(key, upload);
    if (parts === undefined) return undefined;
    const first = withoutGap(parts);
    return { parts: first.length, bytes: bytesOf(first) };
  }

  async append(key: string, upload: string, number: number, bytes: Buffer): Promise<void> {
    await ask(
      this.#client.send(
        new UploadPartCommand({
          ...this.#object(key),
          UploadId: upload,
          PartNumber: number,
          Body: bytes,
          ContentLength: bytes.length,
        }),
      ),
    );
  }

  async complete(key: string, upload: string): Promise<StoredArchive> {
    const parts = await this.#parts(key, upload);
    if (parts === undefined) return this.#completed(key);
    if (withoutGap(parts).length < parts.length || parts.length === 0) {
      throw new StoreError(`The archive ${key} cannot be completed: it has no part, or one is missing.`);
    }
    const command = new CompleteMultipartUploadCommand({
      ...this.#object(key),
      UploadId: upload,
      MultipartUpload: { Parts: parts.map(({ PartNumber, ETag }) => ({ PartNumber, ETag })) },
    });
    try {
      const { VersionId } = await ask(this.#client.send(command));
      return { key, version: VersionId ?? null, bytes: bytesOf(parts) };
    } catch (error) {
      // Somebody else has completed it meanwhile, or this request has, and its answer was lost.
      if (isMissing(error)) return this.#completed(key);
      throw error;
    }
  }

  async find(key: string): Promise<StoredArchive | undefined> {
    try {
      const { VersionId, ContentLength } = await ask(
        this.#client.send(new HeadObjectCommand(this.#object(key))),
      );
      return { key, version: VersionId ?? null, bytes: ContentLength ?? 0 };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async read(archive: StoredArchive): Promise<Readable> {
    const { Body } = await ask(this.#client.send(new GetObjectCommand(this.#version(archive))));
    return readable(Body as Readable, asStoreError);
  }

  async remove(key: string): Promise<void> {
    // First: what is not an upload any more by then is an object, and is found below.
    for (const upload of await this.#uploads(key)) await this.#abort(key, upload);
    const versions = await this.#versions(key);
    for (let start = 0; start < versions.length; start += MOST_DELETED) {
      const Objects = versions.slice(start, start + MOST_DELETED);
      const { Errors = [] } = await ask(
        this.#client.send(
          new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects, Quiet: true } }),
        ),
      );
      const [problem] = Errors;
      if (problem !== undefined)
        throw asStoreError(Object.assign(new Error(problem.Message), { name: problem.Code }));
    }
  }

  async signedUrl(archive: StoredArchive, method: 'GET' | 'HEAD'): Promise<string> {
    const Command = method === 'GET' ? GetObjectCommand : HeadObjectCommand;
    return ask(
      getSignedUrl(this.#client, new Command(this.#version(archive)), { expiresIn: SIGNED_SECONDS }),
    );
  }

  #object(key: string) {
    return { Bucket: this.#bucket, Key: key };
  }

  #version({ key, version }: StoredArchive) {
    return { ...this.#object(key), ...(version !== null && { VersionId: version }) };
  }

  /** The uploads that were begun under a key. */
  async #uploads(key: string): Promise<string[]> {
    const uploads: string[] = [];
    let next: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {};
    while (next !== undefined) {
      const command = new ListMultipartUploadsCommand({ Bucket: this.#bucket, Prefix: key, ...next });
      const page: ListMultipartUploadsCommandOutput = await ask(this.#client.send(command));
      for (const { Key, UploadId } of page.Uploads ?? []) {
        if (Key === key && UploadId !== undefined) uploads.push(UploadId);
      }
      next = page.IsTruncated
        ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
        : undefined;
    }
    return uploads;
  }

  /** All versions of the object of a key, and the marks of deleted ones. */
  async #versions(key: string): Promise<ObjectIdentifier[]> {
    const versions: ObjectIdentifier[] = [];
    let next: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
    while (next !== undefined) {
      const command = new ListObjectVersionsCommand({ Bucket: this.#bucket, Prefix: key, ...next });
      const page: ListObjectVersionsCommandOutput = await ask(this.#client.send(command));
      for (const { Key, VersionId } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) {
        if (Key === key) versions.push({ Key, VersionId });
      }
      next = page.IsTruncated
        ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
        : undefined;
    }
    return versions;
  }

  /** The parts of an upload in order; `undefined` when it is not known (any more). */
  async #parts(key: string, upload: string): Promise<Part[] | undefined> {
    const parts: Part[] = [];
    let next: { PartNumberMarker?: string | undefined } | undefined = {};
    try {
      // Not the SDK's paginator: it goes by the marker, which S3 sends with the last page, too, and never ends.
      while (next !== undefined) {
        const command = new ListPartsCommand({ ...this.#object(key), UploadId: upload, ...next });
        const page: ListPartsCommandOutput = await ask(this.#client.send(command));
        parts.push(...(page.Parts ?? []));
        next = page.IsTruncated ? { PartNumberMarker: page.NextPartNumberMarker } : undefined;
      }
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    return parts;
  }

  async #completed(key: string): Promise<StoredArchive> {
    const archive = await this.find(key);
    if (archive === undefined) throw new StoreError(`The archive ${key} is gone.`);
    return archive;
  }

  async #abort(key: string, upload: string): Promise<void> {
    try {
      await ask(
        this.#client.send(new AbortMultipartUploadCommand({ ...this.#object(key), UploadId: upload })),
      );
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}

function withoutGap(parts: Part[]): Part[] {
  const gap = parts.findIndex(({ PartNumber }, index) => PartNumber !== index + 1);
  return gap === -1 ? parts : parts.slice(0, gap);
}

function bytesOf(parts: Part[]): number {
  return parts.reduce((sum, { Size = 0 }) => sum + Size, 0);
}

/** What S3 calls an object, a version and an upload that are not there; a response to HEAD has no body to name it in. */
const MISSING = new Set(['NoSuchKey', 'NoSuchVersion', 'NoSuchUpload', 'NotFound']);

function isMissing(error: unknown): boolean {
  const cause = error instanceof StoreError ? error.cause : error;
  return cause instanceof Error && MISSING.has(cause.name);
}

async function ask<Output>(answer: Promise<Output>): Promise<Output> {
  try {
    return await answer;
  } catch (error) {
    throw asStoreError(error);
  }
}

function asStoreError(error: unknown): StoreError {
  const Kind = passesByItself(error) ? StoreBusyError : StoreError;
  return new Kind(`The bucket of archives could not be used: ${messageOf(error)}`, { cause: error });
}
