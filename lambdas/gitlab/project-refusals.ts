import { isAboutUser, isNotFound, status } from './client-errors.ts';
import { NetworkError } from './errors.ts';

/**
 * How GitLabs refuse to export and import projects, and what somebody has to do about it. Their words differ by version,
 * so only what they share is looked for.
 */

/** `Name has already been taken`, `Path has already been taken`, with `Project namespace` before it in some versions. */
export const isTaken = status([400, 409, 422], /has already been taken/i);

/** What was at the path is still being deleted: `The project is still being deleted. Please try again later.` */
export const isStillDeleting = status([400, 409, 422], /still being deleted/i);

/** Archives are no source of imports there: a bare `403 Forbidden`, as since 16.0 unless somebody has allowed them. */
export const isSourceOff = status(403, /^(403 )?Forbidden$/i);

/** The namespace is not there or not visible: `404 Namespace Not Found`. */
export const isNamespaceMissing = status(404, /Namespace Not Found/i);

/** The endpoint for archives at a URL is switched off: any other 404. */
export const isRemoteImportHidden = (error: unknown) => isNotFound(error) && !isNamespaceMissing(error);

/**
 * GitLab does not take the URL (`File url is blocked: …`, `Failed to retrive headers: …`, GitLab's own spelling), or its
 * column does not (2,048 characters, 512 before 14.10).
 */
export const isLinkRefused = status(
  [400, 422],
  /\burl is blocked|Failed to retrie?ve headers|^Content (length|type)\b|CheckViolation|To import from AWS S3/i,
);

/** GitLab's own check of the user and the group: no right to import there, or nobody may create projects in it. */
const isNamespaceRefused = status(400, /not allowed to import|Namespace is not valid/i);

/** What is said of a group at the destination that takes no project of the token's user. */
export const GROUP_ADVICE =
  "the destination token's user needs the role Maintainer or Owner in it, and it must let them create projects. Change that, and import again.";

/**
 * What an administrator or the user has to do where a GitLab lets no project out or in, whichever it is. A new import is
 * refused with these sentences, and projects of migrated groups fail with them; so they fit into a failure's message.
 */
export const PROJECT_ADVICE = {
  exportsOff:
    "The source GitLab exports no projects. Let an administrator switch on 'Project export' (Admin, Settings, General, Import and export settings), and import the project again.",
  exportRole:
    'The source GitLab refused to export the project: its token needs the role Maintainer or Owner in it. Give its user that role, and import the project again.',
  importsOff:
    "The destination GitLab takes no project archives. Let an administrator allow 'GitLab export' (Admin, Settings, General, Import and export settings, Import sources), and import the project again.",
  group: `The destination GitLab refused the group of the project: ${GROUP_ADVICE}`,
  /** GitLab takes the request of such a user, and then cannot make them a member of the project. */
  bot: 'The destination token is one of a group or project: GitLab imports no project for such a user. Use a personal access token of a user who is Maintainer or Owner of the destination group.',
} as const;

/** Why a GitLab lets no project out; `undefined` where its own words say it, as those about a project or a user do. */
export function adviceOnExport(error: unknown): string | undefined {
  if (isForbidden(error)) return PROJECT_ADVICE.exportRole;
  const isOff = isNotFound(error) && !/Project Not Found/i.test(error.reason);
  return isOff ? PROJECT_ADVICE.exportsOff : undefined;
}

/** Why a GitLab takes no project; `undefined` where its own words say it, or something else is in the way. */
export function adviceOnImport(error: unknown): string | undefined {
  if (isSourceOff(error)) return PROJECT_ADVICE.importsOff;
  return isNamespaceMissing(error) || isNamespaceRefused(error) ? PROJECT_ADVICE.group : undefined;
}

function isForbidden(error: unknown): boolean {
  return error instanceof NetworkError && error.status === 403 && !isAboutUser(error);
}
