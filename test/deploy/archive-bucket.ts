import { ListMultipartUploadsCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { ACCOUNT, REGION } from './operator.ts';

/** An archive in the bucket. */
export interface HeldArchive {
  key: string;
  bytes: number;
  /** Of how many parts it was made. */
  parts: number;
}

/** The deployed bucket of archives, as somebody sees it who may look at all of it. */
export class ArchiveBucket {
  readonly #name: string;
  readonly #client: S3Client;

  constructor(awsUrl: string, name: string) {
    this.#name = name;
    this.#client = new S3Client({
      endpoint: awsUrl,
      region: REGION,
      credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'emulator' },
      forcePathStyle: true,
    });
  }

  /** The archives that are complete. */
  async archives(): Promise<HeldArchive[]> {
    const { Versions = [] } = await this.#client.send(new ListObjectVersionsCommand({ Bucket: this.#name }));
    return Versions.map(({ Key = '', Size = 0, ETag = '' }) => ({
      key: Key,
      bytes: Size,
      // The digest of an object that came in parts ends in their number.
      parts: Number(/-(\d+)"?$/.exec(ETag)?.[1] ?? 1),
    }));
  }

  /** Whatever is in it: versions, marks of deleted ones, and uploads that were begun. Few enough for one page each. */
  async contents(): Promise<string[]> {
    const target = { Bucket: this.#name };
    const { Versions = [], DeleteMarkers = [] } = await this.#client.send(
      new ListObjectVersionsCommand(target),
    );
    const { Uploads = [] } = await this.#client.send(new ListMultipartUploadsCommand(target));
    return [...Versions, ...DeleteMarkers, ...Uploads].map(({ Key = '' }) => Key);
  }
}
