/** A full path as GitLab has them: whatever else a source says is in one leads nowhere. */
const FULL_PATH = /^(?!.*(^|\/)\.{1,2}(\/|$))[\w.-]+(\/[\w.-]+)*$/;
/** GitLab's limit is 255. */
const LONGEST_PATH = 512;

/**
 * The page of a group or project at its GitLab; `undefined` for what can be none, so that nothing that a source has sent
 * becomes a link that does something, or fills a page.
 *
 * @param baseUrl e.g. `https://gitlab.example.com`, or with a path
 * @param fullPath e.g. `acme/platform`
 */
export function pageAt(baseUrl: string, fullPath: string): string | undefined {
  const root = rootOf(baseUrl);
  const isPath = fullPath.length <= LONGEST_PATH && FULL_PATH.test(fullPath);
  return root !== undefined && isPath ? root + fullPath : undefined;
}

/** The root page of a GitLab, with a slash at its end; `undefined` for a URL that is none of the web. */
export function rootOf(baseUrl: string): string | undefined {
  const url = URL.parse(baseUrl);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return undefined;
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}/`;
}

/** The host of a URL, or the text itself where it is none. */
export function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url;
}
