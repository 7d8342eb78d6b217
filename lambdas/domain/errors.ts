/**
 * What can go wrong while a group is migrated. `name` is set on each class by hand, because a bundler shortens class
 * names and the name is shown to users as the failure's `exception_class`; the names are GitLab's where GitLab has
 * one for the case.
 *
 * Messages say what happened, at which of the two GitLabs, and what to do next, in at most 255 characters.
 */

/** Which of the two GitLabs an error speaks of. */
export type Instance = 'source' | 'destination';

/** The base of the family: a problem with one record or one pipeline that is worth a failure row. */
export class MigrationError extends Error {
  override name = 'BulkImports::Error';
}

/**
 * What is waited for: `limit`, that it is our turn (429, or a rate limiter of our own); `outage`, that the GitLab works
 * again (5xx, no connection, a proxy's page); `job`, that a GitLab has done what it was asked for.
 */
export const WAITS_FOR = ['limit', 'outage', 'job'] as const;
export type WaitsFor = (typeof WAITS_FOR)[number];

/** A text of a record at the source is longer than its field can be. */
export class TextTooLongError extends MigrationError {
  override name = 'BulkImports::BudgetExceededError';

  /** @param most characters */
  constructor(field: string, length: number, most: number) {
    super(
      `Its ${field} at the source has ${length} characters, and no more than ${most} are taken from a GitLab. Shorten it there, and import again.`,
    );
  }
}

/** The destination refused to create the group; the entity cannot go on. */
export class GroupCreationError extends MigrationError {
  override name = 'BulkImports::Groups::Loaders::GroupLoader::GroupCreationError';
}

/** The destination's edition or settings do not have what the record needs. */
export class UnsupportedByDestinationError extends MigrationError {
  override name = 'BulkImports::UnsupportedByDestinationError';
}

/** The destination did not take one attribute of a record, which was written without it. */
export class AttributeRejectedError extends MigrationError {
  override name = 'BulkImports::AttributeRejectedError';
}

/** A group was not migrated because the group above it could not be created. */
export class ParentNotCreatedError extends MigrationError {
  override name = 'BulkImports::ParentNotCreatedError';
}

/** The destination refused to import the project; the entity cannot go on. */
export class ProjectCreationError extends MigrationError {
  override name = 'BulkImports::Error';
}

/** A GitLab has ended what it was asked for, an export or an import, without success. */
export class JobFailedError extends MigrationError {
  override name = 'BulkImports::Pipeline::FailedError';
}

/** A GitLab has not ended in time what it was asked for. */
export class JobExpiredError extends MigrationError {
  override name = 'BulkImports::Pipeline::ExpiredError';
}

/** GitLab could not import a part of a project. Shown under GitLab's own class of error, where it tells one. */
export class NotImportedError extends MigrationError {
  /** Whether it may go well if it is tried again as it is. */
  readonly isWorthAnotherTry: boolean;

  constructor(message: string, isWorthAnotherTry: boolean, name = 'BulkImports::Error') {
    super(message);
    this.name = name;
    this.isWorthAnotherTry = isWorthAnotherTry;
  }
}

/** A GitLab says that it has imported a project, and has fewer records of a relation than the source. */
export class RecordsMissingError extends NotImportedError {
  constructor(message: string, isWorthAnotherTry: boolean) {
    super(message, isWorthAnotherTry, 'BulkImports::RecordsMissingError');
  }
}

/** What a project holds could not be counted at both GitLabs, so that nobody knows whether it is all there. */
export class NotComparedError extends MigrationError {
  override name = 'BulkImports::NotComparedError';
}

/** A project has what GitLab puts into no archive. */
export class NotInArchiveError extends MigrationError {
  override name = 'BulkImports::NotInArchiveError';
}

/** A user mapping names somebody for a member who cannot be given the membership. */
export class UserMappingError extends MigrationError {
  override name = 'BulkImports::UserMappingError';
}

/** The record is at the destination, but not with all that it was to have. */
export class IncompleteRecordError extends MigrationError {
  override name = 'BulkImports::IncompleteRecordError';
}

/** A verification has not found a record at the destination. */
export class MissingRecordError extends MigrationError {
  override name = 'BulkImports::MissingRecordError';
}

/** A verification has found a record at the destination that is not as it is at the source. */
export class DifferentRecordError extends MigrationError {
  override name = 'BulkImports::DifferentRecordError';
}

/** `error.message` when it is an Error, its text otherwise. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
