import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEveryTest } from '../test-run/hooks.ts';

/** S3's limits. */
const LEAST_PART = 5 * 1024 * 1024;
const MOST_PARTS = 10_000;

interface Upload {
  key: string;
  parts: Map<number, { bytes: Buffer; etag: string }>;
}

interface Version {
  id: string;
  bytes: Buffer;
}

class S3Error extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string) {
    super(`${code}, says the bucket`);
    this.status = status;
    this.code = code;
  }
}

/**
 * One bucket with versions, as far as archives use it, and as strict as S3: numbers and sizes of parts, ETags, lists in
 * pages (of two here), and the checksum that DeleteObjects must have. It does not check signatures.
 */
export class Bucket {
  readonly uploads = new Map<string, Upload>();
  readonly objects = new Map<string, Version[]>();
  readonly requests: { method: string; url: URL }[] = [];
  /** What the next requests are answered with instead. */
  readonly troubles: (S3Error | 'none' | 'cut')[] = [];
  readonly pageSize = 2;

  fail(status: number, code: string): void {
    this.troubles.push(new S3Error(status, code));
  }

  answer(method: string, url: URL, body: Buffer, headers: IncomingMessage['headers']): Answer {
    const key = decodeURIComponent(url.pathname.split('/').slice(2).join('/'));
    const query = url.searchParams;
    const upload = query.get('uploadId');
    if (method === 'POST' && query.has('uploads')) return this.#begin(key);
    if (method === 'PUT' && upload !== null) {
      return this.#putPart(this.#upload(key, upload), Number(query.get('partNumber')), body);
    }
    if (method === 'GET' && upload !== null) return this.#listParts(this.#upload(key, upload), query);
    if (method === 'POST' && upload !== null) return this.#complete(key, upload, body.toString());
    if (method === 'DELETE' && upload !== null) {
      this.#upload(key, upload);
      this.uploads.delete(upload);
      return { status: 204 };
    }
    if (method === 'GET' && query.has('uploads')) return this.#listUploads(query);
    if (method === 'GET' && query.has('versions')) return this.#listVersions(query);
    if (method === 'POST' && query.has('delete')) return this.#delete(body.toString(), headers);
    if (method === 'GET' || method === 'HEAD') return this.#read(key, query.get('versionId'));
    throw new S3Error(501, 'NotImplemented');
  }

