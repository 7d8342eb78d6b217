import type { IncomingMessage } from 'node:http';

/** The names of this machine. A page of another site that makes its own name point here does not get an answer. */
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;
/** What a browser says of requests that a page of another site, or of another port of this machine, has caused. */
const FROM_ELSEWHERE = /^(cross-site|same-site)$/;

/**
 * Why a request is refused that did not come from a program of this machine or from the service's own page: a browser
 * sends what any web page tells it to, also to this machine.
 *
 * @returns a sentence for whoever sent it; `undefined` for a request that is answered
 */
export function refusalOfForeign({ headers }: IncomingMessage): string | undefined {
  const { host = '', origin } = headers;
  if (!LOOPBACK.test(host)) {
    return 'This service answers under the names of this machine only: use http://127.0.0.1 or http://localhost.';
  }
  const isForeign =
    (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) ||
    FROM_ELSEWHERE.test(String(headers['sec-fetch-site'] ?? ''));
  return isForeign
    ? 'This service does not answer what a page of another site asks for. Type its address into the browser, or use a program.'
    : undefined;
}
