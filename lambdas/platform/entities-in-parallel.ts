/** Groups of one import that may be migrated at the same time: a ceiling, since how many are follows what the GitLabs take. */
export const DEFAULT_ENTITIES_IN_PARALLEL = 20;

/**
 * The most groups of one import that are migrated at the same time. Each runs up to six pipelines, so these are 240
 * functions at once, a quarter of what an AWS account has; a GitLab's rate limit is used up by far fewer.
 */
export const MOST_ENTITIES_IN_PARALLEL = 40;

/** The rule in words. */
export const ENTITIES_IN_PARALLEL_RULE = `a whole number from 1 to ${MOST_ENTITIES_IN_PARALLEL}, because each group runs up to 6 pipelines at once`;
