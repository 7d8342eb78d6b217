/**
 * What a run of an import as a whole is for: to migrate, or only to look, before it what it would do (`plan`) or after
 * it what has arrived (`verification`).
 */
export const KINDS = ['import', 'plan', 'verification'] as const;
export type Kind = (typeof KINDS)[number];

/** What has a kind; an import that says nothing of it is one that migrates. */
export interface OfKind {
  kind?: Kind | undefined;
}

/** Whether it only looks: nothing is changed at either GitLab. */
export const onlyLooks = ({ kind = 'import' }: OfKind): boolean => kind !== 'import';
