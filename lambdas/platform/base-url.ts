/**
 * The base URL of a GitLab in the one form in which it is stored and compared: without a slash at its end, its host in
 * lower case, the default port of its scheme left out, and nothing but scheme, host, port and path.
 *
 * @throws TypeError when it is no URL
 */
export function normalizeBaseUrl(text: string): string {
  const { origin, pathname } = new URL(text);
  return `${origin}${pathname}`.replace(/\/+$/, '');
}
