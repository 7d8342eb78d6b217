import { VISIBILITIES, type Visibility } from '../gitlab/api/groups.ts';

/** GitLab's rule for slugs: words of letters and digits, joined by single dots, underscores or hyphens. */
const SLUG = /^[a-zA-Z0-9]+([._-][a-zA-Z0-9]+)*$/;

/**
 * The path that GitLab gives to a new group: a valid slug in lower case; anything else without accents, with a hyphen
 * for every run of other characters, and without separators at its ends or in a row.
 */
export function normalizeSlug(slug: string): string {
  if (SLUG.test(slug)) return slug.toLowerCase();
  return slug
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/([._-])[._-]+/g, '$1')
    .replaceAll(/^[._-]+|[._-]+$/g, '');
}

/**
 * The path of a new group. A slug of which nothing is left (GitLab takes `_` for a path, and its own migration fails
 * on it) gives way to the name of the group in the same form, or to `group-` and its id at the source.
 */
export function pathFor(slug: string, source: { id: number; name: string }): string {
  return normalizeSlug(slug) || normalizeSlug(source.name) || `group-${source.id}`;
}

/** GitLab's longest name and longest path. */
const LONGEST = 255;

/** `platform`, `platform_1`, `platform_2`, …; no longer than GitLab takes. */
export function numbered(text: string, separator: string, suffix: number): string {
  if (suffix === 0) return text;
  const ending = `${separator}${suffix}`;
  return `${text.slice(0, LONGEST - ending.length)}${ending}`;
}

/** The number of a path that was numbered before: 2 of `home/acme_2` for `home/acme`; 0 of anything else. */
export function suffixOf(numberedPath: string | null, path: string): number {
  if (!numberedPath?.startsWith(`${path}_`)) return 0;
  const suffix = numberedPath.slice(path.length + 1);
  return /^[1-9]\d{0,2}$/.test(suffix) ? Number(suffix) : 0;
}

/**
 * The source's visibility, but not above the parent's. One that this service does not know is left to the
 * destination's default.
 */
export function visibilityWithin(
  source: string | undefined,
  parent: string | undefined,
): Visibility | undefined {
  const own = VISIBILITIES.indexOf(source as Visibility);
  const most = parent === undefined ? VISIBILITIES.length - 1 : VISIBILITIES.indexOf(parent as Visibility);
  return own === -1 ? undefined : VISIBILITIES[Math.min(own, most === -1 ? own : most)];
}

/** The next lower level, for a destination whose administrator has restricted this one; `undefined` below `private`. */
export function lowerVisibility(visibility: Visibility | undefined): Visibility | undefined {
  return visibility === undefined ? 'private' : VISIBILITIES[VISIBILITIES.indexOf(visibility) - 1];
}
