import { withoutPaths } from '../shared/failure-message.ts';
import type { Secret } from '../shared/secret.ts';
import type { HttpResponse } from './transport.ts';

/** Enough for the errors of all attributes of a record; a failure's message shows what it has room for. */
const LONGEST_REASON = 1_000;
/** More of a body is not looked at: a reason stands at its beginning. */
const READ_CHARACTERS = 20_000;

/**
 * The text of an error body, without the token, should a proxy repeat the request, and with `[FILTERED]` in place of
 * paths. GitLab has `{"message": …}` and `{"error": …}`; a message may be a string (now and then with a Ruby hash in
 * it), an object of arrays, or an object with an `error`. GraphQL has `{"errors": [{"message": …}]}`. Of a web page
 * the title is the reason.
 */
export function reasonOf(response: Pick<HttpResponse, 'body'>, token: Secret): string {
  const text = response.body.toString('utf8');
  let reason: string;
  try {
    const body = (JSON.parse(text) ?? {}) as Record<string, unknown>;
    const { message, error_description: description, error, errors } = body;
    reason = textOf(message ?? description ?? error ?? messagesOf(errors));
  } catch {
    reason = /^\s*</.test(text) ? titleOf(text) : text.slice(0, READ_CHARACTERS);
  }
  return foreignText(reason, token);
}

/** A GitLab's words as they may stand in a message of ours: no token, no paths, one line, 1,000 characters. */
export function foreignText(text: string, token: Secret): string {
  const oneLine = withoutToken(text, token).replaceAll(/\s+/g, ' ').trim();
  return withoutPaths(oneLine).slice(0, LONGEST_REASON);
}

/**
 * Whether a response is a web page: a firewall's challenge, a proxy's or a web server's own page. GitLab's API speaks
 * JSON, also of its errors; what is HTML is somebody else's word. XML is an object storage's, which means what it says.
 */
export function isWebPage({ headers, body }: Pick<HttpResponse, 'headers' | 'body'>): boolean {
  const type = headers['content-type'] ?? '';
  const start = body.subarray(0, 200).toString('utf8').trimStart();
  if (/^text\/html|xhtml/i.test(type)) return !/^[[{"]/.test(start);
  return /^<(?!\?xml|Error\b)/.test(start) && !/\bxml\b/i.test(type);
}

/** Whether the body is JSON, as everything is that GitLab's API itself says. */
export function isJson({ body }: Pick<HttpResponse, 'body'>): boolean {
  try {
    JSON.parse(body.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

/** Messages of a GraphQL response's `errors`. */
export function messagesOf(errors: unknown): string[] {
  return Array.isArray(errors) ? errors.map(error => textOf(error?.message ?? error)) : [];
}

function titleOf(page: string): string {
  return /<title[^>]*>([^<]*)/i.exec(page.slice(0, READ_CHARACTERS))?.[1]?.trim() ?? '';
}

function withoutToken(text: string, token: Secret): string {
  return token.expose() === '' ? text : text.replaceAll(token.expose(), '[FILTERED]');
}

function textOf(message: unknown): string {
  if (typeof message === 'string') return message;
  if (Array.isArray(message)) return message.map(textOf).join(', ');
  if (message !== null && typeof message === 'object') {
    return Object.entries(message)
      .map(([field, value]) => (field === 'error' ? textOf(value) : `${field} ${textOf(value)}`))
      .join(', ');
  }
  return String(message);
}
