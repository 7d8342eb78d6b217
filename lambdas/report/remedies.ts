const COMPARE =
  'Look for reasons in the log of the destination; retry where that helps, or add by hand what is missing.';
const ANOTHER_RUN = 'Run again what was not migrated.';

/** What can be done about failures of one class, by `exception_class`: a sentence or two, in the words of docs/api.md. */
const REMEDIES: Readonly<Record<string, string>> = {
  'BulkImports::TokenRejectedError': 'Take a token that is valid, and run it again.',
  'BulkImports::TokensExpiredError': ANOTHER_RUN,
  'BulkImports::TokenUseError': ANOTHER_RUN,
  'BulkImports::AttributeRejectedError': 'Set it by hand at the destination.',
  'BulkImports::IncompleteRecordError': 'Correct it by hand at the destination.',
  'BulkImports::UnsupportedByDestinationError':
    'Do without it, or change the edition or the settings of the destination and run it again.',
  'BulkImports::UserMappingError':
    'Send a mapping that names somebody else, and run the members again with it.',
  'BulkImports::Groups::Loaders::GroupLoader::GroupCreationError':
    'Remove the cause that the message names, and run the group again.',
  'BulkImports::ParentNotCreatedError':
    'Remove the cause that the failure of the group above names, and run that group again.',
  'BulkImports::BlockedError': 'Remove what stands in the way, and plan again; the import would be refused.',
  'BulkImports::SourceChangedError': 'Compare both groups, and run it again.',
  'BulkImports::Pipeline::FailedError': 'Remove the cause that the message names, and run the project again.',
  'BulkImports::Pipeline::ExpiredError':
    'Look whether background jobs run at that GitLab, and run the project again.',
  'BulkImports::RecordsMissingError': COMPARE,
  'BulkImports::MissingRecordError': 'Run again what is missing, or add it by hand.',
  'BulkImports::DifferentRecordError':
    'Correct it by hand at the destination, unless it was changed on purpose.',
  'BulkImports::NotComparedError': 'Compare them by hand.',
  'BulkImports::NotInArchiveError': 'Set up by hand at the destination what is still needed.',
  'BulkImports::AuthorsNotice': 'Create accounts for these people before an import, or leave it as it is.',
  'BulkImports::PagingError': 'Check the proxies and caches in front of that GitLab, and run it again.',
  'BulkImports::BudgetExceededError':
    'If what the GitLab sends is right, let the operator raise the setting that the message names; else check what answers there.',
  'Gitlab::HTTP_V2::BlockedUrlError': 'Check the base URL of that GitLab, and to where it redirects.',
  'BulkImports::PipelineCrashedError': 'Search the log for the correlation id, and run it again.',
  'BulkImports::WorkflowStartError': ANOTHER_RUN,
  'BulkImports::WorkflowEndedError': ANOTHER_RUN,
  'BulkImports::StaleImportError': ANOTHER_RUN,
  'BulkImports::OtherDestinationError': 'Run it at a service that has the destination of this import.',
  'BulkImports::ImportEndedError': ANOTHER_RUN,
  'BulkImports::EntityNotProcessedError': ANOTHER_RUN,
};

/** The status of a refusal, as messages have it: `(422)`, `(403 Forbidden)`. */
const STATUS = /\((\d{3})\b/;
/** Refusals that say nothing against the request itself: a right that can be granted, or trouble. */
const MAY_CHANGE = [401, 403, 408, 429];

const OF_REFUSALS = 'Do what the message says, and run again what is missing.';
const OF_RECORDS = 'Do what the message says.';

/** What is known of the classes of failures: those that have an entry of their own. */
export const KNOWN_CLASSES: readonly string[] = Object.keys(REMEDIES);

/**
 * What can be done about a failure, in a sentence or two; whether a retry helps is what the failure itself says. Of a
 * refusal its status decides whether it comes again; a class that nobody knows is GitLab's own, of a record that it could
 * not import.
 */
export function remedyOf({ exceptionClass, exceptionMessage }: FailureWords): string {
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
