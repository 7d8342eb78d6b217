import type { MiddlewareObj } from '@middy/core';
import { badRequest, malformedJson, tooLarge, unsupportedMediaType } from '../answers/http-errors.ts';
import type { ApiEvent } from './api-event.ts';
import { isDeeperThan } from './json-depth.ts';
import { nestParameters } from './nested-parameters.ts';

/**
 * Largest body: what the most entities of a request take with all of their fields at their longest, in the wordiest
 * format. It is below what API Gateway (10 MB) and Lambda (6 MB, a third of it for base64) let through, so this one
 * is met first.
 */
const MOST_BODY_BYTES = 2 * 1024 * 1024;

/** How deep JSON may nest; Ruby's parser refuses more as well. */
const DEEPEST_JSON = 100;

/** The parameter that is a file, wherever there is one. */
const FILE = 'file';

/** Reads the parameters of the query into `event.input`. */
export function parseQuery(): MiddlewareObj<ApiEvent> {
  return {
    before: ({ event }) => {
      event.input = nestParameters(new URLSearchParams(event.rawQueryString ?? ''));
      event.isBodyRead = false;
    },
  };
}

/**
 * Reads the parameters of the body into `event.input`. JSON, url-encoded and multipart bodies are understood; a body
 * without a content type is taken for JSON, as Grape takes it.
 */
export function parseBody(): MiddlewareObj<ApiEvent> {
  return { before: ({ event }) => readBody(event) };
}

/** What `parseBody` does, for whoever needs it before its turn. Done once. */
export async function readBody(event: ApiEvent): Promise<void> {
  if (event.isBodyRead) return;
  event.input = { ...event.input, ...(await parametersOf(event)) };
  event.isBodyRead = true;
}

async function parametersOf(event: ApiEvent): Promise<Record<string, unknown>> {
  if (event.requestContext.http.method === 'GET' || !event.body) return {};
  const bytes = Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > MOST_BODY_BYTES) throw tooLarge();
  const contentType = event.headers['content-type'] ?? '';
  const mediaType = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (mediaType === '' || mediaType === 'application/json') return parseJson(bytes.toString('utf8'));
  if (mediaType === 'application/x-www-form-urlencoded') {
    return nestParameters(new URLSearchParams(bytes.toString('utf8')));
  }
  if (mediaType === 'multipart/form-data') return parseMultipart(bytes, contentType);
  throw unsupportedMediaType(mediaType);
}

function parseJson(text: string): Record<string, unknown> {
  if (isDeeperThan(DEEPEST_JSON, text)) throw malformedJson();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformedJson();
  }
  // Grape takes any JSON value, but only an object has parameters in it.
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? { ...value } : {};
}

async function parseMultipart(bytes: Buffer, contentType: string): Promise<Record<string, unknown>> {
  let form: FormData;
  try {
    form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } }).formData();
  } catch {
    throw badRequest(['The multipart body is malformed']);
  }
  return nestParameters(
    // A file stays one for the parameter that is one: everybody else finds no text there.
    [...form.entries()].map(([name, value]) => [
      name,
      typeof value === 'string' || name === FILE ? value : '',
    ]),
  );
}
