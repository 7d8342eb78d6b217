import { ApiError } from './answer.ts';

export interface UploadedFile {
  readonly filename: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

const BROKEN_JSON =
  '\nProblem:\n  message body does not match declared format\n' +
  'Resolution:\n  when specifying application/json as content-type, ' +
  "you must pass valid application/json in the request's 'body' ";

/**
 * Parses a JSON, form or multipart body; uploaded files become `UploadedFile`. An empty body is undefined.
 * A missing content type means JSON. Throws a 400 for broken content and a 415 for any other content type.
 */
export async function parseRequestBody(bytes: Buffer, contentType: string | undefined): Promise<unknown> {
  if (bytes.length === 0) return undefined;
  const mediaType = (contentType ?? 'application/json').split(';')[0]?.trim().toLowerCase();
  switch (mediaType) {
    case 'application/json':
      return parseJson(bytes);
    case 'application/x-www-form-urlencoded':
      return formParams(new URLSearchParams(bytes.toString()));
    case 'multipart/form-data':
      return parseMultipart(bytes, contentType ?? '');
    default:
      throw new ApiError(415, { error: `The provided content-type '${contentType}' is not supported.` });
  }
}

/** The body as parameters: anything but an object carries none. */
export function bodyParams(body: unknown): Record<string, unknown> {
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body } : {};
}

/** Form fields and query parameters: `ids[]` gathers a list, `a[b]` the fields of an object; else the last one wins. */
export function formParams(entries: Iterable<[string, unknown]>): Record<string, unknown> {
  const params: Record<string, unknown> = {};
  for (const [key, value] of entries) {
    const [, name = key, inner] = /^([^[]+)\[([^\]]*)\]/.exec(key) ?? [];
    const known = params[name];
    if (inner === undefined) params[name] = value;
    else if (inner === '') params[name] = [...(Array.isArray(known) ? known : []), value];
    else params[name] = { ...bodyParams(known), [inner]: value };
  }
  return params;
}

export function isUploadedFile(value: unknown): value is UploadedFile {
  return typeof value === 'object' && value !== null && 'bytes' in value && Buffer.isBuffer(value.bytes);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw new ApiError(400, { error: BROKEN_JSON });
  }
}

async function parseMultipart(bytes: Buffer, contentType: string): Promise<Record<string, unknown>> {
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } })
    .formData()
    .catch(() => {
      throw new ApiError(400, { error: 'message body does not match declared format' });
    });
  const entries = [...form].map(async ([name, value]): Promise<[string, unknown]> => {
    return [name, typeof value === 'string' ? value : await uploadedFile(value)];
  });
  return formParams(await Promise.all(entries));
}

async function uploadedFile(file: File): Promise<UploadedFile> {
  return { filename: file.name, contentType: file.type, bytes: Buffer.from(await file.arrayBuffer()) };
}
