/**
 * What paths of groups and projects may look like, as in GitLab's `NamespacePathValidator`, `ProjectPathValidator`
 * and the rule for destination slugs. The source's path is held against the same list of reserved words.
 */

/** The letters of a slug; it must not end like a file of GitLab's either, see `isSlug`. */
export const SLUG = /^[a-zA-Z0-9]+([._-][a-zA-Z0-9]+)*$/;
const SEGMENT = /^(?:[a-zA-Z0-9_.][a-zA-Z0-9_\-.]*[a-zA-Z0-9_-]|[a-zA-Z0-9_])$/;
/** The last segment of a project's path may end in a dot, but not be one step up. */
const PROJECT_SEGMENT = /^(?!\.{1,2}$)[a-zA-Z0-9_.][a-zA-Z0-9_\-.]*$/;
const RESERVED_ENDING = /\.(?:git|atom)$/i;

/** GitLab's limit for a full path. */
const LONGEST_PATH = 255;
/** GitLab's limit of 20 ancestors, plus the group itself. */
const MOST_SEGMENTS = 21;

/** Words that are routes of GitLab itself, so no top-level group can have them for a path. */
const TOP_LEVEL_ROUTES = new Set(
  `- .well-known 404.html 422.html 500.html 502.html 503.html admin api apple-touch-icon.png assets dashboard
  deploy.html explore favicon.ico favicon.png files groups health_check help import jwt login oauth profile projects
  public robots.txt s search sitemap sitemap.xml sitemap.xml.gz slash-command-logo.png snippets unsubscribes uploads
  users v2`.split(/\s+/),
);

/** Routes below a group or project, so no path below the top level can have them. Some are two segments or three. */
const NESTED_ROUTES =
  `- badges blame blob builds commits create create_dir edit environments/folders files find_file gitlab-lfs/objects
  info/lfs/objects new preview raw refs tree update wikis`.split(/\s+/);

/** Whether this can be the slug (path) of a new group or project. */
export function isSlug(slug: string): boolean {
  return SLUG.test(slug) && !RESERVED_ENDING.test(slug);
}

/** Whether this can be the full path of a group. */
export function isGroupPath(path: string): boolean {
  return isFullPath(path, SEGMENT);
}

/** Whether this can be the full path of a group or of a project. */
export function isSourcePath(path: string): boolean {
  return isFullPath(path, PROJECT_SEGMENT);
}

function isFullPath(path: string, lastSegment: RegExp): boolean {
  const segments = path.split('/');
  if (path.length > LONGEST_PATH || segments.length > MOST_SEGMENTS + 1) return false;
  return segments.every((segment, index) => {
    const pattern = index > 0 && index === segments.length - 1 ? lastSegment : SEGMENT;
    const isReserved =
      index === 0
        ? TOP_LEVEL_ROUTES.has(segment.toLowerCase())
        : beginsWithRoute(segments.slice(index).join('/').toLowerCase());
    return pattern.test(segment) && !RESERVED_ENDING.test(segment) && !isReserved;
  });
}

function beginsWithRoute(rest: string): boolean {
  return NESTED_ROUTES.some(route => `${rest}/`.startsWith(`${route}/`));
}
