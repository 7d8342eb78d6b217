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

/** `platform`, `platform_1`, `platform_2`, … */
export function numbered(text: string, separator: string, suffix: number): string {
  return suffix === 0 ? text : `${text}${separator}${suffix}`;
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
