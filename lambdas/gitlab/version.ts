/** Whether a version such as `15.0.3-ee` is `minimum` (such as `14.10`) or newer. */
export function isAtLeast(version: string, minimum: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(part => Number.parseInt(part, 10));
  const [minimumMajor = 0, minimumMinor = 0] = minimum.split('.').map(Number);
  return major > minimumMajor || (major === minimumMajor && minor >= minimumMinor);
}

/**
 * Whether a version is that of a Community Edition: three numbers and nothing else. GitLab.com's `-pre` is none, and
 * what somebody has built for themselves may be none.
 */
export function isCommunity(version: string): boolean {
  return /^\d+\.\d+\.\d+$/.test(version);
}
