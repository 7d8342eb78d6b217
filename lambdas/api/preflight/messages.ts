import { GROUP_ADVICE } from '../../gitlab/project-refusals.ts';

/** Oldest major version of a source, as in GitLab. */
export const OLDEST_SOURCE = 14;

/** GitLab's texts for what the checks of a new import find. */
const GITLAB_MESSAGES = {
  invalidUrl: 'Invalid source URL. Enter only the base URL of the source GitLab instance.',
  tooOld: `Unsupported GitLab version. Minimum supported version is '${OLDEST_SOURCE}'.`,
  badToken:
    'Check that the source instance base URL and the personal access token meet the necessary requirements.',
  disabled:
    'Migration by direct transfer is disabled on the source or destination instance. Ask an administrator to enable this feature on both instances and try again.',
  notFound: (path: string) => `Import failed. '${path}' not found.`,
  notExportable: (path: string) => `Import failed. You do not have permission to export '${path}'.`,
  badNamespace: (path: string) => `Import failed. '${path}' is invalid, or you do not have permission.`,
  taken: (path: string) => `Import failed. '${path}' already exists. Change the destination and try again.`,
  ownSubgroup:
    'Validation failed: Import failed. The destination cannot be a subgroup of the source group. Change the destination and try again.',
};

/** Our own texts. The words of GitLab's in them are those with which it would refuse later. */
const OWN_MESSAGES = {
  tooSlow:
    'The checks of the source and the destination took longer than 20 seconds, so nothing was started. Try again, or send fewer entities per request.',
  noTopLevelGroups:
    "Import failed. GitLab.com does not create top-level groups through its API. Create the group there and name it, or another existing group, as 'destination_namespace'.",
  closedToProjects: (path: string) =>
    `Import failed. '${path}' takes no project of this user: ${GROUP_ADVICE}`,
  otherSource: (url: string) => `The source of this import is ${url}. Start a new import from another one.`,
  otherGroup: (path: string) => `The source group '${path}' is not the one that was imported.`,
  needsTwoFactor: (path: string) =>
    `Import failed. User requires Two-Factor Authentication: '${path}' demands it of its members. Enable it for your account at the destination and try again.`,
};

/** The texts of the 422 responses to a new import. */
export const MESSAGES = { ...GITLAB_MESSAGES, ...OWN_MESSAGES };
