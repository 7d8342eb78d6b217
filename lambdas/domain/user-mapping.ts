/** Who a user of the source is at the destination, as somebody has decided. */
export interface MappedUser {
  /** Id at the source. */
  sourceUserId: number;
  /** Name and user name at the source, for people; empty where they were not told. */
  name: string;
  username: string;
  target: MappingTarget;
}

/**
 * A user of the destination by user name, by e-mail address, or by both, which have to be one and the same user's;
 * `nobody`: left out on purpose; `open`: not decided, so that it goes as without a mapping.
 */
export type MappingTarget = { username?: string; email?: string } | 'nobody' | 'open';

/** Whether a target names a user. */
export const isUser = (target: MappingTarget): target is { username?: string; email?: string } =>
  typeof target === 'object';

/** How GitLab calls this kind of migration, among the many that it has placeholder users of. */
export const IMPORT_TYPE = 'gitlab_migration';

/** The columns of GitLab's own file for the reassignment of placeholder users. */
export const COLUMNS = {
  host: 'Source host',
  type: 'Import type',
  sourceUserId: 'Source user identifier',
  name: 'Source user name',
  username: 'Source username',
  targetUsername: 'GitLab username',
  targetEmail: 'GitLab public email',
} as const;

/** A column that GitLab does not have, and passes over: `yes` leaves a user out on purpose. */
export const PLACEHOLDER_COLUMN = 'Keep as placeholder';

/** The host that a `Source host` names, with its port where that is not the usual one: `old.example.com`. */
export function hostOf(sourceHost: string): string {
  const url = sourceHost.includes('://') ? sourceHost : `https://${sourceHost}`;
  return URL.canParse(url) ? new URL(url).host : sourceHost.trim().toLowerCase();
}
