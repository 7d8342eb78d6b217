import { ApiError } from './answer.ts';
import { BrokenForm, readForm } from './multipart.ts';

const BROKEN_JSON =
  '\nProblem:\n  message body does not match declared format\n' +
  'Resolution:\n  when specifying application/json as content-type, ' +
  "you must pass valid application/json in the request's 'body' ";

/**
 * Reads a JSON, form or multipart body; uploaded files become `UploadedFile`, and `newFile` says where large ones go.
 * An empty body is undefined. A missing content type means JSON. Throws a 400 for broken content and a 415 for any other
 * content type, after which there may be more of the body.
 */
export async function readRequestBody(
  body: AsyncIterator<Buffer>,
  contentType: string | undefined,
  newFile: () => Promise<string>,
): Promise<unknown> {
  const mediaType = (contentType ?? 'application/json').split(';')[0]?.trim().toLowerCase();
  if (mediaType === 'multipart/form-data') return readMultipart(body, contentType ?? '', newFile);
  const bytes = await allOf(body);
  if (bytes.length === 0) return undefined;
  switch (mediaType) {
    case 'application/json':
      return parseJson(bytes);
    case 'application/x-www-form-urlencoded':
      return formParams(new URLSearchParams(bytes.toString()));
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

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw new ApiError(400, { error: BROKEN_JSON });
  }
}

async function readMultipart(
  body: AsyncIterator<Buffer>,
  contentType: string,
  newFile: () => Promise<string>,
): Promise<Record<string, unknown> | undefined> {
  try {
    const entries = await readForm(body, contentType, newFile);
    return entries && formParams(entries);
  } catch (error) {
    if (!(error instanceof BrokenForm)) throw error;
    throw new ApiError(400, { error: 'message body does not match declared format' });
  }
}

async function allOf(body: AsyncIterator<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let next = await body.next(); !next.done; next = await body.next()) pieces.push(next.value);
  return Buffer.concat(pieces);
}
