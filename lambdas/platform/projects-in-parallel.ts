/**
 * Projects of one import that are migrated at the same time. Most of them wait for a GitLab's job, which costs nothing;
 * how many it really does at a time is the GitLab's own limit.
 */
export const DEFAULT_PROJECTS_IN_PARALLEL = 50;
/** As many iterations as one Distributed Map begins at a time by default is 1,000; a limit of 6 a minute feeds far fewer. */
export const MOST_PROJECTS_IN_PARALLEL = 500;
export const PROJECTS_IN_PARALLEL_RULE = `a whole number from 1 to ${MOST_PROJECTS_IN_PARALLEL}`;
