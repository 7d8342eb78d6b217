import { isNotFound, status } from './client-errors.ts';

/** How GitLabs refuse to import a project. Their words differ by version, so only what they share is looked for. */

/** `Name has already been taken`, `Path has already been taken`, with `Project namespace` before it in some versions. */
export const isTaken = status([400, 409, 422], /has already been taken/i);

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
