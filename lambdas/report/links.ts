/**
 * The page of a group or project at its GitLab; `undefined` where the base URL is none of the web, so that nothing that was
 * stored can become a link that does something.
 *
 * @param baseUrl e.g. `https://gitlab.example.com`, or with a path
 */
export function pageAt(baseUrl: string, fullPath: string): string | undefined {
  const url = URL.parse(baseUrl);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return undefined;
  const path = fullPath.toWellFormed().split('/').map(encodeURIComponent).join('/');
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}/${path}`;
}

/** The host of a URL, or the text itself where it is none. */
export function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url;
}
