/** What can be done about failures of one class. */
export interface Remedy {
  /** A sentence or two. */
  text: string;
  /** Whether the same request may go well another time, with nothing but time or a right in between. */
  retryHelps: boolean;
}

const COMPARE = 'Look for reasons in the log of the destination, and add by hand what is missing.';
const ANOTHER_RUN = 'Run again what was not migrated.';

/** By `exception_class`; the words of docs/api.md. */
const REMEDIES: Readonly<Record<string, Remedy>> = {
  'BulkImports::TokenRejectedError': {
    text: 'Take a token that is valid, and run it again.',
    retryHelps: true,
  },
  'BulkImports::TokensExpiredError': { text: ANOTHER_RUN, retryHelps: true },
  'BulkImports::TokenUseError': { text: ANOTHER_RUN, retryHelps: true },
  'BulkImports::AttributeRejectedError': { text: 'Set it by hand at the destination.', retryHelps: false },
  'BulkImports::IncompleteRecordError': { text: 'Correct it by hand at the destination.', retryHelps: false },
  'BulkImports::UnsupportedByDestinationError': {
    text: 'Do without it, or change the edition or the settings of the destination and run it again.',
    retryHelps: false,
  },
  'BulkImports::UserMappingError': {
    text: 'Send a mapping that names somebody else, and run the members again with it.',
    retryHelps: false,
  },
  'BulkImports::Groups::Loaders::GroupLoader::GroupCreationError': {
    text: 'Remove the cause that the message names, and run the group again.',
    retryHelps: true,
  },
  'BulkImports::ParentNotCreatedError': {
    text: 'Remove the cause that the failure of the group above names, and run that group again.',
    retryHelps: true,
  },
  'BulkImports::BlockedError': {
    text: 'Remove what stands in the way, and plan again; the import would be refused.',
    retryHelps: true,
  },
  'BulkImports::SourceChangedError': { text: 'Compare both groups, and run it again.', retryHelps: true },
  'BulkImports::Pipeline::FailedError': {
    text: 'Remove the cause that the message names, and run the project again.',
    retryHelps: true,
  },
  'BulkImports::Pipeline::ExpiredError': {
    text: 'Look whether background jobs run at that GitLab, and run the project again.',
    retryHelps: true,
  },
  'BulkImports::RecordsMissingError': { text: COMPARE, retryHelps: false },
  'BulkImports::MissingRecordError': {
    text: 'Run again what is missing, or add it by hand.',
    retryHelps: true,
  },
  'BulkImports::DifferentRecordError': {
    text: 'Correct it by hand at the destination, unless it was changed on purpose.',
    retryHelps: false,
  },
  'BulkImports::NotComparedError': { text: 'Compare them by hand.', retryHelps: false },
  'BulkImports::NotInArchiveError': {
    text: 'Set up by hand at the destination what is still needed.',
    retryHelps: false,
  },
  'BulkImports::AuthorsNotice': {
    text: 'Create accounts for these people before an import, or leave it as it is.',
    retryHelps: false,
  },
  'BulkImports::PagingError': {
    text: 'Check the proxies and caches in front of that GitLab, and run it again.',
    retryHelps: true,
  },
  'BulkImports::BudgetExceededError': {
    text: 'If what the GitLab sends is right, let the operator raise the setting that the message names; else check what answers there.',
    retryHelps: false,
  },
  'Gitlab::HTTP_V2::BlockedUrlError': {
    text: 'Check the base URL of that GitLab, and to where it redirects.',
    retryHelps: false,
  },
  'BulkImports::PipelineCrashedError': {
    text: 'Search the log for the correlation id, and run it again.',
    retryHelps: true,
  },
  'BulkImports::WorkflowStartError': { text: ANOTHER_RUN, retryHelps: true },
  'BulkImports::WorkflowEndedError': { text: ANOTHER_RUN, retryHelps: true },
  'BulkImports::StaleImportError': { text: ANOTHER_RUN, retryHelps: true },
  'BulkImports::OtherDestinationError': {
    text: 'Run it at a service that has the destination of this import.',
    retryHelps: false,
  },
  'BulkImports::ImportEndedError': { text: ANOTHER_RUN, retryHelps: true },
  'BulkImports::EntityNotProcessedError': { text: ANOTHER_RUN, retryHelps: true },
};

/** The status of a refusal, as messages have it: `(422)`, `(403 Forbidden)`. */
const STATUS = /\((\d{3})\b/;
/** Refusals that say nothing against the request itself: a right that can be granted, or trouble. */
const MAY_CHANGE = [401, 403, 408, 429];

const OF_REFUSALS: Remedy = {
  text: 'Do what the message says, and run again what is missing.',
  retryHelps: true,
};
const OF_RECORDS: Remedy = { text: 'Do what the message says.', retryHelps: false };

/** What is known of the classes of failures: those that have an entry of their own. */
export const KNOWN_CLASSES: readonly string[] = Object.keys(REMEDIES);

/**
 * What can be done about a failure. Of a refusal its status decides whether it comes again; a class that nobody knows is
 * GitLab's own, of a record that it could not import.
 */
export function remedyOf({ exceptionClass, exceptionMessage }: FailureWords): Remedy {
  const known = Object.hasOwn(REMEDIES, exceptionClass) ? REMEDIES[exceptionClass] : undefined;
  if (known !== undefined) return known;
  if (exceptionClass !== 'BulkImports::NetworkError') return OF_RECORDS;
  const status = Number(STATUS.exec(exceptionMessage)?.[1]);
  const isFinal = status >= 400 && status < 500 && !MAY_CHANGE.includes(status);
  return isFinal ? OF_RECORDS : OF_REFUSALS;
}

/** What of a failure tells what can be done. */
export interface FailureWords {
  exceptionClass: string;
  exceptionMessage: string;
}
