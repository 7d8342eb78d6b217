import type { IncomingMessage } from 'node:http';

/** The URL that a request asks for, with its host left to the side; `undefined` when it is none. */
export function targetOf({ url = '/' }: IncomingMessage): URL | undefined {
  return URL.parse(url.startsWith('/') ? `http://localhost${url}` : url) ?? undefined;
}
