import { withoutPaths } from '../domain/failure-message.ts';
import type { Secret } from '../domain/secret.ts';
import { parseJson } from './json.ts';
import type { HttpResponse } from './transport.ts';

/** Enough for the errors of all attributes of a record; a failure's message shows what it has room for. */
const LONGEST_REASON = 1_000;
/** More of a body is not looked at: a reason stands at its beginning. */
const READ_CHARACTERS = 20_000;
/** Errors of one GraphQL response that are looked at. */
const MOST_MESSAGES = 20;

/**
 * The text of an error body, without the token, should a proxy repeat the request, and with `[FILTERED]` in place of
 * paths. GitLab has `{"message": …}` and `{"error": …}`; a message may be a string (now and then with a Ruby hash in
 * it), an object of arrays, or an object with an `error`. GraphQL has `{"errors": [{"message": …}]}`. Of a web page
 * the title is the reason.
 */
export function reasonOf(response: Pick<HttpResponse, 'body'>, token: Secret): string {
  const text = response.body.subarray(0, READ_CHARACTERS).toString('utf8');
  let reason: string;
  try {
    const body = (parseJson(response.body) ?? {}) as Record<string, unknown>;
    const { message, error_description: description, error, errors } = body;
    reason = textOf(message ?? description ?? error ?? messagesOf(errors));
  } catch {
    reason = text.trimStart().startsWith('<') ? titleOf(text) : text;
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
    parseJson(body);
    return true;
  } catch {
    return false;
  }
}

/** Messages of a GraphQL response's `errors`: of the first of them, for they are all shown in one place. */
export function messagesOf(errors: unknown): string[] {
  if (!Array.isArray(errors)) return [];
  return errors.slice(0, MOST_MESSAGES).map(error => textOf(error?.message ?? error));
}

function titleOf(page: string): string {
  return /<title[^<>]{0,200}>([^<]*)/i.exec(page)?.[1]?.trim() ?? '';
}

/** Cut before the token is looked for: what is left of one that was cut in two goes, too. */
function withoutToken(text: string, token: Secret): string {
  const secret = token.expose();
  const read = text.slice(0, READ_CHARACTERS);
  if (secret === '') return read;
  const hidden = read.replaceAll(secret, '[FILTERED]');
  return text.length > READ_CHARACTERS ? hidden.slice(0, -secret.length) : hidden;
}

/** A message as one text, of which no more is made than is looked at. */
function textOf(message: unknown, room = READ_CHARACTERS): string {
  if (typeof message === 'string') return message.slice(0, room);
  if (Array.isArray(message)) return joined(message, room, textOf);
  if (message !== null && typeof message === 'object') {
    return joined(Object.entries(message), room, ([field, value], left) =>
      field === 'error' ? textOf(value, left) : `${field} ${textOf(value, left)}`.slice(0, left),
    );
  }
  return String(message);
}

function joined<T>(parts: T[], room: number, textOfPart: (part: T, room: number) => string): string {
  let text = '';
  for (const [index, part] of parts.entries()) {
    if (text.length >= room) break;
    text += (index === 0 ? '' : ', ') + textOfPart(part, room - text.length);
  }
  return text;
}