  #begin(key: string): Answer {
    const id = randomUUID();
    this.uploads.set(id, { key, parts: new Map() });
    return xml('InitiateMultipartUploadResult', `<Key>${key}</Key><UploadId>${id}</UploadId>`);
  }

  #upload(key: string, id: string): Upload {
    const upload = this.uploads.get(id);
    if (upload?.key !== key) throw new S3Error(404, 'NoSuchUpload');
    return upload;
  }

  #putPart(upload: Upload, number: number, bytes: Buffer): Answer {
    if (!(number >= 1 && number <= MOST_PARTS)) throw new S3Error(400, 'InvalidArgument');
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    upload.parts.set(number, { bytes, etag });
    return { status: 200, headers: { etag } };
  }

  #listParts(upload: Upload, query: URLSearchParams): Answer {
    const after = Number(query.get('part-number-marker') ?? 0);
    const all = [...upload.parts].sort(([a], [b]) => a - b).filter(([number]) => number > after);
    const page = all.slice(0, this.pageSize);
    const parts = page.map(
      ([number, { bytes, etag }]) =>
        `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag><Size>${bytes.length}</Size></Part>`,
    );
    const next = `<NextPartNumberMarker>${page.at(-1)?.[0] ?? after}</NextPartNumberMarker>`;
    return xml('ListPartsResult', `${truncated(all, page)}${next}${parts.join('')}`);
  }

  #complete(key: string, id: string, body: string): Answer {
    const upload = this.#upload(key, id);
    const named = [...body.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = '']) => ({
      number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]),
      etag: /<ETag>(.*?)</.exec(part)?.[1]?.replaceAll('&quot;', '"'),
    }));
    if (named.length === 0) throw new S3Error(400, 'MalformedXML');
    const parts = named.map(({ number, etag }, index) => {
      const part = upload.parts.get(number);
      if (number <= (named[index - 1]?.number ?? 0)) throw new S3Error(400, 'InvalidPartOrder');
      if (part === undefined || part.etag !== etag) throw new S3Error(400, 'InvalidPart');
      if (index < named.length - 1 && part.bytes.length < LEAST_PART) {
        throw new S3Error(400, 'EntityTooSmall');
      }
      return part.bytes;
    });
    const version = { id: randomUUID(), bytes: Buffer.concat(parts) };
    this.objects.set(key, [...(this.objects.get(key) ?? []), version]);
    this.uploads.delete(id);
    return {
      ...xml('CompleteMultipartUploadResult', `<Key>${key}</Key><ETag>"of-all"</ETag>`),
      headers: { 'x-amz-version-id': version.id },
    };
  }

  #listUploads(query: URLSearchParams): Answer {
    const prefix = query.get('prefix') ?? '';
    const after = query.get('upload-id-marker') ?? '';
    const all = [...this.uploads]
      .filter(([id, { key }]) => key.startsWith(prefix) && id > after)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const page = all.slice(0, this.pageSize);
    const uploads = page.map(
      ([id, { key }]) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`,
    );
    const next = `<NextKeyMarker>${prefix}</NextKeyMarker><NextUploadIdMarker>${page.at(-1)?.[0] ?? ''}</NextUploadIdMarker>`;
    return xml('ListMultipartUploadsResult', `${truncated(all, page)}${next}${uploads.join('')}`);
  }

  #listVersions(query: URLSearchParams): Answer {
    const prefix = query.get('prefix') ?? '';
    const after = query.get('version-id-marker') ?? '';
    const all = [...this.objects]
      .flatMap(([key, versions]) => versions.map(({ id }) => ({ key, id })))
      .filter(({ key, id }) => key.startsWith(prefix) && id > after)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const page = all.slice(0, this.pageSize);
    const versions = page.map(
      ({ key, id }) => `<Version><Key>${key}</Key><VersionId>${id}</VersionId></Version>`,
    );
    const next = `<NextKeyMarker>${prefix}</NextKeyMarker><NextVersionIdMarker>${page.at(-1)?.id ?? ''}</NextVersionIdMarker>`;
    return xml('ListVersionsResult', `${truncated(all, page)}${next}${versions.join('')}`);
  }

  #delete(body: string, headers: IncomingMessage['headers']): Answer {
    const hasChecksum = Object.keys(headers).some(name => /^(content-md5|x-amz-checksum-)/.test(name));
    if (!hasChecksum) throw new S3Error(400, 'InvalidRequest');
    for (const [, object = ''] of body.matchAll(/<Object>(.*?)<\/Object>/gs)) {
      const key = /<Key>(.*?)</.exec(object)?.[1] ?? '';
      const id = /<VersionId>(.*?)</.exec(object)?.[1];
      const left = (this.objects.get(key) ?? []).filter(version => version.id !== id);
      if (left.length > 0) this.objects.set(key, left);
      else this.objects.delete(key);
    }
    return xml('DeleteResult', '');
  }

  #read(key: string, id: string | null): Answer {
    const versions = this.objects.get(key);
    if (versions === undefined) throw new S3Error(404, 'NoSuchKey');
    const version = id === null ? versions.at(-1) : versions.find(one => one.id === id);
    if (version === undefined) throw new S3Error(404, 'NoSuchVersion');
    return { status: 200, headers: { 'x-amz-version-id': version.id }, body: version.bytes };
  }
}

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

function xml(name: string, content: string): Answer {
  return { status: 200, body: `<?xml version="1.0" encoding="UTF-8"?><${name}>${content}</${name}>` };
}

function truncated(all: unknown[], page: unknown[]): string {
  return `<IsTruncated>${page.length < all.length}</IsTruncated>`;
}

const stops: (() => Promise<void>)[] = [];
afterEveryTest(async () => {
  await Promise.all(stops.splice(0).map(stop => stop()));
});

/** Starts a bucket named `archives` on loopback, until the test is over, with a client that speaks to it. */
export async function startBucket(): Promise<{ bucket: Bucket; client: S3Client }> {
  const bucket = new Bucket();
  const server = createServer((request, response) => void handle(bucket, request, response));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const client = new S3Client({
    region: 'eu-central-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 1,
  });
  stops.push(async () => {
    client.destroy();
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });
  return { bucket, client };
}

async function handle(bucket: Bucket, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '', 'http://bucket');
  const method = request.method ?? '';
  const body = await buffer(request);
  bucket.requests.push({ method, url });
  const trouble = bucket.troubles.shift();
  try {
    if (trouble instanceof S3Error) throw trouble;
    const answer = bucket.answer(method, url, body, request.headers);
    const bytes = Buffer.from(answer.body ?? '');
    response.writeHead(answer.status, { 'content-length': bytes.length, ...answer.headers });
    if (trouble === 'cut') {
      response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
      return;
    }
    response.end(method === 'HEAD' ? undefined : bytes);
  } catch (error) {
    const { status, code, message } = error as S3Error;
    response.writeHead(status ?? 500);
    response.end(
      method === 'HEAD' ? undefined : xml('Error', `<Code>${code}</Code><Message>${message}</Message>`).body,
    );
  }
}
