import type { Availability } from './declarations/declaration.ts';

/** What decides on which requests an instance knows. */
export interface Release {
  /** '17.11.2-ee'; without '-ee' it is the Community Edition. */
  readonly version: string;
}

export function isEnterprise({ version }: Release): boolean {
  return version.endsWith('-ee');
}

/** Whether the version is `minimum` ('15.2') or newer. */
export function isAtLeast({ version }: Release, minimum: string): boolean {
  const [major, minor] = majorAndMinor(version);
  const [minimumMajor, minimumMinor] = majorAndMinor(minimum);
  return major > minimumMajor || (major === minimumMajor && minor >= minimumMinor);
}

/** Whether the release has what is described. */
export function has(release: Release, { since, until, edition }: Availability): boolean {
  if (since !== undefined && !isAtLeast(release, since)) return false;
  if (until !== undefined && isAtLeast(release, until)) return false;
  return edition === undefined || (edition === 'ee') === isEnterprise(release);
}

function majorAndMinor(version: string): [number, number] {
  const [major = 0, minor = 0] = version.split('.').map(part => Number.parseInt(part, 10));
  return [major, minor];
}
